import { ArborError } from '../../base/errors.js';
import { emptyTranscript, type Message } from '../../protocol/session/transcript.js';
import type { ConversationPage, Transcripts } from '../storePorts.js';
import type { EventLog } from './eventLog.js';
import { TranscriptReducer } from './reducer.js';
import { unreadableTranscript } from './transcriptProblems.js';

/** Messages that are read at a time, and that a view gets at a time. */
export const pageSize = 100;

/**
 * Number of the first message that is read of a conversation whose beginning is not: how many there are before it is not
 * known then. High enough for any number of them.
 */
const numberInTheMiddle = 1_000_000_001;

/** The part of a conversation that is in the program's transcript, and how much of it was read. */
export class History {
  readonly #transcripts: Transcripts;
  readonly #place: { readonly folder: string; readonly sessionId: string };
  readonly #log: EventLog;
  /** Of the page before the messages in memory; null when the first message is in memory. */
  #cursor: string | null = null;
  #reading: Promise<number> | null = null;

  /**
   * @param transcripts where pages come from
   * @param place whose transcript it is
   * @param log the session's messages, which earlier ones are put before
   */
  constructor(transcripts: Transcripts, place: { readonly folder: string; readonly sessionId: string }, log: EventLog) {
    this.#transcripts = transcripts;
    this.#place = place;
    this.#log = log;
  }

  /** Whether the transcript has messages before those in memory. */
  get hasUnread(): boolean {
    return this.#cursor !== null;
  }

  /**
   * Takes the last page, before anything else happened in the session.
   * @param page its events
   * @param next sequence number of the session's next event
   */
  restore(page: Pick<ConversationPage, 'events' | 'cursor'>, next: number): void {
    this.#cursor = page.cursor;
    this.#log.replay(page.events, next, page.cursor === null ? 1 : numberInTheMiddle);
  }

  /**
   * Reads the page before the messages in memory and puts it before them. Asked again meanwhile, it is read once.
   * @returns how many of its lines could not be read
   * @throws ArborError as `Transcripts.readBefore`, `transcriptUnreadable` where that is another error; the messages in memory stay, and it can be tried again
   */
  readEarlier(): Promise<number> {
    this.#reading ??= this.#readEarlier()
      .catch((error: unknown) => {
        throw unreadableTranscript(error);
      })
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  async #readEarlier(): Promise<number> {
    const cursor = this.#cursor;
    if (cursor === null) return 0;
    const { page, messages } = await this.#pageBefore(cursor);
    this.#log.prepend(messages);
    this.#cursor = page.cursor;
    return page.unreadable;
  }

  async #pageBefore(
    cursor: string,
  ): Promise<{ readonly page: ConversationPage; readonly messages: readonly Message[] }> {
    try {
      const page = await this.#transcripts.readBefore(cursor, pageSize);
      return { page, messages: messagesOf(page) };
    } catch (error) {
      const anchor = this.#log.transcript.messages[0];
      if (!(error instanceof ArborError) || error.code !== 'transcriptChanged' || anchor?.role !== 'user') throw error;
      return this.#pageBeforeMessage(anchor.uuid, error);
    }
  }

  /** The file is another one than it was: the first message in memory is looked for in it. */
  async #pageBeforeMessage(
    uuid: string,
    changed: ArborError,
  ): Promise<{ readonly page: ConversationPage; readonly messages: readonly Message[] }> {
    const { folder, sessionId } = this.#place;
    const page = await this.#transcripts.readUpTo(folder, sessionId, uuid, pageSize).catch((error: unknown) => {
      throw error instanceof ArborError && error.code === 'notFound' ? changed : error;
    });
    const messages = messagesOf(page);
    const isThere = messages.at(-1)?.role === 'user' && messages.at(-1)?.uuid === uuid;
    return { page, messages: isThere ? messages.slice(0, -1) : messages };
  }
}

/** What a page's events make, apart from all others. */
function messagesOf({ events }: ConversationPage): readonly Message[] {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript.messages;
}
