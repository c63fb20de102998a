import { ArborError } from '../../base/errors.js';
import { emptyTranscript, type Message } from '../../protocol/session/transcript.js';
import { newSessionRecord, type SessionRecord } from '../../protocol/state/workspaceState.js';
import type { ConversationPage, Transcripts } from '../storePorts.js';
import { pageSize } from './history.js';
import { TranscriptReducer } from './reducer.js';
import { readTaken } from './reopening.js';
import { cannotFork, cannotForkCompacted, cannotForkMissing, unreadableTranscript } from './transcriptProblems.js';

/**
 * Where a fork leaves its parent: behind a message, before one (which is to be said in another way), or behind all that there
 * is now. Messages are meant by their numbers.
 */
export type ForkPlace = { readonly behind: number } | { readonly before: number } | 'now';

/** What a fork begins with. */
export interface TakenOver {
  /** UUID of the last message that it takes over; empty when it takes nothing, null when it takes all. */
  readonly at: string | null;
  readonly page: ConversationPage;
}

/**
 * Reads what a fork takes over. The messages of the last turn may not be in the transcript yet, and a command never is; then
 * the fork goes as far as there is something. Any other message that is not there is an error: a fork holds what it says.
 * @param parent the record of the session that is forked
 * @param known the messages that are in memory, or null when the session is not live
 * @param place where the fork leaves
 * @param transcripts where to read
 * @throws ArborError `transcriptMissing` when the parent has no transcript, `messageMissing` when it does not hold the message
 * or Claude does not have it after a compaction, `transcriptUnreadable`, else as `Transcripts.readUpTo`
 */
export async function readFork(
  parent: SessionRecord,
  known: readonly Message[] | null,
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
  known: readonly Message[] | null,
  place: ForkPlace,
  transcripts: Transcripts,
): Promise<TakenOver> {
  const { folder, id } = parent;
  const messages = known ?? messagesOf(await transcripts.readLast(folder, id, pageSize));
  const places = placesUpTo(messages, place);
  for (const { at, mayBeUnwritten } of places) {
    try {
      const page = await readTaken(folder, id, at, transcripts);
      if (!(await transcripts.wasCompacted(folder, id, at))) return { at, page };
    } catch (error) {
      if (!(error instanceof ArborError)) throw error;
      if (error.code === 'transcriptMissing') throw cannotFork(error);
      if (error.code !== 'notFound') throw error;
      if (!mayBeUnwritten) throw cannotForkMissing(error);
      continue;
    }
    // Nothing was said since the compaction: all of it is what Claude has now.
    if (place === 'now') return { at: null, page: await readTaken(folder, id, null, transcripts) };
    throw cannotForkCompacted();
  }
  if (places.length > 0) throw (await transcripts.exists(folder, id)) ? cannotForkMissing() : cannotFork();
  return { at: '', page: await readTaken(folder, id, '', transcripts) };
}

/** The record of a fork: all that its parent works with, and nothing of what happened in it. */
export function forkRecord(
  parent: SessionRecord,
  fork: { readonly id: string; readonly at: string | null; readonly kind: 'fork' | 'aside'; readonly now: number },
): SessionRecord {
  const { folder, model, mode, appendSystemPrompt, name } = parent;
  const { id, at, kind, now } = fork;
  const lineage = { parent: parent.id, at, kind };
  return { ...newSessionRecord({ id, folder, at: now }), name, model, mode, appendSystemPrompt, lineage };
}

/** A message by which a fork could name its place. */
interface PossiblePlace {
  readonly at: string;
  /** The transcript need not have it (yet). */
  readonly mayBeUnwritten: boolean;
}

/**
 * The messages by which a fork could name its place, the best first.
 * @returns empty when nothing of the conversation comes before the place
 */
function placesUpTo(messages: readonly Message[], place: ForkPlace): readonly PossiblePlace[] {
  const lastTurn = messages.findLastIndex(({ role }) => role === 'user');
  let isCommand = false;
  const places = messages.flatMap((message, index): readonly (PossiblePlace & { readonly number: number })[] => {
    if (message.role === 'user') isCommand = message.text.startsWith('/');
    const { uuid, number } = message;
    if (uuid === null || uuid === '') return [];
    return [{ at: uuid, number, mayBeUnwritten: isCommand || index >= lastTurn }];
  });
  const taken = places.filter(({ number }) => {
    if (place === 'now') return true;
    return 'behind' in place ? number <= place.behind : number < place.before;
  });
  return taken.reverse();
}

function messagesOf({ events }: ConversationPage): readonly Message[] {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript.messages;
}
