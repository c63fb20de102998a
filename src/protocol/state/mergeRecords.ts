import type { QueuedPrompt, SessionRecord } from './workspaceState.js';

/**
 * Brings together what two windows changed in one session's record: each field that we changed is as we have it, every
 * other one as they have it. Of tags and waiting messages each one counts for itself, so that neither window undoes what the
 * other added or took out.
 * @param base the record that our changes began with
 * @param ours that, with our changes
 * @param theirs the record as it is saved now
 */
export function mergeRecords(base: SessionRecord, ours: SessionRecord, theirs: SessionRecord): SessionRecord {
  const of = <K extends keyof SessionRecord>(key: K): SessionRecord[K] =>
    JSON.stringify(base[key]) === JSON.stringify(ours[key]) ? theirs[key] : ours[key];
  // A name and where it comes from belong together.
  const named = base.name === ours.name && base.nameFrom === ours.nameFrom ? theirs : ours;
  return {
    id: theirs.id,
    name: named.name,
    nameFrom: named.nameFrom,
    folder: of('folder'),
    model: of('model'),
    mode: of('mode'),
    appendSystemPrompt: of('appendSystemPrompt'),
    createdAt: of('createdAt'),
    activeAt: Math.max(ours.activeAt, theirs.activeAt),
    head: of('head'),
    draft: of('draft'),
    scroll: of('scroll'),
    queue: mergeLists(base.queue, ours.queue, theirs.queue, ({ id }: QueuedPrompt) => id),
    total: of('total'),
    lineage: of('lineage'),
    starred: of('starred'),
    archived: of('archived'),
    unread: of('unread'),
    tags: mergeLists(base.tags, ours.tags, theirs.tags, (tag) => tag),
  };
}

/** Our list without what they took out, and with what they added behind it. */
function mergeLists<T>(base: readonly T[], ours: readonly T[], theirs: readonly T[], keyOf: (item: T) => string): T[] {
  if (JSON.stringify(base) === JSON.stringify(ours)) return [...theirs];
  const [before, own, others] = [base, ours, theirs].map((list) => new Map(list.map((item) => [keyOf(item), item])));
  const kept = ours.flatMap((item) => {
    const key = keyOf(item);
    const [then, now] = [before?.get(key), others?.get(key)];
    if (then === undefined) return [item];
    // Taken out by them, such as a message that was sent: it stays so, unless we changed it.
    const isOurs = JSON.stringify(then) !== JSON.stringify(item);
    return isOurs ? [item] : now === undefined ? [] : [now];
  });
  const added = theirs.filter((item) => before?.has(keyOf(item)) !== true && own?.has(keyOf(item)) !== true);
  return [...kept, ...added];
}
