import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { BenchContext } from '../context.js';
import type { Measure, Series } from '../finding.js';
import { steadyDeltas } from '../modelScript.js';
import { bundleScript, runScript, toldNumber, toldNumbers } from '../ownProcess.js';

const sessions = 20;
const rounds = 3;
const limits = { delayMs: 30, memoryMb: 8 } as const;

/** Many sessions that stream at the same time, each with its real program: how long others wait in the host, and its memory. */
export function streams(context: BenchContext): Measure {
  return {
    name: 'streams',
    title: `${sessions} sessions that stream at once`,
    async run() {
      const script = await bundleScript('streamHost');
      const { program, environment } = context.stage;
      const { home, temporary, workspace, env } = environment;
      const root = path.join(environment.root, 'streams');
      const stage = { program, environment: { root, home, temporary, workspace, env } };
      const told = await runScript(script, { stage, sessions, rounds: Math.min(rounds, context.samples) });
      await rm(root, { recursive: true, force: true });
      const deltas = toldNumbers(told, 'deltas');
      if (deltas.some((each) => each < sessions * steadyDeltas)) {
        throw new Error(`Only ${String(deltas)} deltas came`);
      }
      const worst = (name: string, from: string): Series => ({
        ...{ name, unit: 'ms', statistic: 'worst' },
        samples: toldNumbers(told, from),
      });
      return [
        {
          title: `${sessions} sessions streaming at once: event loop delay, 99th percentile`,
          measured: worst('99th percentile of each round', 'p99'),
          reference: null,
          limit: { value: limits.delayMs, rule: `${limits.delayMs} ms` },
          details: [worst('the longest', 'longest')],
          notes: [
            `The real program in each session; ${steadyDeltas} deltas each, a hundred a second, took ${toldNumbers(
              told,
              'seconds',
            )
              .map((each) => each.toFixed(1))
              .join(', ')} s.`,
          ],
        },
        {
          title: `${sessions} sessions streaming at once: host memory per session`,
          measured: { name: 'growth at most', unit: 'MB', samples: [toldNumber(told, 'growth')] },
          reference: null,
          limit: { value: limits.memoryMb, rule: `${limits.memoryMb} MB` },
          details: [{ name: 'what is held after it', unit: 'MB', samples: [toldNumber(told, 'heap')] }],
        },
      ];
    },
  };
}
