import type { StateStore } from '../../../../src/core/storePorts.js';
import { emptyState, type SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { sessionRecord } from './storeParts.js';

/** How much text each of the two sessions of a written state holds. */
const fillerLength = 40_000;

/**
 * Writes states whose parts must agree, each one's number greater than the one before, until the process is killed.
 * @param store where to write
 * @param written told the number of each state that was written
 */
export async function writeForever(store: StateStore, written: (count: number) => void): Promise<never> {
  for (;;) {
    let count = 0;
    await store.update((state) => {
      count = Number(state.open ?? 0) + 1;
      const record = (name: string): SessionRecord =>
        sessionRecord(name, { draft: String(count).padEnd(fillerLength, '.') });
      return { ...emptyState(), open: String(count), sessions: [record('first'), record('last')] };
    });
    written(count);
  }
}

/**
 * The number of a state that `writeForever` wrote.
 * @throws Error when its parts do not agree
 */
export function stateNumber(state: {
  readonly open: string | null;
  readonly sessions: readonly SessionRecord[];
}): number {
  const count = state.open ?? '0';
  const drafts = state.sessions.map(({ draft }) => draft);
  const wanted = count === '0' ? [] : [count.padEnd(fillerLength, '.'), count.padEnd(fillerLength, '.')];
  if (JSON.stringify(drafts) !== JSON.stringify(wanted)) throw new Error(`state ${count} is not whole`);
  return Number(count);
}
