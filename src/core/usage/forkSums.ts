import type { UsageEntry } from '../../protocol/usage/usageEntry.js';
import { addSums, noSum, sumBy, type UsageSum } from './sums.js';

/** What a session used, and what it used together with all that was forked from it. */
export interface ForkSum {
  readonly session: string;
  /** How many forks it is away from the session that all began with; 0 for that one. */
  readonly depth: number;
  readonly own: UsageSum;
  /** Its own and that of its forks, and of theirs. */
  readonly withForks: UsageSum;
}

interface Place {
  readonly session: string;
  readonly depth: number;
  /** Index of its parent's place; -1 for none. */
  readonly parent: number;
}

/**
 * Sums by session and fork subtree: each session once, each behind the one that it was forked from. Those whose forks alone used
 * something are there as well. What cost most comes first.
 * @param entries what was used
 * @param parentOf the session that one was forked from, as far as is known now; the entries tell it of sessions that are gone
 */
export function sumForks(
  entries: readonly UsageEntry[],
  parentOf: (session: string) => string | null,
): readonly ForkSum[] {
  const own = sumBy(entries, ({ session }) => session);
  const children = childrenOf(own.keys(), entries, parentOf);
  const places = arrange(children);
  const sums = places.map(({ session }) => own.get(session) ?? noSum);
  for (const [index, place] of [...places.entries()].reverse()) {
    const [sum, parent] = [sums[index], sums[place.parent]];
    if (sum && parent) sums[place.parent] = addSums(parent, sum);
  }
  const all = places.map(({ session, depth }, index) => {
    return { session, depth, own: own.get(session) ?? noSum, withForks: sums[index] ?? noSum };
  });
  return inOrder(all, places);
}

/** Which sessions were forked from which; those that began by themselves are the children of null. */
function childrenOf(
  used: Iterable<string>,
  entries: readonly UsageEntry[],
  parentOf: (session: string) => string | null,
): ReadonlyMap<string | null, readonly string[]> {
  const told = new Map<string, string>();
  for (const { session, parent } of entries) if (parent !== null) told.set(session, parent);
  const children = new Map<string | null, string[]>([[null, []]]);
  const seen = new Set<string>();
  const waiting = [...used];
  for (let session = waiting.pop(); session !== undefined; session = waiting.pop()) {
    if (seen.has(session)) continue;
    seen.add(session);
    const parent = parentOf(session) ?? told.get(session) ?? null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(session);
    else children.set(parent, [session]);
    if (parent !== null) waiting.push(parent);
  }
  return children;
}

/** Every session once, behind its parent. What names itself as its own forebear begins a tree all the same. */
function arrange(children: ReadonlyMap<string | null, readonly string[]>): readonly Place[] {
  const places: Place[] = [];
  const placed = new Set<string>();
  const begin = (root: string): void => {
    const waiting: Place[] = [{ session: root, depth: 0, parent: -1 }];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (placed.has(place.session)) continue;
      placed.add(place.session);
      const parent = places.push(place) - 1;
      for (const session of children.get(place.session) ?? []) {
        waiting.push({ session, depth: place.depth + 1, parent });
      }
    }
  };
  for (const root of children.get(null) ?? []) begin(root);
  for (const sessions of children.values()) for (const session of sessions) begin(session);
  return places;
}

/** The same with siblings by what they cost, and where that is the same, by their tokens. */
function inOrder(sums: readonly ForkSum[], places: readonly Place[]): readonly ForkSum[] {
  const under = new Map<number, number[]>();
  for (const [index, { parent }] of places.entries()) {
    const siblings = under.get(parent);
    if (siblings) siblings.push(index);
    else under.set(parent, [index]);
  }
  const weight = (index: number): UsageSum => sums[index]?.withForks ?? noSum;
  // The last one waits on top, so that the greatest is taken first.
  const sorted = (parent: number): number[] =>
    (under.get(parent) ?? []).sort((a, b) => compareSums(weight(b), weight(a)));
  const ordered: ForkSum[] = [];
  const waiting = sorted(-1);
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const sum = sums[index];
    if (sum) ordered.push(sum);
    waiting.push(...sorted(index));
  }
  return ordered;
}

/** Compares what is greater: what cost more, else what took more tokens; the greater is first. */
export function compareSums(a: Pick<UsageSum, 'costUsd' | 'tokens'>, b: Pick<UsageSum, 'costUsd' | 'tokens'>): number {
  const all = ({ tokens }: Pick<UsageSum, 'tokens'>): number =>
    tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite;
  return b.costUsd - a.costUsd || all(b) - all(a);
}
