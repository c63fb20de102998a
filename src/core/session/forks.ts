import { ArborError } from '../../base/errors.js';
import { emptyTranscript, type AssistantMessage, type Message } from '../../protocol/session/transcript.js';
import { newSessionRecord, type SessionRecord } from '../../protocol/state/workspaceState.js';
import type { ConversationPage, Transcripts } from '../storePorts.js';
import { excerptOf } from '../search/excerpt.js';
import type { ForkPoint } from '../tree/summary.js';
import { pageSize } from './history.js';
import { TranscriptReducer } from './reducer.js';
import { readTaken } from './reopening.js';

/**
 * Where a fork leaves its parent: behind a message, before one (which is to be said in another way), or behind all that there
 * is now. Messages are meant by their numbers.
 */
export type ForkPlace = { readonly behind: number } | { readonly before: number } | 'now';

/** Messages of a conversation, the last one among them. */
export interface KnownMessages {
  readonly messages: readonly Message[];
  /** Whether the conversation's first is among them, so that their numbers are the conversation's. */
  readonly isWhole: boolean;
}

/** What a fork begins with. */
export interface TakenOver {
  /** UUID of the last message that it takes over; empty when it takes nothing. */
  readonly at: string;
  /** That message as it is shown; null when it takes nothing. */
  readonly point: ForkPoint | null;
  readonly page: ConversationPage;
}

/**
 * Reads what a fork takes over. A message of Claude's that still streams may not be in the transcript yet; then the fork goes
 * as far as there is something.
 * @param parent the record of the session that is forked
 * @param known what is in memory, or null when the session is not live
 * @param place where the fork leaves
 * @param transcripts where to read
 * @throws ArborError `transcriptMissing` when the parent has no transcript, else as `Transcripts.readUpTo`
 */
export async function readFork(
  parent: SessionRecord,
  known: KnownMessages | null,
  place: ForkPlace,
  transcripts: Transcripts,
): Promise<TakenOver> {
  const { folder, id } = parent;
  const { messages, isWhole } = known ?? (await readMessages(parent, transcripts));
  const places = placesUpTo(messages, place);
  for (const { uuid: at, message } of places) {
    try {
      return { at, point: pointAt(message, isWhole), page: await readTaken(folder, id, at, transcripts) };
    } catch (error) {
      if (!(error instanceof ArborError)) throw error;
      if (error.code === 'transcriptMissing') throw transcriptGone(error);
      if (error.code !== 'notFound') throw error;
    }
  }
  if (places.length > 0) throw transcriptGone();
  return { at: '', point: null, page: await readTaken(folder, id, '', transcripts) };
}

/** The record of a fork: all that its parent works with, and nothing of what happened in it. */
export function forkRecord(
  parent: SessionRecord,
  fork: Pick<TakenOver, 'at' | 'point'> & {
    readonly id: string;
    readonly kind: 'fork' | 'aside';
    readonly now: number;
  },
): SessionRecord {
  const { folder, model, mode, appendSystemPrompt, name } = parent;
  const { id, at, point, kind, now } = fork;
  const lineage = { parent: parent.id, at, kind, ...(point ? { point } : {}) };
  return { ...newSessionRecord({ id, folder, at: now }), name, model, mode, appendSystemPrompt, lineage };
}

/**
 * The messages by which a fork could name its place, the best first.
 * @returns with their UUIDs; empty when nothing of the conversation comes before the place
 */
function placesUpTo(
  messages: readonly Message[],
  place: ForkPlace,
): readonly { readonly uuid: string; readonly message: Message }[] {
  const taken = messages.filter(({ number }) => {
    if (place === 'now') return true;
    return 'behind' in place ? number <= place.behind : number < place.before;
  });
  return taken
    .flatMap((message) => (message.uuid === null || message.uuid === '' ? [] : [{ uuid: message.uuid, message }]))
    .reverse();
}

async function readMessages({ folder, id }: SessionRecord, transcripts: Transcripts): Promise<KnownMessages> {
  const page = await transcripts.readLast(folder, id, pageSize);
  return { messages: messagesOf(page), isWhole: page.cursor === null };
}

function pointAt(message: Message, isWhole: boolean): ForkPoint {
  const text = message.role === 'user' ? message.text : firstWords(message);
  return { number: isWhole ? message.number : null, text: excerptOf(text, []).excerpt };
}

function firstWords({ blocks }: AssistantMessage): string {
  for (const block of blocks) if (block.type === 'text' && block.text.trim() !== '') return block.text;
  return '';
}

function messagesOf({ events }: ConversationPage): readonly Message[] {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript.messages;
}

function transcriptGone(cause?: unknown): ArborError {
  return new ArborError(
    {
      code: 'transcriptMissing',
      what: "Claude Code's transcript of this conversation is gone, or no longer holds this message, so that it cannot be forked.",
      kept: 'What is shown here is kept.',
      next: 'Send a recap in a new session instead.',
      actions: ['sendRecap'],
    },
    cause,
  );
}
