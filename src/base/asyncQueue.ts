import { Deferred } from './deferred.js';

/**
 * Turns pushed items into a stream that one reader pulls, in batches: everything that arrived since the last pull
 * comes at once, which keeps the cost per item small when thousands arrive.
 *
 * The queue says through `onPressure` when more than `highWater` waits, and when they were taken again, so that the
 * source can pause: the bound is the source's to keep, nothing is ever dropped here.
 */
export class AsyncQueue<T> implements AsyncIterable<readonly T[]> {
  #items: T[] = [];
  #waiting: Deferred<void> | undefined;
  #ended = false;
  #error: unknown;
  #failed = false;
  #pressed = false;
  #weight = 0;
  readonly #highWater: number;
  readonly #onPressure: (pressed: boolean) => void;

  /**
   * @param highWater weight of the waiting items (by default their number) above which the source should pause
   * @param onPressure called with true when the source should pause and with false when it may go on
   */
  constructor(highWater = Number.POSITIVE_INFINITY, onPressure: (pressed: boolean) => void = () => undefined) {
    this.#highWater = highWater;
    this.#onPressure = onPressure;
  }

  /** Whether `end` or `fail` was called. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** How many items wait to be read. */
  get size(): number {
    return this.#items.length;
  }

  /**
   * Adds an item for the reader.
   * @param item the item
   * @param weight how much it counts towards the high water mark
   * @throws Error when the queue has ended: a source that goes on after its end is a defect
   */
  push(item: T, weight = 1): void {
    if (this.#ended) throw new Error('push after end');
    this.#items.push(item);
    this.#weight += weight;
    if (!this.#pressed && this.#weight > this.#highWater) {
      this.#pressed = true;
      this.#onPressure(true);
    }
    this.#waiting?.resolve();
  }

  /** Ends the stream: the reader gets what waits, then the end. */
  end(): void {
    this.#ended = true;
    this.#waiting?.resolve();
  }

  /**
   * Ends the stream with an error: the reader gets what waits, then the error is thrown at it.
   * @param error what the reader's loop throws
   */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#failed = true;
    this.#error = error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly T[]> {
    for (;;) {
      if (this.#items.length > 0) {
        const batch = this.#items;
        this.#items = [];
        this.#weight = 0;
        if (this.#pressed) {
          this.#pressed = false;
          this.#onPressure(false);
        }
        yield batch;
      } else if (this.#ended) {
        if (this.#failed) throw this.#error;
        return;
      } else {
        this.#waiting = new Deferred<void>();
        await this.#waiting.promise;
        this.#waiting = undefined;
      }
    }
  }
}
