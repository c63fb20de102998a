import type { Explanation } from '../../base/errors.js';
import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import { readMessage, type ContentPart } from './messageContent.js';
import { parseAddress } from './messageUri.js';

/** Why an address does not resolve. */
export type Unresolved = 'malformed' | 'noSuchSession' | 'noSuchMessage' | 'compacted' | 'unreadable';

/** What an address stands for, or why it stands for nothing. */
export type Resolution =
  | {
      readonly kind: 'message';
      readonly sessionId: string;
      /** UUID of the line that was asked for. */
      readonly id: string;
      readonly role: 'user' | 'assistant';
      /** The whole of the message, also of parts that have lines of their own. */
      readonly content: readonly ContentPart[];
      /** Null for the user's. */
      readonly model: string | null;
      /** The session's name; empty when it has none. */
      readonly name: string;
      /** When it was said, in milliseconds since 1970; 0 where the transcript does not say. */
      readonly at: number;
    }
  | { readonly kind: 'unresolved'; readonly reason: Unresolved; readonly explanation: Explanation };

/** The lines of a session in which a text stands. */
export interface Mentions {
  /** In the order of the file; the session's own, or where there are none its subagents'. */
  readonly lines: readonly JsonObject[];
  /** Whether it stands in a line that cannot be read. */
  readonly isInBadLine: boolean;
  /** The lines before which the conversation was compacted, by UUID: what the summary took the place of ends there. */
  readonly compactedAfter: readonly string[];
}

/** Where messages are looked up. */
export interface MessageSource {
  /**
   * Finds the lines of a session's transcript that hold a text.
   * @param text an id
   * @returns null when there is no transcript of that session
   * @throws when it cannot be read
   */
  mentions(sessionId: string, text: string): Promise<Mentions | null>;
}

/** Finds messages by their addresses. */
export class AddressResolver {
  readonly #source: MessageSource;
  readonly #nameOf: (sessionId: string) => string;

  /**
   * @param source where the messages are
   * @param nameOf a session's name; empty when it has none
   */
  constructor(source: MessageSource, nameOf: (sessionId: string) => string) {
    this.#source = source;
    this.#nameOf = nameOf;
  }

  /**
   * Looks an address up. It never fails: what goes wrong is the answer.
   * @param uri a message's URI or a link to it
   */
  async resolve(uri: string): Promise<Resolution> {
    const address = parseAddress(uri);
    if (address === null || address.messageUuid === null) return unresolved('malformed');
    try {
      return await this.#find(address.sessionId, address.messageUuid);
    } catch (error) {
      return unresolved('unreadable', error instanceof Error ? error.message : String(error));
    }
  }

  async #find(sessionId: string, uuid: string): Promise<Resolution> {
    const found = await this.#source.mentions(sessionId, uuid);
    if (!found) return unresolved('noSuchSession');
    const line = found.lines.find((one) => isAt(one, uuid));
    const message = line && readMessage(await this.#wholeMessage(sessionId, line));
    if (message) return { kind: 'message', sessionId, id: uuid, name: this.#nameOf(sessionId), ...message };
    if (found.isInBadLine) return unresolved('unreadable');
    // A line that is no message, such as a note of the program's own.
    if (line) return unresolved('noSuchMessage');
    for (const last of found.compactedAfter) {
      const before = await this.#source.mentions(sessionId, last);
      if (before?.lines.some((one) => isAt(one, last)) === false) return unresolved('compacted');
    }
    return unresolved('noSuchMessage');
  }

  /** All lines of the message that a line belongs to: the program gives each part of Claude's message its own. */
  async #wholeMessage(sessionId: string, line: JsonObject): Promise<readonly JsonObject[]> {
    const id = messageId(line);
    if (id === undefined) return [line];
    const mentions = await this.#source.mentions(sessionId, id);
    const own = (mentions?.lines ?? []).filter((one) => messageId(one) === id);
    return own.length === 0 ? [line] : own;
  }
}

/** Whether a line is the one of an address. A message that was sent while a turn ran has its own UUID inside the line. */
function isAt(line: JsonObject, uuid: string): boolean {
  const queued = stringAt(objectAt(line, 'attachment') ?? {}, 'source_uuid');
  return (queued ?? stringAt(line, 'uuid'))?.toLowerCase() === uuid || stringAt(line, 'uuid')?.toLowerCase() === uuid;
}

function messageId(line: JsonObject): string | undefined {
  return line['type'] === 'assistant' ? stringAt(objectAt(line, 'message') ?? {}, 'id') : undefined;
}

const explanations: Readonly<Record<Unresolved, Explanation>> = {
  malformed: {
    code: 'badMessage',
    what: 'This is no address of a message.',
    next: 'Copy the link again: it has the ids of a session and of a message.',
  },
  noSuchSession: {
    code: 'notFound',
    what: 'The session of this link is not on this machine, or its transcript was deleted.',
    next: 'Claude Code deletes transcripts after a time. If you exported the session, import it.',
  },
  noSuchMessage: {
    code: 'notFound',
    what: 'The session of this link has no such message.',
    next: 'Open the session to look for it.',
  },
  compacted: {
    code: 'notFound',
    what: 'The message of this link is not there any more: the conversation was compacted, and this part was removed.',
    kept: 'The summary that took its place is in the session.',
    next: 'Open the session to read it.',
  },
  unreadable: {
    code: 'stateUnreadable',
    what: 'The message of this link cannot be read: its transcript is damaged or may not be opened.',
    kept: 'The transcript is as it was.',
    next: 'Open the session to see what can still be read.',
  },
};

function unresolved(reason: Unresolved, detail?: string): Resolution {
  const explanation = explanations[reason];
  return { kind: 'unresolved', reason, explanation: detail === undefined ? explanation : { ...explanation, detail } };
}
