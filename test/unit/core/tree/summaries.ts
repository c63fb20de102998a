import fc from 'fast-check';
import type { SectionFolder, SessionSummary } from '../../../../src/core/tree/summary.js';

/** A time that tests count from; milliseconds since 1970. */
export const start = 1_700_000_000_000;

/** A session that nothing is special about. */
export function summary(id: string, change: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id,
    folder: '/work/one',
    name: `Session ${id}`,
    createdAt: start,
    activeAt: start,
    state: 'asleep',
    waiting: false,
    failed: false,
    unread: false,
    starred: false,
    archived: false,
    tags: [],
    costUsd: 0,
    lineage: null,
    forkPoint: null,
    source: 'arbor',
    inUseElsewhere: false,
    ...change,
  };
}

/** A fork of a session at its message number `number`, whose UUID is `at-<number>`; null for the whole conversation. */
export function fork(
  id: string,
  parent: string,
  number: number | null,
  change: Partial<SessionSummary> = {},
): SessionSummary {
  return summary(id, {
    lineage: { parent, at: number === null ? null : `at-${String(number)}`, kind: 'fork' },
    forkPoint: number === null ? null : { number, text: `Message ${String(number)}` },
    ...change,
  });
}

/** A folder of the workspace. */
export function folder(path: string, change: Partial<SectionFolder> = {}): SectionFolder {
  return { path, name: path.slice(path.lastIndexOf('/') + 1), branch: null, worktrees: [], ...change };
}

/** The ids that `anySummary` uses. */
export const ids = Array.from('abcdefghijkl');

/** Any session, forked from any other, itself or one that is not there. */
export const anySummary: fc.Arbitrary<SessionSummary> = fc
  .record({
    id: fc.constantFrom(...ids),
    folder: fc.constantFrom('/work/one', '/work/two', '/work/tree', '/elsewhere'),
    name: fc.constantFrom('', 'alpha', 'beta', 'Beta 2', 'Beta 10'),
    createdAt: fc.integer({ min: 0, max: 3 }),
    activeAt: fc.integer({ min: 0, max: 4 }),
    state: fc.constantFrom('asleep' as const, 'running' as const, 'waiting' as const, 'foreign' as const),
    waiting: fc.boolean(),
    archived: fc.boolean(),
    starred: fc.boolean(),
    tags: fc.subarray(['red', 'Green']),
    costUsd: fc.constantFrom(0, 0.1, 0.2, 0.7),
    parent: fc.option(fc.constantFrom(...ids, 'gone'), { freq: 4 }),
    number: fc.option(fc.integer({ min: 1, max: 3 })),
    isAside: fc.boolean(),
  })
  .map(({ parent, number, isAside, ...change }) => {
    const made = parent === null ? summary(change.id, change) : fork(change.id, parent, number, change);
    return made.lineage && isAside ? { ...made, lineage: { ...made.lineage, kind: 'aside' } } : made;
  });
