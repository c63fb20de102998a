import { signal, type Signal } from '@preact/signals';
import type { Disposable } from '../../../src/base/disposable.js';
import type { HostPort } from '../host/hostPort.js';

/** How long typing rests before the draft goes to the host, in milliseconds. */
const restMs = 300;

/** A longer draft is not kept in the editor's webview state, which is written at every key; the host still gets it. */
const maxCached = 100_000;

/** Starts a timer. @returns what stops it */
export type Timer = (callback: () => void, milliseconds: number) => () => void;

/**
 * The text in the composer. The host keeps it with the session; what it has not got yet is in the editor's webview state,
 * so that not even the last word is lost when the view goes away.
 */
export class Draft implements Disposable {
  /** The text as it stands. */
  readonly text: Signal<string> = signal('');
  readonly #host: HostPort;
  readonly #timer: Timer;
  #session: string | null = null;
  #stopTimer: (() => void) | null = null;

  /** @param host where the draft is kept @param timer how to wait */
  constructor(host: HostPort, timer: Timer) {
    this.#host = host;
    this.#timer = timer;
  }

  /**
   * Takes over a session's draft. For the session that is shown already the view's own text wins, because the host can
   * only have an older one.
   * @param session the session's id
   * @param kept the draft as the host has it
   */
  open(session: string, kept: string): void {
    if (session === this.#session) return;
    this.flush();
    this.#session = session;
    const cached = this.#host.cachedDraft;
    if (cached?.session === session) {
      this.text.value = cached.text;
      this.#schedule();
    } else this.text.value = kept;
  }

  /** Takes what the user typed. */
  type(text: string): void {
    this.text.value = text;
    if (this.#session === null) return;
    if (text.length <= maxCached) this.#host.cacheDraft({ session: this.#session, text });
    this.#schedule();
  }

  /** Adds text after what is there, on lines of its own. */
  append(text: string): void {
    this.type(join(this.text.peek(), text));
  }

  /** Puts text that was not taken before what was typed since. */
  giveBack(text: string): void {
    this.type(join(text, this.text.peek()));
  }

  /** Empties the composer after its text was sent: the host empties the draft by itself when it takes the message. */
  clear(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.text.value = '';
    if (this.#host.cachedDraft !== null) this.#host.cacheDraft(null);
  }

  /** Sends what waits to be sent to the host, at once. */
  flush(): void {
    if (!this.#stopTimer || this.#session === null) return;
    this.#stopTimer();
    this.#stopTimer = null;
    this.#host.post({ type: 'draft', session: this.#session, text: this.text.peek() });
    this.#host.cacheDraft(null);
  }

  /** Sends what waits and ends. */
  dispose(): void {
    this.flush();
  }

  #schedule(): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#timer(() => {
      this.flush();
    }, restMs);
  }
}

function join(first: string, second: string): string {
  if (first.trim() === '') return second;
  return second.trim() === '' ? first : `${first.trimEnd()}\n\n${second}`;
}
