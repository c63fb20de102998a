import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import type { Session } from '../session/session.js';
import type { SessionIndexEntry } from '../sessionIndex.js';
import type { Lineage, SessionSummary } from './summary.js';

/** All that is known of a session; at least one of the three is there. */
export interface KnownOfSession {
  readonly live: Session | undefined;
  readonly record: SessionRecord | undefined;
  readonly entry: SessionIndexEntry | undefined;
  /** Id of the session that the program copied it from, or null. */
  readonly copiedFrom: string | null;
  /** The workspace folder that it belongs to, where its transcript does not say. */
  readonly folder: string | undefined;
  readonly inUseElsewhere: boolean;
}

/**
 * What the tree shows of a session.
 * @param id its id
 * @param known what is known of it
 */
export function summarize(id: string, known: KnownOfSession): SessionSummary {
  const { live, record, entry, inUseElsewhere } = known;
  const state = live?.state ?? (record ? 'asleep' : 'foreign');
  const lineage = lineageOf(known);
  return {
    id,
    folder: entry?.folder ?? known.folder ?? record?.folder ?? '',
    name: nameOf(record, entry),
    createdAt: record?.createdAt ?? entry?.createdAt ?? 0,
    activeAt: Math.max(record?.activeAt ?? 0, entry?.activeAt ?? 0),
    state,
    waiting: state === 'waiting',
    failed: live ? hasFailed(live) : false,
    unread: record?.unread ?? false,
    starred: record?.starred ?? false,
    archived: record?.archived ?? false,
    tags: record?.tags ?? [],
    costUsd: record?.total.costUsd ?? 0,
    lineage,
    forkPoint: record?.lineage?.point ?? null,
    source: record ? 'arbor' : 'program',
    inUseElsewhere,
  };
}

/** What the user called it, else the program's title for it, else its first words. A fork's transcript has its parent's title. */
function nameOf(record: SessionRecord | undefined, entry: SessionIndexEntry | undefined): string {
  if (record && (record.nameFrom === 'user' || (record.lineage && record.name !== ''))) return record.name;
  const isTitled = entry?.titleSource === 'custom' || entry?.titleSource === 'generated';
  if (isTitled || record === undefined || record.name === '') return entry?.title ?? '';
  return record.name;
}

/** Our own word of where it comes from, else what its transcript says, else what it has in common with others. */
function lineageOf({ record, entry, copiedFrom }: KnownOfSession): Lineage | null {
  if (record?.lineage) {
    const { parent, at, kind } = record.lineage;
    return { parent, at, kind };
  }
  if (entry?.forkedFrom) return { parent: entry.forkedFrom.session, at: entry.forkedFrom.message, kind: 'fork' };
  return copiedFrom === null ? null : { parent: copiedFrom, at: null, kind: 'fork' };
}

function hasFailed({ transcript: { messages } }: Session): boolean {
  const last = messages.at(-1);
  return last?.role === 'assistant' && last.state === 'failed';
}
