import type { Entry } from './entry.js';

/** Which sessions say that they were forked from which, whether that one is there or not. */
export class Offspring {
  readonly #byParent = new Map<string, Set<Entry>>();

  /** The sessions that name one as their parent. */
  of(id: string): Iterable<Entry> {
    return this.#byParent.get(id) ?? [];
  }

  /** Takes in a session by its lineage. */
  add(entry: Entry): void {
    const parent = entry.summary.lineage?.parent;
    if (parent === undefined) return;
    const siblings = this.#byParent.get(parent);
    if (siblings) siblings.add(entry);
    else this.#byParent.set(parent, new Set([entry]));
  }

  /** Forgets a session; its lineage is still what it was when it was added. */
  delete(entry: Entry): void {
    const parent = entry.summary.lineage?.parent;
    const siblings = parent === undefined ? undefined : this.#byParent.get(parent);
    siblings?.delete(entry);
    if (parent !== undefined && siblings?.size === 0) this.#byParent.delete(parent);
  }
}
