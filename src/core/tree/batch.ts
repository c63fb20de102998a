import type { Entry } from './entry.js';
import type { Section } from './section.js';

/** What a change touches, while it is taken in. Marks on the entries keep each of them in once. */
export class Batch {
  readonly #moved: Entry[] = [];
  readonly #touched: Entry[] = [];
  readonly sections: Set<Section>;

  /** @param sections those that are to be computed anew in any case */
  constructor(sections: Iterable<Section> = []) {
    this.sections = new Set(sections);
  }

  /** The sessions whose place is to be found anew. */
  get moved(): readonly Entry[] {
    return this.#moved.filter(({ marks }) => !marks.isGone);
  }

  /** The sessions that are to be computed anew. */
  get touched(): readonly Entry[] {
    return this.#touched.filter(({ marks }) => !marks.isGone);
  }

  /** Says that a session's place is to be found anew. */
  move(entry: Entry): void {
    if (entry.marks.isMoved) return;
    entry.marks.isMoved = true;
    this.#moved.push(entry);
  }

  /** Says that a session is to be computed anew. */
  touch(entry: Entry): void {
    if (entry.marks.isTouched) return;
    entry.marks.isTouched = true;
    this.#touched.push(entry);
  }

  /** Takes a session from where it stands. */
  detach(entry: Entry): void {
    entry.home?.delete(entry);
    if (entry.parent) this.touch(entry.parent);
    if (entry.section) this.sections.add(entry.section);
    entry.parent = null;
    entry.section = null;
  }

  /** Takes the marks off again. */
  end(): void {
    for (const { marks } of this.#moved) marks.isMoved = false;
    for (const { marks } of this.#touched) marks.isTouched = false;
  }
}
