import { CancellationError, type CancellationToken } from '../../base/cancellation.js';
import { ArborError, type Explanation } from '../../base/errors.js';
import type { MessageOpener } from '../search/search.js';
import type { Session } from '../session/session.js';
import type { Sessions } from '../session/sessions.js';
import { messageUri } from './messageUri.js';
import { seekMessage, type SeekParts, type Sought } from './seekMessage.js';

/** What an address leads to, as far as the editor is asked for it. */
export interface AddressView {
  /** Brings the chat to the front, with the keyboard in it. */
  focus(): Promise<void>;
  /** Shows a message of the session that the chat shows. */
  reveal(session: Session, message: number): void;
  /**
   * Tells the user something, and goes on.
   * @param why what
   * @param document opens the message by itself; null where there is nothing to be opened
   */
  tell(why: Explanation, document: (() => Promise<void>) | null): void;
  /** Opens a message as a read-only document. */
  showDocument(sessionId: string, messageUuid: string): Promise<void>;
  /** Waits for a search; one that takes long is shown, and can be canceled. */
  whileSeeking<T>(work: (token: CancellationToken) => Promise<T>): Promise<T>;
}

/** What addresses are opened with. */
export interface OpenAtParts extends SeekParts {
  readonly sessions: Pick<Sessions, 'openSession'>;
  readonly view: AddressView;
  /** Resolves when the session that was open before has been restored, so that it does not come in between. */
  readonly restored: () => Promise<void>;
  /** Looks for sessions that were made a moment ago. */
  readonly refresh: () => Promise<void>;
}

/** Opens sessions in the chat at their messages. */
export class ChatOpener implements MessageOpener {
  readonly #parts: OpenAtParts;
  /** Counts what was opened: only the newest is still wanted. */
  #wanted = 0;

  /** @param parts what is needed for it */
  constructor(parts: OpenAtParts) {
    this.#parts = parts;
  }

  async openAt(sessionId: string, messageUuid: string | null): Promise<void> {
    this.#wanted += 1;
    const wanted = this.#wanted;
    const { view, restored } = this.#parts;
    await view.focus();
    await restored();
    const session = await this.#open(sessionId, messageUuid);
    if (!session || messageUuid === null) return;
    const sought = await this.#seek(session, messageUuid);
    if (!sought || wanted !== this.#wanted) return;
    if (sought.message !== null) view.reveal(session, sought.message);
    if (sought.why) view.tell(sought.why, sought.isReadable ? this.#document(sessionId, messageUuid) : null);
  }

  async #seek(session: Session, uuid: string): Promise<Sought | null> {
    try {
      return await this.#parts.view.whileSeeking((token) => seekMessage(session, uuid, this.#parts, token));
    } catch (error) {
      if (error instanceof CancellationError) return null;
      if (!(error instanceof ArborError)) throw error;
      this.#parts.view.tell(error.explanation, this.#document(session.id, uuid));
      return null;
    }
  }

  /** @returns null when it cannot be opened, which the user was told then */
  async #open(sessionId: string, messageUuid: string | null): Promise<Session | null> {
    try {
      return await this.#openKnown(sessionId);
    } catch (error) {
      if (!(error instanceof ArborError)) throw error;
      if (error.code === 'notFound') await this.#tellUnknown(sessionId, messageUuid);
      else {
        const document = messageUuid === null ? null : this.#document(sessionId, messageUuid);
        this.#parts.view.tell(error.explanation, document);
      }
      return null;
    }
  }

  async #openKnown(sessionId: string): Promise<Session> {
    const { sessions, refresh } = this.#parts;
    try {
      return await sessions.openSession(sessionId);
    } catch (error) {
      if (!(error instanceof ArborError) || error.code !== 'notFound') throw error;
      await refresh();
      return sessions.openSession(sessionId);
    }
  }

  /** The session is none of this workspace's: it may be another folder's, or not be there at all. */
  async #tellUnknown(sessionId: string, messageUuid: string | null): Promise<void> {
    const { places, resolver, view } = this.#parts;
    if (await places.exists(sessionId)) {
      view.tell(ofOtherFolder, messageUuid === null ? null : this.#document(sessionId, messageUuid));
      return;
    }
    // No message has this address; the session's absence is found first.
    const resolution = await resolver.resolve(messageUri(sessionId, messageUuid ?? sessionId));
    view.tell(resolution.kind === 'unresolved' ? resolution.explanation : ofOtherFolder, null);
  }

  #document(sessionId: string, messageUuid: string): () => Promise<void> {
    return () => this.#parts.view.showDocument(sessionId, messageUuid);
  }
}

const ofOtherFolder: Explanation = {
  code: 'notFound',
  what: 'This session belongs to a folder that is not open in this window.',
  kept: 'It is as it was.',
  next: 'Open its folder to read it and to go on with it.',
};
