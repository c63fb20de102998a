import { ArborError } from '../../base/errors.js';
import {
  emptyTranscript,
  type AssistantMessage,
  type Message,
  type Transcript,
} from '../../protocol/session/transcript.js';
import { newSessionRecord, type SessionRecord } from '../../protocol/state/workspaceState.js';
import { excerptOf } from '../search/excerpt.js';
import type { ConversationPage, Transcripts } from '../storePorts.js';
import type { ForkPoint } from '../tree/summary.js';
import type { History } from './history.js';
import { isCompaction, TranscriptReducer } from './reducer.js';
import { readConversation, readTaken } from './reopening.js';
import { cannotFork, cannotForkCompacted, cannotForkMissing, unreadableTranscript } from './transcriptProblems.js';

/**
 * Where a fork leaves its parent: behind a message, before one (which is to be said in another way), behind all that there
 * is now, or before everything (it then only works as its parent does). Messages are meant by their numbers.
 */
export type ForkPlace = { readonly behind: number } | { readonly before: number } | 'now' | 'nothing';

/** What this window has in memory of a session that is forked. */
export interface KnownConversation {
  readonly transcript: Pick<Transcript, 'messages' | 'turn'>;
  readonly history: Pick<History, 'hasUnread' | 'readEarlier'>;
}

/** Messages of a conversation, the last one among them. */
interface KnownMessages {
  readonly messages: readonly Message[];
  /** Whether the conversation's first is among them, so that their numbers are the conversation's. */
  readonly isWhole: boolean;
}

interface NamedMessage {
  readonly uuid: string;
  readonly message: Message;
  /** The transcript need not have it (yet). */
  readonly mayBeUnwritten: boolean;
}

/** What a fork begins with. */
export interface TakenOver {
  /** Id of the session whose transcript has it. */
  readonly from: string;
  /** UUID of the last message that it takes over, as the program knows it; empty when it takes nothing, null when it takes all. */
  readonly at: string | null;
  /** That message as it is shown; null when it takes nothing. */
  readonly point: ForkPoint | null;
  readonly page: ConversationPage;
}

const nothing: ConversationPage = { events: [], cursor: null, unreadable: 0 };

/**
 * Reads what a fork takes over. A message of Claude's that still streams may not be in the transcript yet; then the fork goes
 * as far as there is something.
 * @param parent the record of the session that is forked
 * @param known what is in memory of it, or null when the session is not live
 * @param place where the fork leaves
 * @param transcripts where to read
 * @throws ArborError `transcriptMissing` when the parent has no transcript, or when the program cannot go back to that
 * message any more because the conversation was compacted since; else as `Transcripts.readUpTo`
 */
export async function readFork(
  parent: SessionRecord,
  known: KnownConversation | null,
  place: ForkPlace,
  transcripts: Transcripts,
): Promise<TakenOver> {
  try {
    return await findPlace(parent, known, place, transcripts);
  } catch (error) {
    throw unreadableTranscript(error);
  }
}

async function findPlace(
  parent: SessionRecord,
  known: KnownConversation | null,
  place: ForkPlace,
  transcripts: Transcripts,
): Promise<TakenOver> {
  const whole = { from: parent.id, at: '', point: null, page: nothing };
  if (place === 'nothing') return whole;
  const { messages, isWhole } = known
    ? await messagesUpTo(known, place)
    : messagesOf(await readConversation(parent, transcripts));
  if (takenFrom(messages, place).length === 0) return whole;
  const reachable = takenFrom(sinceCompaction(messages), place);
  if (reachable.length === 0) throw cannotForkCompacted();
  const from = await transcriptOwner(parent, transcripts);
  const found = await readLongest(parent.folder, from, namedOf(messages, new Set(reachable)), transcripts);
  if (typeof found !== 'string') {
    const { page, message } = found;
    const point = pointAt(message, isWhole);
    if (!(await transcripts.wasCompacted(parent.folder, from, found.uuid))) return { from, at: found.at, point, page };
    if (place !== 'now') throw cannotForkCompacted();
    // Nothing was said since the compaction: all of it is what Claude has now.
    return { from, at: null, point, page: await readTaken(parent.folder, from, null, transcripts) };
  }
  // The program has not written anything of a conversation that has just begun.
  if (known !== null && isFirstTurn(known)) return whole;
  throw found === 'gone' ? cannotFork() : await whyMissing(parent.folder, from, transcripts);
}

/** The record of a fork: all that its parent works with, and nothing of what happened in it. */
export function forkRecord(
  parent: SessionRecord,
  fork: Pick<TakenOver, 'from' | 'at' | 'point'> & {
    readonly id: string;
    readonly kind: 'fork' | 'aside';
    /** Milliseconds since 1970. */
    readonly now: number;
  },
): SessionRecord {
  const { folder, model, mode, appendSystemPrompt, name } = parent;
  const { id, from, at, point, kind, now } = fork;
  const lineage = { parent: from, at, kind, ...(point ? { point } : {}) };
  return { ...newSessionRecord({ id, folder, at: now }), name, model, mode, appendSystemPrompt, lineage };
}

