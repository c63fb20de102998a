import { CancellationError, type CancellationToken } from '../../base/cancellation.js';
import type { Explanation } from '../../base/errors.js';
import type { Message } from '../../protocol/session/transcript.js';
import type { History } from '../session/history.js';
import { MarkedMessages, type LinePlace, type LinePlaces } from './linePlace.js';
import { messageUri } from './messageUri.js';
import type { AddressResolver } from './resolve.js';

/** What is further from a conversation's end, in bytes of its transcript, is not read into the chat. */
export const farthestBytes = 32 * 1024 * 1024;

/** Where in the chat a message is. */
export interface Sought {
  /** Number of the message that shows it, or of the nearest one there is; null for the conversation's end. */
  readonly message: number | null;
  /** Why that is not quite what was asked for; null when it is. */
  readonly why: Explanation | null;
  /** Whether the message can be read as a document. */
  readonly isReadable: boolean;
}

/** The part of a session that a message is sought in. */
export interface SoughtIn {
  readonly id: string;
  readonly transcript: { readonly messages: readonly Message[] };
  readonly history: Pick<History, 'hasUnread' | 'readEarlier'>;
}

/** What messages are sought with. */
export interface SeekParts {
  readonly places: LinePlaces;
  readonly resolver: Pick<AddressResolver, 'resolve'>;
}

/**
 * Finds a message in a session's conversation and reads as much of the conversation as it takes.
 * @param session the session; what is read is in its memory from then on
 * @param uuid UUID of any of the message's transcript lines
 * @param parts where to look
 * @param token ends the search between two pages
 * @throws CancellationError; ArborError or the file system's error when the transcript cannot be read
 */
export async function seekMessage(
  session: SoughtIn,
  uuid: string,
  parts: SeekParts,
  token: CancellationToken,
): Promise<Sought> {
  // What is in memory needs no transcript: a session may have none yet.
  const inMemory = new MarkedMessages(session.transcript.messages);
  const here = inMemory.with([uuid]);
  if (here) return found(here);
  const place = await parts.places.find(session.id, uuid);
  if (!place) return seekReplaced(session, uuid, parts, token);
  // What is in memory costs nothing to show, however far it is from the end.
  const known = match(inMemory, place);
  if (known) return known;
  if (place.distance > farthestBytes && session.history.hasUnread) return { ...atEnd(tooFar), isReadable: true };
  const sought = await readUntil(session, token, (messages) => match(new MarkedMessages(messages), place));
  return sought ?? { ...atEnd(place.isSubagent ? elsewhereSubagent : elsewhere), isReadable: true };
}

/** There is no such line. Where a compaction removed it, the summary that took its place is the nearest. */
async function seekReplaced(
  session: SoughtIn,
  uuid: string,
  { resolver }: SeekParts,
  token: CancellationToken,
): Promise<Sought> {
  const resolution = await resolver.resolve(messageUri(session.id, uuid));
  if (resolution.kind === 'message') return { ...atEnd(elsewhereSubagent), isReadable: true };
  const { explanation, reason } = resolution;
  if (reason !== 'compacted') return atEnd(explanation);
  const { what } = explanation;
  const summary = await readUntil(session, token, (messages) => messages.findLast(isCompaction));
  return {
    message: summary?.number ?? null,
    why: { code: 'notFound', what, next: 'The chat is at the place where the conversation was compacted.' },
    isReadable: false,
  };
}

/** Looks at what is in memory, then at each page before it, until something is found or there is no more. */
async function readUntil<T>(
  { transcript, history }: SoughtIn,
  token: CancellationToken,
  find: (messages: readonly Message[]) => T | undefined,
): Promise<T | undefined> {
  let seenFrom = Infinity;
  for (;;) {
    if (token.isCancelled) throw new CancellationError();
    const { messages } = transcript;
    const result = find(messages.filter(({ number }) => number < seenFrom));
    if (result !== undefined || !history.hasUnread) return result;
    seenFrom = messages[0]?.number ?? seenFrom;
    await history.readEarlier();
  }
}

function match(messages: MarkedMessages, { marks, before, isShown, isSubagent }: LinePlace): Sought | undefined {
  const own = isShown ? messages.with(marks) : undefined;
  if (own && !isSubagent) return found(own);
  if (own) return { message: own.number, why: bySubagent, isReadable: true };
  for (const line of before) {
    const nearest = messages.with(line);
    if (!nearest) continue;
    const why = isSubagent ? bySubagent : isShown ? onOtherBranch : notShown;
    return { message: nearest.number, why, isReadable: true };
  }
  return undefined;
}

function found({ number }: Message): Sought {
  return { message: number, why: null, isReadable: true };
}

function atEnd(why: Explanation): Sought {
  return { message: null, why, isReadable: false };
}

function isCompaction(message: Message): boolean {
  return (
    message.role === 'assistant' &&
    message.blocks.some((block) => block.type === 'notice' && block.explanation.code === 'contextOverflow')
  );
}

const onOtherBranch: Explanation = {
  code: 'notFound',
  what: 'This message is not in the conversation any more: the conversation went on from an earlier message.',
  kept: 'It is still in the transcript, and the chat is at the message where the two parted.',
};

const notShown: Explanation = {
  code: 'notFound',
  what: 'The chat does not show this message, which Claude Code wrote down for itself.',
  kept: 'The chat is at the message before it.',
};

const bySubagent: Explanation = {
  code: 'notFound',
  what: 'This was said in a subagent.',
  kept: 'The chat is at the message whose tool started the subagent.',
};

const elsewhere: Explanation = {
  code: 'notFound',
  what: 'This message is not in the conversation any more: the conversation went on without it.',
  kept: 'It is still in the transcript, and the chat is at the end of the conversation.',
};

const elsewhereSubagent: Explanation = {
  code: 'notFound',
  what: 'This was said in a subagent that is not in the conversation any more.',
  kept: 'It is still in the transcript, and the chat is at the end of the conversation.',
};

const tooFar: Explanation = {
  code: 'notFound',
  what: 'This message is too far back in a very long conversation for the chat to go there.',
  kept: 'The chat is at the end of the conversation. The message can be read by itself.',
};
