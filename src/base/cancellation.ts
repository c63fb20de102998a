import type { Disposable } from './disposable.js';

/** Tells work in progress that nobody wants its result any more. */
export interface CancellationToken {
  /** Whether cancellation was asked for. */
  readonly isCancelled: boolean;
  /** Calls the listener once: at cancellation, or at once when that has happened already. */
  onCancelled(listener: () => void): Disposable;
}

/** The end of a cancellation token that its owner keeps. Cancelling twice does nothing the second time. */
export class CancellationSource {
  readonly #listeners = new Set<() => void>();
  #cancelled = false;

  /** What the work is given. */
  readonly token: CancellationToken;

  constructor() {
    const isCancelled = (): boolean => this.#cancelled;
    this.token = {
      get isCancelled() {
        return isCancelled();
      },
      onCancelled: (listener) => {
        if (this.#cancelled) {
          listener();
          return { dispose: () => undefined };
        }
        this.#listeners.add(listener);
        return { dispose: () => this.#listeners.delete(listener) };
      },
    };
  }

  /** Asks for cancellation and tells every listener. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}

/** A token that is never cancelled. */
export const neverCancelled: CancellationToken = {
  isCancelled: false,
  onCancelled: () => ({ dispose: () => undefined }),
};

/** Thrown by work that was cancelled. It is never shown to the user. */
export class CancellationError extends Error {
  constructor() {
    super('Canceled');
    this.name = 'CancellationError';
  }
}
