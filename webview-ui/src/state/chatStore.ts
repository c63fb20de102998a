import { batch, signal, type Signal } from '@preact/signals';
import type { Explanation } from '../../../src/base/errors.js';
import { DisposableStore, type Disposable } from '../../../src/base/disposable.js';
import type { AppState, SessionHeader, ToView } from '../../../src/protocol/chat/toView.js';
import type { maxPromptLength, ScrollPlace } from '../../../src/protocol/chat/toHost.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';
import type { HostPort } from '../host/hostPort.js';
import { Conversation } from './conversation.js';
import { Draft, type Timer } from './draft.js';

/** The type holds the number to the host's limit without loading the host's schemas. */
const maxLength: typeof maxPromptLength = 8_000_000;

const tooLong: Explanation = {
  code: 'promptTooLarge',
  what: 'This message is too long to be sent.',
  kept: 'It is still in the message box.',
  next: 'Put the long part into a file of the folder and name the file instead.',
};

/** Told of every batch of events after it was taken in, for announcements and measurements. */
export type EventListener = (events: readonly SessionEvent[]) => void;

/** All that the view shows, changed by the host's messages only (the draft apart, which the user types here). */
export class ChatStore implements Disposable {
  /** What is the same for all sessions; null until the host said it. */
  readonly app: Signal<AppState | null> = signal(null);
  /** What is around the conversation; null until there is a session. */
  readonly header: Signal<SessionHeader | null> = signal(null);
  /** The conversation; a new object for every snapshot. */
  readonly conversation: Signal<Conversation | null> = signal(null);
  /** Why the last prompt was not taken, until the next try. */
  readonly refusal: Signal<Explanation | null> = signal(null);
  /** Counts the host's wishes to have the composer focused. */
  readonly focusRequests: Signal<number> = signal(0);
  /** Number of the message of the conversation that the host wants to be shown, until it is; null when there is none. */
  readonly revealing: Signal<number | null> = signal(null);
  /** Where the reader was when the conversation was last shown; set by the snapshot, changed by the view as it scrolls. */
  place: ScrollPlace = { atEnd: true, message: 0, offset: 0 };
  /** The text in the composer. */
  readonly draft: Draft;
  readonly #host: HostPort;
  readonly #owned = new DisposableStore();
  readonly #onEvents: EventListener;

  /**
   * @param host where messages come from and go to
   * @param timer how the draft waits for a rest in typing
   * @param onEvents told of each batch of events
   */
  constructor(host: HostPort, timer: Timer, onEvents: EventListener) {
    this.#host = host;
    this.#onEvents = onEvents;
    this.draft = this.#owned.add(new Draft(host, timer));
    this.#owned.add(
      host.listen((message) => {
        this.receive(message);
      }),
    );
  }

  /** Asks the host for the state. */
  start(): void {
    this.#host.post({ type: 'ready' });
  }

  /** Takes a message of the host. */
  receive(message: ToView): void {
    switch (message.type) {
      case 'several':
        batch(() => {
          for (const each of message.messages) this.receive(each);
        });
        return;
      case 'app':
        this.app.value = message.app;
        return;
      case 'snapshot':
        batch(() => {
          // A snapshot of the session that is shown comes after a gap; the reader stays where they are.
          if (this.header.peek()?.id !== message.header.id) {
            this.refusal.value = null;
            this.revealing.value = null;
            this.place = message.scroll ?? { atEnd: true, message: 0, offset: 0 };
          }
          this.header.value = message.header;
          this.conversation.value = new Conversation(message);
          this.draft.open(message.header.id, message.draft);
        });
        return;
      case 'header':
        if (message.header.id === this.#session) this.header.value = message.header;
        return;
      case 'events': {
        if (message.session !== this.#session) return;
        const applied = this.conversation.peek()?.apply(message.from, message.next, message.events);
        if (applied === 'gap') this.start();
        else if (applied === 'applied') this.#onEvents(message.events);
        return;
      }
      case 'earlier':
        if (message.session === this.#session) {
          this.conversation.peek()?.prepend(message);
        }
        return;
      case 'around':
        if (message.session === this.#session) this.conversation.peek()?.take(message.around);
        return;
      case 'reveal':
        if (message.session !== this.#session) return;
        batch(() => {
          this.conversation.peek()?.take(message.around);
          this.revealing.value = message.message;
        });
        return;
      case 'refused':
        if (message.session !== this.#session) return;
        this.draft.giveBack(message.text);
        this.refusal.value = message.reason;
        return;
      case 'insert':
        if (message.session === this.#session) this.draft.append(message.text);
        this.focusRequests.value += 1;
        return;
      case 'focus':
        this.focusRequests.value += 1;
        return;
    }
  }

  /** A message that was to be shown is. @param place where the reader is then */
  revealed(message: number, place: ScrollPlace): void {
    this.place = place;
    this.revealing.value = null;
    const session = this.#session;
    if (session !== null) this.#host.post({ type: 'revealed', session, message });
  }

  /**
   * Sends the composer's text as a prompt.
   * @param steers whether it is delivered at the next step of the turn that runs, and not after it
   * @returns whether there was something to send
   */
  send(steers = false): boolean {
    const session = this.#session;
    const text = this.draft.text.peek();
    if (session === null || text.trim() === '') return false;
    if (text.length > maxLength) {
      this.refusal.value = tooLong;
      return false;
    }
    this.refusal.value = null;
    this.#host.post({ type: 'send', session, text, ...(steers ? { priority: 'next' } : {}) });
    this.draft.clear();
    return true;
  }

  /** Sends the draft and ends the subscription. */
  dispose(): void {
    this.#owned.dispose();
  }

  get #session(): string | null {
    return this.conversation.peek()?.id ?? null;
  }
}
