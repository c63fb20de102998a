import { ClientProgram, type ClientOptions } from '../clientProgram.js';
import type { BenchContext } from '../context.js';
import type { Finding, Measure, Series } from '../finding.js';
import { killHost, type Remains } from '../killHost.js';
import { floodDeltas, prompts } from '../modelScript.js';
import { RawProgram, type TurnTimes } from '../rawProgram.js';

type Transport = ClientOptions['transport'];

const transportsHere: readonly Transport[] = process.platform === 'win32' ? ['pipe'] : ['pty', 'pipe'];
const names = { pty: 'pseudo-terminal', pipe: 'pipes' } as const;
const warmUps = 3;

/** The client over both transports, without the editor: start, latency, rate, and what a killed host leaves behind. */
export function transports(context: BenchContext): Measure {
  return {
    name: 'transports',
    title: 'Pseudo-terminal against pipes',
    async run() {
      return [...(await turns(context)), ...(await starts(context)), ...(await deaths(context))];
    },
  };
}

async function turns(context: BenchContext): Promise<Finding[]> {
  const { program, environment } = context.stage;
  const findings: Finding[] = [];
  for (const [prompt, what, time] of [
    [prompts.short, 'message to first delta', (turn: TurnTimes) => turn.firstDelta],
    [prompts.flood, `message to last of ${floodDeltas} deltas`, (turn: TurnTimes) => turn.lastDelta],
  ] as const) {
    const raw = await RawProgram.start(program, environment);
    const clients = await inTurn((transport) => ClientProgram.start({ program, environment, transport }));
    const all = [raw, ...clients.map(([, client]) => client)];
    const times: number[][] = all.map(() => []);
    try {
      for (let turn = 0; turn < warmUps; turn++) for (const each of all) await each.turn(prompt);
      await context.each(async () => {
        for (const [index, each] of all.entries()) times[index]?.push(time(await each.turn(prompt)));
      });
    } finally {
      for (const each of all) await each.stop();
    }
    const reference = ms('raw program over pipes', times[0] ?? []);
    for (const [index, [transport]] of clients.entries()) {
      findings.push({
        title: `Client alone over ${names[transport]}: ${what}`,
        measured: ms(names[transport], times[index + 1] ?? []),
        reference,
        limit: null,
      });
    }
  }
  return findings;
}

async function starts(context: BenchContext): Promise<Finding[]> {
  const { program, environment } = context.stage;
  const times: Record<Transport, number[]> = { pty: [], pipe: [] };
  await context.each(async () => {
    await inTurn(async (transport) => {
      const client = await ClientProgram.start({ program, environment, transport });
      times[transport].push(client.startMs);
      await client.stop();
    });
  });
  return compare('Client alone: start to initialised', (transport) => ms(names[transport], times[transport]));
}

async function deaths(context: BenchContext): Promise<Finding[]> {
  const { program, environment } = context.stage;
  const remains: Record<Transport, Remains[]> = { pty: [], pipe: [] };
  await context.each(async () => {
    await Promise.all(
      transportsHere.map(async (transport) => {
        remains[transport].push(await killHost({ program, environment, transport }));
      }),
    );
  });
  const series = (transport: Transport, unit: Series['unit'], pick: (each: Remains) => number): Series => ({
    name: names[transport],
    unit,
    samples: remains[transport].map(pick),
    statistic: 'worst',
  });
  return [
    ...compare('Host killed: worst time until the program is gone', (transport) =>
      series(transport, 'ms', (each) => each.goneAfter),
    ),
    ...compare('Host killed: most processes left after 1 s', (transport) =>
      series(transport, 'processes', (each) => each.afterOne),
    ),
    ...compare('Host killed: most processes left after 5 s', (transport) =>
      series(transport, 'processes', (each) => each.afterFive),
    ),
  ];
}

/** One row for the pseudo-terminal, with pipes as what it is compared with; for pipes alone where there are only pipes. */
function compare(title: string, series: (transport: Transport) => Series): Finding[] {
  const pipe = series('pipe');
  if (!transportsHere.includes('pty'))
    return [{ title: `${title}, pipes`, measured: pipe, reference: null, limit: null }];
  return [
    { title: `${title}, pseudo-terminal (against pipes)`, measured: series('pty'), reference: pipe, limit: null },
  ];
}

async function inTurn<T>(work: (transport: Transport) => Promise<T>): Promise<(readonly [Transport, T])[]> {
  const results: (readonly [Transport, T])[] = [];
  for (const transport of transportsHere) results.push([transport, await work(transport)]);
  return results;
}

function ms(name: string, samples: readonly number[]): Series {
  return { name, unit: 'ms', samples };
}
