import type { BenchContext } from '../context.js';
import type { Finding, Measure, Series } from '../finding.js';
import { floodDeltas, prompts } from '../modelScript.js';
import { RawProgram, type TurnTimes } from '../rawProgram.js';
import { SdkProgram } from '../sdkProgram.js';
import { SpareWatch } from '../spareWatch.js';
import { median } from '../statistics.js';

/** Turns before the first sample, so that every program has compiled what it runs. */
const warmUps = 3;

const firstDelta = 'raw program: message written to first delta read';
const lastDelta = 'raw program: message written to last delta read';

/** Milliseconds in which the editor and our code may add their part to a warm turn's first text. */
const warmAllowance = 30;
/** The same for a new session's first turn. */
const newAllowance = 60;
/** How many times the raw program's time all the deltas may take to be painted. */
const floodFactor = 1.5;

/** Warm turn: from the click on Send to the first text painted, each sample right after one of the raw program's. */
export function warmTurn(context: BenchContext): Measure {
  return {
    name: 'warm',
    title: 'Warm turn',
    async run() {
      const raw: TurnTimes[] = [];
      const sdk: TurnTimes[] = [];
      const painted: number[] = [];
      const echoed: number[] = [];
      await withPrograms(context, prompts.short, async (programs) => {
        const editor = await context.editor();
        await editor.openChat();
        const echo = await editor.openEcho();
        for (let turn = 0; turn < warmUps; turn++) {
          await editor.turn(prompts.short);
          await echo();
        }
        await context.each(async () => {
          raw.push(await programs.raw.turn(prompts.short));
          painted.push((await editor.turn(prompts.short)).first);
          echoed.push(await echo());
          sdk.push(await programs.sdk.turn(prompts.short));
        });
      });
      const reference = firstDeltas(firstDelta, raw);
      return [
        {
          title: 'Warm turn: click on Send to first answer text painted',
          measured: ms('Arbor', painted),
          reference,
          limit: allowed(reference, warmAllowance),
        },
        {
          title: 'The editor alone for comparison: click, message to an extension and back, painted',
          measured: ms('companion extension', echoed),
          reference: null,
          limit: null,
        },
        {
          title: 'The Agent SDK for comparison: warm first delta',
          measured: firstDeltas('Agent SDK', sdk),
          reference,
          limit: null,
        },
      ];
    },
  };
}

/** First turn of a new session that takes over the folder's warm spare. */
export function newSession(context: BenchContext): Measure {
  return {
    name: 'spare',
    title: "New session's first turn",
    async run() {
      const raw: TurnTimes[] = [];
      const painted: number[] = [];
      const editor = await context.editor();
      await editor.openChat();
      await editor.turn(prompts.short);
      const program = await warmRaw(context, prompts.short);
      const spares = new SpareWatch(() => editor.programs());
      try {
        await context.each(async () => {
          await spares.untilReady();
          await editor.newSession();
          raw.push(await program.turn(prompts.short));
          painted.push((await editor.turn(prompts.short)).first);
        });
      } finally {
        await program.stop();
      }
      const reference = firstDeltas(firstDelta, raw);
      return [
        {
          title: "New session's first turn with the spare ready: click to first text painted",
          measured: ms('Arbor', painted),
          reference,
          limit: allowed(reference, newAllowance),
        },
      ];
    },
  };
}

/** Thousands of deltas without a pause: from the click to the last one painted. */
export function flood(context: BenchContext): Measure {
  return {
    name: 'flood',
    title: `${floodDeltas} deltas without pause`,
    async run() {
      const raw: TurnTimes[] = [];
      const sdk: TurnTimes[] = [];
      const painted: number[] = [];
      await withPrograms(context, prompts.flood, async (programs) => {
        const editor = await context.editor();
        await editor.openChat();
        for (let turn = 0; turn < warmUps; turn++) await editor.turn(prompts.flood);
        await context.each(async () => {
          raw.push(await programs.raw.turn(prompts.flood));
          painted.push((await editor.turn(prompts.flood)).last);
          sdk.push(await programs.sdk.turn(prompts.flood));
        });
      });
      for (const { deltas } of [...raw, ...sdk]) {
        if (deltas !== floodDeltas) throw new Error(`${deltas} deltas came instead of ${floodDeltas}`);
      }
      const reference = lastDeltas(lastDelta, raw);
      return [
        {
          title: `${floodDeltas} deltas without pause: click to last one painted`,
          measured: ms('Arbor', painted),
          reference,
          limit: { value: median(reference.samples) * floodFactor, rule: `${floodFactor} × raw` },
        },
        {
          title: `The Agent SDK for comparison: ${floodDeltas} deltas`,
          measured: lastDeltas('Agent SDK', sdk),
          reference,
          limit: null,
        },
      ];
    },
  };
}

async function warmRaw({ stage }: BenchContext, prompt: string): Promise<RawProgram> {
  const raw = await RawProgram.start(stage.program, stage.environment);
  for (let turn = 0; turn < warmUps; turn++) await raw.turn(prompt);
  return raw;
}

async function withPrograms(
  context: BenchContext,
  prompt: string,
  work: (programs: { readonly raw: RawProgram; readonly sdk: SdkProgram }) => Promise<void>,
): Promise<void> {
  const raw = await warmRaw(context, prompt);
  const sdk = await SdkProgram.start(context.stage);
  try {
    for (let turn = 0; turn < warmUps; turn++) await sdk.turn(prompt);
    await work({ raw, sdk });
  } finally {
    await sdk.stop();
    await raw.stop();
  }
}

function ms(name: string, samples: readonly number[]): Series {
  return { name, unit: 'ms', samples };
}

function firstDeltas(name: string, turns: readonly TurnTimes[]): Series {
  return ms(
    name,
    turns.map((turn) => turn.firstDelta),
  );
}

function lastDeltas(name: string, turns: readonly TurnTimes[]): Series {
  return ms(
    name,
    turns.map((turn) => turn.lastDelta),
  );
}

function allowed(reference: Series, allowance: number): NonNullable<Finding['limit']> {
  return { value: median(reference.samples) + allowance, rule: `raw first delta + ${allowance} ms` };
}
