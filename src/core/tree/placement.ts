import type { Entry } from './entry.js';

/** Counts passes over the entries, so that a mark of an earlier pass is known as such. */
export class Passes {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/**
 * Finds what sessions stand under. A fork whose parent is not there stands at the top. Lineages that go in a circle are
 * opened at their oldest session, which stands at the top; the others stand under it. Takes time in proportion to the
 * sessions that the lineages pass through, however they are linked.
 * @param moved the sessions whose lineage, age or parent changed, and those that stood at the top because of a circle
 * @param find a session by its id
 * @param passes numbers the walks
 * @param place called with the place of each of them, and of the oldest session of each circle that was found
 */
export function findPlaces(
  moved: readonly Entry[],
  find: (id: string) => Entry | undefined,
  passes: Passes,
  place: (entry: Entry, parent: Entry | null, isCircle: boolean) => void,
): void {
  const parentOf = ({ summary: { lineage } }: Entry): Entry | undefined =>
    lineage === null ? undefined : find(lineage.parent);
  const oldest = new Set<Entry>();
  const first = passes.next();
  for (const start of moved) {
    // Where no lineage begins there is nothing to walk.
    if (start.summary.lineage === null) continue;
    const walk = passes.next();
    let at: Entry | undefined = start;
    while (at && at.marks.walk < first) {
      at.marks.walk = walk;
      at = parentOf(at);
    }
    // Back on this walk's own path: a circle. On an earlier one's: that has found the circle, if there is one.
    if (at?.marks.walk === walk) oldest.add(oldestInCircle(at, parentOf));
  }
  for (const entry of moved) if (!oldest.has(entry)) place(entry, parentOf(entry) ?? null, false);
  for (const entry of oldest) place(entry, null, true);
}

function oldestInCircle(start: Entry, parentOf: (entry: Entry) => Entry | undefined): Entry {
  let found = start;
  for (let at = parentOf(start); at && at !== start; at = parentOf(at)) if (isOlder(at, found)) found = at;
  return found;
}

function isOlder({ summary: a }: Entry, { summary: b }: Entry): boolean {
  return a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt;
}

/**
 * Sessions with everything that they stand under, by how deep they stand: first those at the top.
 * @param entries where to begin
 * @param passes numbers the pass
 */
export function byDepth(entries: readonly Entry[], passes: Passes): readonly (readonly Entry[])[] {
  const levels: Entry[][] = [];
  const pass = passes.next();
  const path: Entry[] = [];
  for (const entry of entries) {
    let at: Entry | null = entry;
    for (; at && at.marks.pass !== pass; at = at.parent) path.push(at);
    let depth = at ? at.marks.depth : -1;
    for (let one = path.pop(); one; one = path.pop()) {
      depth += 1;
      one.marks.pass = pass;
      one.marks.depth = depth;
      const level = levels[depth];
      if (level) level.push(one);
      else levels[depth] = [one];
    }
  }
  return levels;
}
