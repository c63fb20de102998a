import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Three suites, each a project: `vitest --project unit`. The real program and the real editor are shared resources on a
// small machine, so that their files run one after the other.
export default defineConfig({
  test: {
    allowOnly: false,
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}'],
          testTimeout: 20_000,
          // By default one core would be left idle, which on two is half of them; several files wait more than they compute.
          maxWorkers: Math.max(2, availableParallelism()),
          // A process for each file costs more than most files. The files' own modules are fresh all the same, and ours keep
          // no state (lint sees to it).
          isolate: false,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // As patient as the browser's driver: on a slow disk the program alone takes seconds to start.
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 90_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