/** Whether a session is there only until it is closed. */
export function isAside({ lineage }: Pick<SessionRecord, 'lineage'>): boolean {
  return lineage?.kind === 'aside';
}

/** The record of an aside as that of a fork like any other, which stays; any other record as it is. */
export function keptRecord(record: SessionRecord): SessionRecord {
  const { lineage } = record;
  return lineage?.kind === 'aside' ? { ...record, lineage: { ...lineage, kind: 'fork' } } : record;
}

/**
 * Whose transcript has the conversation: that of a fork has none before its first prompt, so that a fork of it is one of the
 * session that it was forked from.
 */
async function transcriptOwner(record: SessionRecord, transcripts: Transcripts): Promise<string> {
  const { id, folder, head, lineage } = record;
  if (lineage === null || lineage.at === '' || head !== null) return id;
  return (await transcripts.exists(folder, id)) ? id : lineage.parent;
}

/** @param named the messages by which a fork could name its place, the best first */
async function readLongest(
  folder: string,
  from: string,
  named: readonly NamedMessage[],
  transcripts: Transcripts,
): Promise<
  (Pick<TakenOver, 'page'> & Pick<NamedMessage, 'message' | 'uuid'> & { readonly at: string }) | 'gone' | 'unwritten'
> {
  for (const { uuid, message, mayBeUnwritten } of named) {
    try {
      const { at = uuid, ...page } = await readTaken(folder, from, uuid, transcripts);
      return { at, page, message, uuid };
    } catch (error) {
      if (!(error instanceof ArborError)) throw error;
      if (error.code === 'transcriptMissing') return 'gone';
      if (error.code !== 'notFound') throw error;
      if (!mayBeUnwritten) throw await whyMissing(folder, from, transcripts, error);
    }
  }
  return 'unwritten';
}

/** A transcript does not have a message: because it is another one now, or because it is gone. */
async function whyMissing(
  folder: string,
  from: string,
  transcripts: Transcripts,
  cause?: unknown,
): Promise<ArborError> {
  return (await transcripts.exists(folder, from)) ? cannotForkMissing(cause) : cannotFork(cause);
}

/** What is in memory, with the page before it where the fork leaves at its beginning. */
async function messagesUpTo(
  { transcript, history }: KnownConversation,
  place: Exclude<ForkPlace, 'nothing'>,
): Promise<KnownMessages> {
  while (history.hasUnread && takenFrom(transcript.messages, place).length === 0) await history.readEarlier();
  return { messages: transcript.messages, isWhole: !history.hasUnread };
}

function takenFrom(messages: readonly Message[], place: Exclude<ForkPlace, 'nothing'>): readonly Message[] {
  if (place === 'now') return messages;
  return messages.filter(({ number }) => ('behind' in place ? number <= place.behind : number < place.before));
}

function namedOf(messages: readonly Message[], reachable: ReadonlySet<Message>): readonly NamedMessage[] {
  const lastTurn = messages.findLastIndex(({ role }) => role === 'user');
  let isCommand = false;
  const named = messages.flatMap((message, index): readonly NamedMessage[] => {
    // What the program does by itself on a command of its own is not all in the transcript.
    if (message.role === 'user') isCommand = message.text.startsWith('/');
    const { uuid } = message;
    if (uuid === null || uuid === '' || !reachable.has(message)) return [];
    return [{ uuid, message, mayBeUnwritten: isCommand || index >= lastTurn }];
  });
  return named.reverse();
}

function pointAt(message: Message, isWhole: boolean): ForkPoint {
  const text = message.role === 'user' ? message.text : firstWords(message);
  return { number: isWhole ? message.number : null, text: excerptOf(text, []).excerpt };
}

function firstWords({ blocks }: AssistantMessage): string {
  for (const block of blocks) if (block.type === 'text' && block.text.trim() !== '') return block.text;
  return '';
}

/**
 * The messages that the program can still go back to: it reads its transcript from the last compaction on (observed with
 * 2.1.329, "No message found with message.uuid of: …"). The `/compact` of the user's is written behind what it does.
 */
function sinceCompaction(messages: readonly Message[]): readonly Message[] {
  const last = messages.findLastIndex((message) => message.role === 'assistant' && message.blocks.some(isCompaction));
  const before = messages[last - 1];
  const isAsked = before?.role === 'user' && before.text.startsWith('/compact');
  return messages.slice(Math.max(0, isAsked ? last - 1 : last));
}

function isFirstTurn({ transcript, history }: KnownConversation): boolean {
  const prompts = transcript.messages.filter(({ role }) => role === 'user');
  return transcript.turn !== null && prompts.length === 1 && !history.hasUnread;
}

function messagesOf({ events, cursor }: ConversationPage): KnownMessages {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return { messages: reducer.transcript.messages, isWhole: cursor === null };
}
