import { toDisposable, type Disposable } from './disposable.js';

/** Subscribes a listener; the result ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/**
 * A source of values for any number of listeners, who all get them in the order in which they were fired, also when a
 * listener fires. A listener that throws does not keep the others from being called: its error goes to `onListenerError`.
 */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #deliveries: { readonly listener: (value: T) => void; readonly value: T }[] = [];
  readonly #onListenerError: (error: unknown) => void;
  #disposed = false;

  /** @param onListenerError told of errors that listeners throw, so that none is lost */
  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Subscribes to the values fired from now on; after the emitter was disposed there are none. */
  readonly event: Event<T> = (listener) => {
    if (this.#disposed) return { dispose: () => undefined };
    const entry = (value: T): void => {
      listener(value);
    };
    this.#listeners.add(entry);
    return toDisposable(() => this.#listeners.delete(entry));
  };

  /**
   * Calls every listener subscribed at this moment, in the order of subscription, but none whose subscription has ended
   * meanwhile. Fired by a listener, the value comes to each after the one that is being delivered.
   * @param value what the listeners get
   */
  fire(value: T): void {
    for (const listener of this.#listeners) this.#deliveries.push({ listener, value });
    for (let next = this.#deliveries.shift(); next; next = this.#deliveries.shift()) {
      if (!this.#listeners.has(next.listener)) continue;
      try {
        next.listener(next.value);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }

  /** Ends all subscriptions. */
  dispose(): void {
    this.#disposed = true;
    this.#listeners.clear();
  }
}
