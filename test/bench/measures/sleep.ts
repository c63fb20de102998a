import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses, type ProcessInfo } from '../../../scripts/editor/processes.js';
import { spareDelayMs } from '../../../src/core/session/sessions.js';
import type { BenchContext } from '../context.js';
import { CoreWindow } from '../coreWindow.js';
import type { Finding, Measure } from '../finding.js';
import { prompts } from '../modelScript.js';

const sessions = 8;
/** Longer than the spare takes to come, so that it is there when the sessions sleep. */
const idleMs = spareDelayMs + 4000;
/** From the end of the idle time until a process that is asked to end must be gone. */
const endMs = 5000;
const pollMs = 50;

/** Sessions that nobody uses: what is left of their processes, and how long one takes to wake. Without the editor. */
export function sleep(context: BenchContext): Measure {
  return {
    name: 'sleep',
    title: `${sessions} idle sessions fall asleep, and one wakes`,
    run: () => fallAsleep(context),
  };
}

async function fallAsleep(context: BenchContext): Promise<Finding[]> {
  const left: number[] = [];
  const spares: number[] = [];
  const wake: number[] = [];
  const warm: number[] = [];
  const awake: number[] = [];
  await context.each(
    async () => {
      const window = new CoreWindow(context.stage, { limits: { idleMs, maxLive: sessions } });
      try {
        const all = [];
        for (let number = 0; number < sessions; number++) {
          const session = window.create();
          await window.turn(session, prompts.short);
          all.push(session);
        }
        const [first] = all;
        if (!first) return;
        warm.push(await window.turn(first, prompts.short));
        awake.push((await programs(context.stage.program)).length);
        await delay(idleMs);
        const asked = performance.now();
        const idle = (): Promise<boolean> =>
          programs(context.stage.program).then((running) => running.length <= window.spares.list().length);
        while (!(await idle()) && performance.now() - asked < endMs) await delay(pollMs);
        const running = await programs(context.stage.program);
        const spare = running.filter(({ pid }) => window.spares.list().some(({ process }) => process.pid === pid));
        spares.push(spare.length);
        left.push(running.length - spare.length);
        wake.push(await window.turn(first, prompts.short));
      } finally {
        await window.close();
      }
    },
    Math.min(context.samples, 3),
  );
  return [
    {
      title: `${sessions} idle sessions after the idle time: processes besides the spare`,
      measured: { name: 'left', unit: 'processes', samples: left, statistic: 'worst' },
      reference: null,
      limit: { value: 0, rule: 'none but the spare' },
      details: [
        { name: 'before, the spare included', unit: 'processes', samples: awake },
        { name: 'spares', unit: 'processes', samples: spares },
      ],
    },
    {
      title: 'A session that sleeps: message to first text (against one that is awake)',
      measured: { name: 'asleep', unit: 'ms', samples: wake },
      reference: { name: 'awake', unit: 'ms', samples: warm },
      limit: null,
    },
  ];
}

/** The programs that this process has started and that run. */
async function programs(program: string): Promise<readonly ProcessInfo[]> {
  const all = await listProcesses();
  return all.filter(({ parent, command }) => parent === process.pid && command.startsWith(program));
}
