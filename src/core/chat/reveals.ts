import { Emitter, type Event } from '../../base/event.js';
import type { Disposable } from '../../base/disposable.js';

/**
 * The message that the chat is to show. It is kept until a view says that it shows it: there may be no view yet, or it may
 * begin anew meanwhile.
 */
export class Reveals implements Disposable {
  readonly #requested: Emitter<string>;
  #wanted: { readonly session: string; readonly message: number } | null = null;

  /** Fires with a session's id when a message of it is to be shown. */
  readonly onRequest: Event<string>;

  /** @param onError told when a listener fails */
  constructor(onError: (error: unknown) => void) {
    this.#requested = new Emitter<string>(onError);
    this.onRequest = this.#requested.event;
  }

  /** Asks for a message, by its number; what was asked for before is not wanted any more. */
  request(session: string, message: number): void {
    this.#wanted = { session, message };
    this.#requested.fire(session);
  }

  /** The number of the message of a session that is to be shown, or null. */
  wanted(session: string): number | null {
    return this.#wanted?.session === session ? this.#wanted.message : null;
  }

  /** A view shows the message. */
  done(session: string, message: number): void {
    if (this.wanted(session) === message) this.#wanted = null;
  }

  /** A session is shown: what is wanted of another one is not any more. */
  shows(session: string): void {
    if (this.#wanted?.session !== session) this.#wanted = null;
  }

  dispose(): void {
    this.#requested.dispose();
  }
}
