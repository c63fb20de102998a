import { ArborError, type Explanation } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { addUsage } from '../../protocol/session/transcript.js';
import { newSessionRecord, type SessionRecord } from '../../protocol/state/workspaceState.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import type { SessionIndexEntry } from '../sessionIndex.js';
import type { ConversationPage, Journal, JournalEntry, PageUpTo, Transcripts } from '../storePorts.js';
import { deliveredOf } from './deliveredPrompts.js';
import { pageSize } from './history.js';
import { readTail } from './journalTail.js';
import { withLostTurns, type Completed } from './lostTurns.js';
import { recover, type Recovery } from './recovery.js';
import {
  forkWithoutMessage,
  forkWithoutParent,
  transcriptLost,
  unreadableLines,
  unreadableTranscript,
} from './transcriptProblems.js';

/** Where a session goes on that an earlier window, or the program by itself, left. */
export interface Reopening {
  /** The record, without what turned out to have been delivered and with what a turn that was cut off had used. */
  readonly record: SessionRecord;
  readonly page: Pick<ConversationPage, 'events' | 'cursor'>;
  /** Events to be written behind those that the journal has: the end of a turn that was cut off. */
  readonly ended: readonly SessionEvent[];
  /** When that turn gave its last sign of life, in milliseconds since 1970. */
  readonly endedAt: number;
  /** Sequence number of the first of them, or of the session's next event. */
  readonly next: number;
  /** What could not be read. */
  readonly problems: readonly Explanation[];
}

/** What conversations are read from. */
export interface ReopeningParts {
  readonly transcripts: Transcripts;
  readonly journal: Journal;
  readonly logger: Logger;
}

/** The record of a session that the program made by itself. */
export function foreignRecord(entry: SessionIndexEntry): SessionRecord {
  const { id, title, createdAt, activeAt } = entry;
  // The program finds a conversation again only where it was begun.
  const folder = entry.isWorktree ? entry.cwd : entry.folder;
  return { ...newSessionRecord({ id, folder, at: createdAt }), name: title, nameFrom: 'program', activeAt };
}

/**
 * Reads what there is of a session. Whatever cannot be read, the session can go on.
 * @param record what is kept of it
 * @param parts where to read
 */
export async function readSession(record: SessionRecord, parts: ReopeningParts): Promise<Reopening> {
  const { transcripts, logger } = parts;
  const [conversation, journaled] = await Promise.allSettled([
    readConversation(record, transcripts),
    journalEnd(record.id, parts),
  ]);
  if (journaled.status === 'rejected') logger.error('The journal could not be read', journaled.reason);
  const { next, tail } = journaled.status === 'fulfilled' ? journaled.value : { next: 0, tail: [] };
  if (conversation.status === 'rejected') {
    logger.error('A transcript could not be read', conversation.reason);
    const { events } = await completed(record, [], true, parts);
    const problems = [explainUnread(record, conversation.reason)];
    return { record, page: { events, cursor: null }, ended: [], endedAt: 0, next, problems };
  }
  const { events, cursor, unreadable, isOwn } = conversation.value;
  const recovery = recover(
    events,
    tail,
    record.queue.map(({ id }) => id),
  );
  const problems = unreadable > 0 ? [unreadableLines(unreadable)] : [];
  const isGone = !isOwn && record.head !== null;
  // What is before a page is not looked for: a file that was cut loses its end, and one that was replaced its beginning.
  const whole =
    cursor === null ? await completed(record, recovery.events, unreadable > 0, parts) : asItIs(recovery.events);
  if (isGone || whole.lost > 0) problems.push(transcriptLost(isGone, whole.lost, whole.isComplete));
  return {
    record: recoveredRecord(record, recovery),
    page: { events: whole.events, cursor },
    ended: recovery.ended,
    endedAt: tail.at(-1)?.at ?? 0,
    next,
    problems,
  };
}

