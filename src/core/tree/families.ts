import type { SessionIndexChange, SessionIndexEntry } from '../sessionIndex.js';

/** What says which sessions there are. */
interface Entries {
  entries(): readonly SessionIndexEntry[];
  get(id: string): SessionIndexEntry | undefined;
}

/**
 * Sessions that begin with the same message: one was copied from the other by the program, which does not write down from
 * which. The file that was made first is taken for the one that the others were copied from.
 */
export class Families {
  readonly #index: Entries;
  readonly #byOrigin = new Map<string, Set<string>>();
  readonly #origins = new Map<string, string>();

  /** @param index the transcripts */
  constructor(index: Entries) {
    this.#index = index;
    for (const entry of index.entries()) this.#add(entry);
  }

  /**
   * Follows the index.
   * @returns the sessions whose family is another one now, with those that changed themselves
   */
  update({ changed, removed }: SessionIndexChange): ReadonlySet<string> {
    const touched = new Set([...changed, ...removed]);
    for (const id of touched) {
      const before = this.#origins.get(id);
      const entry = this.#index.get(id);
      if (before === (entry?.origin ?? undefined)) continue;
      for (const other of this.#remove(id, before)) touched.add(other);
      for (const other of entry ? this.#add(entry) : []) touched.add(other);
    }
    return touched;
  }

  /** The sessions that begin with the same message, the session itself among them. */
  of(id: string): Iterable<string> {
    const origin = this.#origins.get(id);
    return (origin === undefined ? undefined : this.#byOrigin.get(origin)) ?? [];
  }

  /**
   * The session that one was copied from by the program.
   * @param id the session
   * @param isCopy tells of a session whether it is known to be a copy itself
   * @returns null when it is the first, or the only one
   */
  parentOf(id: string, isCopy: (id: string) => boolean): string | null {
    let first: SessionIndexEntry | undefined;
    for (const one of this.of(id)) {
      const entry = this.#index.get(one);
      if (entry && !isCopy(one) && (!first || isBefore(entry, first))) first = entry;
    }
    return first && first.id !== id ? first.id : null;
  }

  #add(entry: SessionIndexEntry): Iterable<string> {
    if (entry.origin === null) return [];
    this.#origins.set(entry.id, entry.origin);
    const family = this.#byOrigin.get(entry.origin) ?? new Set<string>();
    this.#byOrigin.set(entry.origin, family.add(entry.id));
    return family;
  }

  #remove(id: string, origin: string | undefined): Iterable<string> {
    if (origin === undefined) return [];
    this.#origins.delete(id);
    const family = this.#byOrigin.get(origin);
    family?.delete(id);
    if (family?.size === 0) this.#byOrigin.delete(origin);
    return family ?? [];
  }
}

function isBefore(a: SessionIndexEntry, b: SessionIndexEntry): boolean {
  return a.bornAt - b.bornAt < 0 || (a.bornAt === b.bornAt && a.id < b.id);
}
