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

/** Something that can stand among others. Only `Siblings` writes these. */
export interface Sibling<T extends Sibling<T>> {
  /** What it stands among; null when it stands nowhere. */
  home: Siblings<T> | null;
  /** It may have to stand elsewhere among them. */
  isStale: boolean;
}

/**
 * Things that stand side by side, kept in order: what changed is put in its place, the rest is not looked at. Marks on the
 * things take the place of sets, which cost more than all else where thousands come at once.
 */
export class Siblings<T extends Sibling<T>> {
  #sorted: T[] = [];
  #stale: T[] = [];
  #size = 0;
  #hasLost = false;

  get size(): number {
    return this.#size;
  }

  /** Takes one in, out of where it stood. */
  add(one: T): void {
    if (one.home === this) return;
    one.home?.delete(one);
    one.home = this;
    one.isStale = true;
    this.#stale.push(one);
    this.#size += 1;
  }

  delete(one: T): void {
    if (one.home !== this) return;
    one.home = null;
    this.#hasLost = true;
    this.#size -= 1;
  }

  /** Says that one may have to stand elsewhere now. */
  touch(one: T): void {
    if (one.home !== this || one.isStale) return;
    one.isStale = true;
    this.#stale.push(one);
  }

  /** Says that the comparison is another one now. */
  touchAll(): void {
    for (const one of this.#sorted) this.touch(one);
  }

  /** All of them in order. */
  sorted(compare: (a: T, b: T) => number): readonly T[] {
    if (this.#stale.length === 0 && !this.#hasLost) return this.#sorted;
    const kept = this.#sorted.filter((one) => one.home === this && !one.isStale);
    const changed: T[] = [];
    for (const one of this.#stale) {
      // One that was lost and came again is here twice.
      if (one.home !== this || !one.isStale) continue;
      one.isStale = false;
      changed.push(one);
    }
    this.#stale = [];
    this.#hasLost = false;
    if (kept.length < changed.length * 8) this.#sorted = kept.concat(changed).sort(compare);
    else {
      for (const one of changed) kept.splice(placeFor(one, kept, compare), 0, one);
      this.#sorted = kept;
    }
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
