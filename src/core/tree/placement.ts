import type { Entry } from './entry.js';
import type { PlacementNote } from './nodes.js';

/** Where a session stands. */
export interface Place {
  /** The session that it stands under, or null for the top. */
  readonly parent: Entry | null;
  readonly note: PlacementNote | null;
}

/**
 * Finds what sessions stand under. A fork whose parent is not there stands at the top. Lineages that go in a circle are
 * opened at their oldest session, which stands at the top; the others stand under it. Takes time in proportion to the
 * sessions that the lineages pass through, however they are linked.
 * @param moved the sessions whose lineage, age or parent changed, and those that stood at the top because of a circle
 * @param find a session by its id
 * @returns the place of each of them, and of the oldest session of each circle that was found
 */
export function findPlaces(
  moved: ReadonlySet<Entry>,
  find: (id: string) => Entry | undefined,
): ReadonlyMap<Entry, Place> {
  const parentOf = ({ summary: { lineage } }: Entry): Entry | undefined =>
    lineage === null ? undefined : find(lineage.parent);
  const oldest = new Set<Entry>();
  const walks = new Map<Entry, Entry>();
  for (const start of moved) {
    let at: Entry | undefined = start;
    while (at && !walks.has(at)) {
      walks.set(at, start);
      at = parentOf(at);
    }
    // Back on this walk's own path: a circle. On an earlier one's: that has found the circle, if there is one.
    if (at && walks.get(at) === start) oldest.add(oldestInCircle(at, parentOf));
  }
  const places = new Map<Entry, Place>();
  for (const entry of [...moved, ...oldest]) {
    const parent = oldest.has(entry) ? null : (parentOf(entry) ?? null);
    const gone = parent === null && entry.summary.lineage !== null;
    places.set(entry, { parent, note: oldest.has(entry) ? 'cycle' : gone ? 'parentGone' : null });
  }
  return places;
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
 * Sessions with everything that they stand under, each before what it stands under.
 * @param entries where to begin
 */
export function bottomUp(entries: Iterable<Entry>): readonly Entry[] {
  const depths = new Map<Entry, number>();
  for (const entry of entries) {
    const path: Entry[] = [];
    let at: Entry | null = entry;
    for (; at && !depths.has(at); at = at.parent) path.push(at);
    let depth = at ? (depths.get(at) ?? 0) : 0;
    for (const one of path.reverse()) depths.set(one, (depth += 1));
  }
  return [...depths].sort(([, a], [, b]) => b - a).map(([entry]) => entry);
}