/** Why there is no conversation to be shown. */
function explainUnread({ lineage, head }: SessionRecord, reason: unknown): Explanation {
  const { explanation } = unreadableTranscript(reason);
  const isUnused = lineage !== null && head === null;
  if (isUnused && explanation.code === 'transcriptMissing') return forkWithoutParent();
  return isUnused && explanation.code === 'notFound' ? forkWithoutMessage() : explanation;
}

/** The conversation with what the transcript has lost of it. */
async function completed(
  record: SessionRecord,
  known: readonly SessionEvent[],
  isDamaged: boolean,
  { transcripts, journal, logger }: ReopeningParts,
): Promise<Completed> {
  const { id: sessionId, folder } = record;
  try {
    return await withLostTurns(known, {
      journal,
      sessionId,
      waiting: record.queue.map(({ id }) => id),
      isDamaged,
      isInTranscript: (uuid) => isInTranscript(folder, sessionId, uuid, transcripts),
    });
  } catch (error) {
    logger.warn(`The journal could not be compared with the transcript: ${String(error)}`);
    return asItIs(known);
  }
}

function asItIs(events: readonly SessionEvent[]): Completed {
  return { events, lost: 0, isComplete: true };
}

async function isInTranscript(
  folder: string,
  sessionId: string,
  uuid: string,
  transcripts: Transcripts,
): Promise<boolean> {
  try {
    await transcripts.readUpTo(folder, sessionId, uuid, 1);
    return true;
  } catch (error) {
    // What cannot be read now may be there or not: that it cannot be seen is told apart from this.
    if (!(error instanceof ArborError)) return false;
    return error.code !== 'notFound' && error.code !== 'transcriptMissing';
  }
}

/**
 * The end of a conversation; of a fork that has no transcript of its own, what it takes over from its parent. A fork that was
 * used and has lost its own is shown without that where the parent does not have it any more.
 * @throws ArborError as `Transcripts.readLast` and `readUpTo`
 */
export async function readConversation(
  record: SessionRecord,
  transcripts: Transcripts,
): Promise<ConversationPage & { readonly isOwn: boolean }> {
  const { folder, id, lineage, head } = record;
  const own = await transcripts.readLast(folder, id, pageSize);
  if (own.events.length > 0 || lineage === null) return { ...own, isOwn: own.events.length > 0 };
  try {
    return { ...(await readTaken(folder, lineage.parent, lineage.at, transcripts)), isOwn: false };
  } catch (error) {
    if (head === null || !(error instanceof ArborError)) throw error;
    return { ...own, isOwn: false };
  }
}

/**
 * What a fork takes over.
 * @param folder the parent's folder
 * @param parent id of the session that is forked
 * @param at the last message; null for the whole conversation, empty for nothing of it
 * @returns with the UUID by which the program knows that message
 * @throws ArborError as `Transcripts.readUpTo`
 */
export async function readTaken(
  folder: string,
  parent: string,
  at: string | null,
  transcripts: Transcripts,
): Promise<ConversationPage & Partial<Pick<PageUpTo, 'at'>>> {
  if (at === '') return { events: [], cursor: null, unreadable: 0 };
  return at === null
    ? transcripts.readLast(folder, parent, pageSize)
    : transcripts.readUpTo(folder, parent, at, pageSize);
}

/** Where the journal goes on, and what it has of the last turn. */
async function journalEnd(
  id: string,
  { journal, logger }: ReopeningParts,
): Promise<{ readonly next: number; readonly tail: readonly JournalEntry[] }> {
  const last = await journal.lastSeq(id);
  try {
    return { next: last + 1, tail: await readTail(journal, id, last) };
  } catch (error) {
    logger.error('The end of the journal could not be read', error);
    return { next: last + 1, tail: [] };
  }
}

function recoveredRecord(record: SessionRecord, { events, usage }: Recovery): SessionRecord {
  const delivered = deliveredOf(events, record.queue);
  return {
    ...record,
    queue: record.queue.filter(({ id }) => !delivered.has(id)),
    total: addUsage(record.total, usage),
  };
}
