import { toDisposable, type Disposable } from './disposable.js';

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
        const entry = (): void => {
          listener();
        };
        this.#listeners.add(entry);
        return toDisposable(() => this.#listeners.delete(entry));
      },
    };
  }

  /** Asks for cancellation and tells every listener. If some throw, the rest is still told and the errors are thrown together. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    const errors: unknown[] = [];
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Some listeners of a cancellation failed');
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
