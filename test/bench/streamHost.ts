// Many sessions that stream at the same time in a process of its own, as in an extension host, and prints how that went, as
// JSON. Bundled and started by the benchmark with `--expose-gc`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from '../../src/core/session/session.js';
import { CoreWindow } from './coreWindow.js';
import { prompts } from './modelScript.js';
import { ownTask, taskStage, tell } from './ownTask.js';

const neverMs = 600_000;
/** Programs that start at the same time. */
const startedAtOnce = 2;
const resolutionMs = 1;

const task = ownTask();
const [count, rounds] = [Number(task['sessions']), Number(task['rounds'])];
// One more, because the first of all has code compiled that the others only use.
const limits = { idleMs: neverMs, maxLive: count + 2 };
const window = new CoreWindow(taskStage(task, 'stage'), { limits });
try {
  await window.turn(window.create(), prompts.short);
  const before = memory();
  const sessions: Session[] = [];
  while (sessions.length < count) {
    const some = Array.from({ length: Math.min(startedAtOnce, count - sessions.length) }, () => window.create());
    await Promise.all(some.map((session) => window.turn(session, prompts.short)));
    sessions.push(...some);
  }
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  const found = { p99: [] as number[], longest: [] as number[], seconds: [] as number[], deltas: [] as number[] };
  let peak = 0;
  for (let round = 0; round < rounds; round++) {
    let deltas = 0;
    const listening = sessions.map((session) =>
      session.onEvents(({ events }) => {
        deltas += events.filter(({ kind }) => kind === 'text').length;
      }),
    );
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 250);
    delays.reset();
    delays.enable();
    const start = performance.now();
    await Promise.all(sessions.map((session) => window.turn(session, prompts.steady)));
    found.seconds.push((performance.now() - start) / 1000);
    delays.disable();
    clearInterval(watch);
    for (const one of listening) one.dispose();
    found.p99.push(Math.max(0, delays.percentile(99) / 1e6 - resolutionMs));
    found.longest.push(Math.max(0, delays.max / 1e6 - resolutionMs));
    found.deltas.push(deltas);
    await delay(500);
  }
  const after = memory();
  tell({
    ...found,
    growth: (peak - before.rss) / 1e6 / count,
    heap: (after.heap - before.heap) / 1e6 / count,
  });
} finally {
  await window.close();
}
process.exit();

/** What this process holds, once nothing is there that nobody needs. */
function memory(): { readonly rss: number; readonly heap: number } {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
