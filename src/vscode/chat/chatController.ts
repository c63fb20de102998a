import * as v from 'valibot';
import { detach } from '../../base/detach.js';
import { ArborError, explain, type ErrorAction, type ErrorCode } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { earlierPage, loadEarlier, loadPlace } from '../../core/chat/snapshot.js';
import type { Session } from '../../core/session/session.js';
import type { Sessions } from '../../core/session/sessions.js';
import { unreadableLines } from '../../core/session/transcriptProblems.js';
import { toHostSchema, type ToHost } from '../../protocol/chat/toHost.js';
import type { MessagePriority } from '../../protocol/cli/lines.js';
import type { ChatChannel } from './chatChannel.js';
import { ForkActions, forkFailures } from './forkActions.js';
import { actOnQueued } from './queueActions.js';

/** What the chat asks of the editor. */
export interface ChatEditor {
  /** Does what a card's button says. */
  act(action: ErrorAction, session: Session | null): void;
  newSession(): Promise<void>;
  openLink(href: string): Promise<void>;
  openFile(path: string, session: Session): Promise<void>;
  openOutput(session: Session, toolUseId: string): Promise<void>;
  /** Puts a link to a message into the clipboard. */
  copyLink(session: Session, messageUuid: string): Promise<void>;
}

type SessionMessage = Exclude<Extract<ToHost, { readonly session: string | null }>, { readonly type: 'action' }>;

/** Takes what the chat view says, believes nothing of it, and does it. */
export class ChatController {
  readonly #channel: ChatChannel;
  readonly #sessions: Sessions;
  readonly #editor: ChatEditor;
  readonly #forks: ForkActions;
  readonly #logger: Logger;
  /** Why earlier messages cannot be read, as far as the user was told: scrolling asks again and again. */
  readonly #told = new WeakMap<Session, ErrorCode>();

  /**
   * @param channel the way back to the view
   * @param sessions the window's sessions
   * @param editor what is done outside of the conversation
   * @param logger told of messages that fit no schema
   */
  constructor(channel: ChatChannel, sessions: Sessions, editor: ChatEditor, logger: Logger) {
    this.#channel = channel;
    this.#sessions = sessions;
    this.#editor = editor;
    this.#forks = new ForkActions(sessions, (message) => {
      channel.send(message);
    });
    this.#logger = logger;
  }

  /** Takes a message of the view. One that fits no schema is refused, logged by its kind, and changes nothing. */
  receive(message: unknown): void {
    const parsed = v.safeParse(toHostSchema, message);
    if (!parsed.success) {
      const where = parsed.issues.map((issue) => v.getDotPath(issue) ?? 'message').join(', ');
      this.#logger.warn(`The chat view sent a message that fits no schema (${where}); it was ignored`);
      return;
    }
    this.#take(parsed.output);
  }

  #take(message: ToHost): void {
    switch (message.type) {
      case 'ready':
        this.#channel.start();
        return;
      case 'newSession':
        this.#detach(this.#editor.newSession(), 'A new session could not be begun.');
        return;
      case 'openLink':
        this.#detach(this.#editor.openLink(message.href), 'The link could not be opened.');
        return;
      case 'openSession':
        this.#detach(this.#forks.open(message.id), 'The session could not be opened.');
        return;
      case 'action': {
        const session = message.session === null ? null : (this.#sessions.get(message.session) ?? null);
        if (message.action === 'recapInNewSession' && session) this.#recap(session);
        else this.#editor.act(message.action, session);
        return;
      }
      case 'viewError':
        this.#logger.error(`The chat view had a problem: ${message.message}`);
        return;
      default: {
        const session = this.#sessions.get(message.session);
        if (session) this.#takeFor(session, message);
        else this.#logger.warn(`The chat view spoke of a session that is not live (${message.type}); it was ignored`);
      }
    }
  }

  #takeFor(session: Session, message: SessionMessage): void {
    switch (message.type) {
      case 'send':
        this.#send(session, message.text, message.priority);
        return;
      case 'stop':
        this.#detach(session.stop(), 'The turn could not be stopped.');
        return;
      case 'draft':
        session.update({ draft: message.text });
        if (message.text !== '' && session.state === 'idle') session.warm();
        return;
      case 'scroll':
        session.update({ scroll: message.place });
        return;
      case 'earlier':
        this.#detach(this.#sendEarlier(session, message.before), 'Earlier messages could not be read.', session);
        return;
      case 'findPlace':
        this.#detach(this.#sendPlace(session, message), 'Earlier messages could not be read.', session);
        return;
      case 'revealed':
        this.#channel.revealed(session, message.message);
        return;
      case 'copyLink':
        this.#detach(this.#editor.copyLink(session, message.message), 'The link could not be copied.');
        return;
      case 'setMode':
        this.#detach(session.setMode(message.mode), 'The permission mode could not be changed.', session);
        return;
      case 'setModel':
        this.#detach(session.setModel(message.model), 'The model could not be changed.', session);
        return;
      case 'unqueue':
      case 'queueDo':
      case 'queueMove':
      case 'queueEdit': {
        const insert = (text: string): void => {
          this.#channel.send({ type: 'insert', session: session.id, text });
        };
        this.#detach(actOnQueued(session, message, insert), 'The queued message could not be changed.', session);
        return;
      }
      case 'holdQueue':
        session.queue.hold();
        return;
      case 'sendQueue':
        session.sendQueue();
        return;
      case 'fork':
      case 'editAndResend':
      case 'forkNow':
      case 'askAside':
      case 'keepAside':
      case 'discardAside':
        this.#detach(this.#forks.take(session, message), forkFailures[message.type], session);
        return;
      case 'openFile':
        this.#detach(this.#editor.openFile(message.path, session), 'The file could not be opened.');
        return;
      case 'openOutput':
        this.#detach(this.#editor.openOutput(session, message.toolUseId), 'The output could not be opened.');
        return;
    }
  }

  #recap(session: Session): void {
    this.#detach(this.#forks.recap(session), 'A session with a recap could not be begun.', session);
  }

  #send(session: Session, text: string, priority: MessagePriority | undefined): void {
    try {
      session.send(text, priority);
      session.update({ draft: '' });
    } catch (error) {
      const reason = explain(error, 'The message could not be sent.');
      this.#channel.send({ type: 'refused', session: session.id, text, reason });
    }
  }

  /** Sends the page before a message. Also where it could not be read: the view can then ask again. */
  async #sendEarlier(session: Session, before: number): Promise<void> {
    try {
      const unreadable = await loadEarlier(session, before);
      this.#told.delete(session);
      if (unreadable > 0) session.notice('warning', unreadableLines(unreadable));
    } catch (error) {
      const { code } = explain(error, '');
      const isTold = this.#told.get(session) === code;
      this.#told.set(session, code);
      if (!isTold) throw error;
      this.#logger.info(`Earlier messages still cannot be read (${code})`);
    } finally {
      this.#channel.send(earlierPage(session, before));
    }
  }

  async #sendPlace(session: Session, anchor: { readonly uuid: string; readonly after: number }): Promise<void> {
    const around = await loadPlace(session, anchor);
    if (around) this.#channel.send({ type: 'around', session: session.id, around });
  }

  #detach(work: Promise<unknown>, what: string, session?: Session): void {
    detach(work, (error) => {
      this.#logger.error(what, error);
      const { open } = this.#sessions;
      const target = session ?? open;
      if (!target) return;
      const cause = error instanceof ArborError ? error.explanation : explain(error, what);
      target.notice('warning', { ...cause, what: cause.what === what ? what : `${what} ${cause.what}` });
      this.#channel.sendHeader();
    });
  }
}
