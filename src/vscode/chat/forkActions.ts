import { ArborError } from '../../base/errors.js';
import { recap } from '../../core/chat/recap.js';
import { isAside, type ForkPlace } from '../../core/session/forks.js';
import type { Session } from '../../core/session/session.js';
import type { Sessions } from '../../core/session/sessions.js';
import type { ToHost } from '../../protocol/chat/toHost.js';
import type { ToView } from '../../protocol/chat/toView.js';
import type { Message } from '../../protocol/session/transcript.js';

/** What the view asks for that concerns forks. */
export type ForkMessage = Extract<
  ToHost,
  { readonly type: 'fork' | 'editAndResend' | 'forkNow' | 'askAside' | 'keepAside' | 'discardAside' }
>;

/** What the user is told when it could not be done. */
export const forkFailures: Readonly<Record<ForkMessage['type'], string>> = {
  fork: 'The conversation could not be forked there.',
  editAndResend: 'The conversation could not be forked before that message.',
  forkNow: 'The conversation could not be forked.',
  askAside: 'An aside could not be begun.',
  keepAside: 'The aside could not be kept.',
  discardAside: 'The aside could not be discarded.',
};

/** Forks, edits and asides, as the chat asks for them. Every one leaves the user in the message box of what is shown then. */
export class ForkActions {
  readonly #sessions: Sessions;
  readonly #send: (message: ToView) => void;
  /** Where a session could not be forked last, for the recap that is offered then. */
  readonly #failed = new WeakMap<Session, ForkPlace>();

  /**
   * @param sessions the window's sessions
   * @param send sends a message to the chat view
   */
  constructor(sessions: Sessions, send: (message: ToView) => void) {
    this.#sessions = sessions;
    this.#send = send;
  }

  /** @throws ArborError as `Sessions.fork` and `Sessions.closeAside` */
  async take(session: Session, message: ForkMessage): Promise<void> {
    switch (message.type) {
      case 'fork':
        await this.#fork(session, { behind: message.message });
        break;
      case 'editAndResend':
        await this.#editAndResend(session, message.message);
        break;
      case 'forkNow':
        await this.#fork(session, 'now');
        break;
      case 'askAside':
        // In an aside one is there already: its answers change nothing either.
        if (!isAside(session.record)) await this.#sessions.fork(session.id, 'now', 'aside');
        break;
      case 'keepAside':
        session.promote();
        break;
      case 'discardAside':
        await this.#sessions.closeAside(session);
        break;
    }
    this.#send({ type: 'focus' });
  }

  /** Shows another session. @throws ArborError as `Sessions.openSession` */
  async open(id: string): Promise<void> {
    await this.#sessions.openSession(id);
    this.#send({ type: 'focus' });
  }

  /**
   * Makes a session that works as this one does and begins with a recap of it, for the user to edit: up to where it could not
   * be forked, if that was tried.
   */
  async recap(session: Session): Promise<void> {
    const { messages } = session.transcript;
    const place = this.#failed.get(session) ?? 'now';
    const fork = await this.#sessions.fork(session.id, 'nothing');
    this.#write(fork, recap({ messages: messages.filter((message) => isTaken(message, place)) }));
  }

  async #editAndResend(session: Session, number: number): Promise<void> {
    const message = session.transcript.messages.find((each) => each.number === number);
    if (message?.role !== 'user') {
      throw new ArborError({ code: 'notFound', what: 'This message is not there any more.' });
    }
    this.#write(await this.#fork(session, { before: number }), message.text);
  }

  async #fork(session: Session, place: ForkPlace): Promise<Session> {
    try {
      return await this.#sessions.fork(session.id, place);
    } catch (error) {
      this.#failed.set(session, place);
      throw error;
    }
  }

  /** Puts text into a new session's composer; it is kept at once, should the view go away. */
  #write(session: Session, text: string): void {
    session.update({ draft: text });
    this.#send({ type: 'insert', session: session.id, text });
  }
}

function isTaken({ number }: Message, place: ForkPlace): boolean {
  if (typeof place === 'string') return true;
  return 'behind' in place ? number <= place.behind : number < place.before;
}
