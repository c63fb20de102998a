import type { SessionSummary } from './summary.js';
import type { SubtreeTotals } from './nodes.js';

/**
 * How sessions that stand side by side are ordered: newest activity first, newest first, by name, dearest first. Activity
 * and cost count with the forks, so that a fork that has just been used brings its whole tree to the top.
 */
export const sortOrders = ['activity', 'created', 'name', 'cost'] as const;

/** How sessions that stand side by side are ordered. */
export type SortOrder = (typeof sortOrders)[number];

/** What sessions are ordered by. */
export interface Sortable {
  readonly summary: SessionSummary;
  readonly totals: SubtreeTotals;
}

/** The comparison for an order. It never says that two different sessions are equal. */
export function comparison(order: SortOrder): (a: Sortable, b: Sortable) => number {
  const first = firstComparison(order);
  return (a, b) => {
    const result = first(a, b);
    if (result !== 0) return result;
    if (a.summary.createdAt !== b.summary.createdAt) return b.summary.createdAt - a.summary.createdAt;
    return a.summary.id < b.summary.id ? -1 : a.summary.id > b.summary.id ? 1 : 0;
  };
}

function firstComparison(order: SortOrder): (a: Sortable, b: Sortable) => number {
  switch (order) {
    case 'activity':
      return (a, b) => b.totals.activeAt - a.totals.activeAt;
    case 'created':
      return (a, b) => b.summary.createdAt - a.summary.createdAt;
    case 'cost':
      return (a, b) => b.totals.costMicros - a.totals.costMicros;
    case 'name': {
      const { compare } = new Intl.Collator(undefined, { numeric: true });
      return (a, b) => compare(a.summary.name, b.summary.name);
    }
  }
}

/** Things that stand side by side, kept in order: what changed is put in its place, the rest is not looked at. */
export class Siblings<T> {
  readonly #members = new Set<T>();
  readonly #stale = new Set<T>();
  #sorted: T[] = [];

  get size(): number {
    return this.#members.size;
  }

  /** All of them, in no order. */
  get members(): ReadonlySet<T> {
    return this.#members;
  }

  add(one: T): void {
    this.#members.add(one);
    this.#stale.add(one);
  }

  delete(one: T): void {
    if (this.#members.delete(one)) this.#stale.add(one);
  }

  /** Says that one may have to stand elsewhere now. */
  touch(one: T): void {
    if (this.#members.has(one)) this.#stale.add(one);
  }

  /** Says that the comparison is another one now. */
  touchAll(): void {
    for (const one of this.#members) this.#stale.add(one);
  }

  /** All of them in order. */
  sorted(compare: (a: T, b: T) => number): readonly T[] {
    if (this.#stale.size === 0) return this.#sorted;
    const kept = this.#sorted.filter((one) => !this.#stale.has(one));
    const changed = [...this.#stale].filter((one) => this.#members.has(one));
    this.#stale.clear();
    this.#sorted = kept.length < changed.length * 8 ? [...kept, ...changed].sort(compare) : kept;
    if (this.#sorted === kept) for (const one of changed) kept.splice(placeFor(one, kept, compare), 0, one);
    return this.#sorted;
  }
}

function placeFor<T>(one: T, sorted: readonly T[], compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = sorted[middle];
    if (at !== undefined && compare(at, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
