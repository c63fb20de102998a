import type { Clock } from '../../base/clock.js';
import type { Disposable } from '../../base/disposable.js';

/** The longest time that a timer takes; longer ones would end at once. */
const longestDelayMs = 2 ** 31 - 1;

/** Calls back when nothing has happened for too long. Time in which it is right to wait does not count. */
export class InactivityLimit implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #isWaiting: () => boolean;
  readonly #onLimit: () => void;
  #timer: Disposable | undefined;
  #since: number;

  /**
   * @param clock the time
   * @param limitMs milliseconds without activity; 0 for no limit
   * @param isWaiting whether silence is right now: a permission is pending, a tool runs, a rate limit is waited out
   * @param onLimit called once
   */
  constructor(clock: Clock, limitMs: number, isWaiting: () => boolean, onLimit: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#isWaiting = isWaiting;
    this.#onLimit = onLimit;
    this.#since = clock.now();
    if (limitMs > 0) this.#arm(limitMs);
  }

  /** Something happened. */
  touch(): void {
    this.#since = this.#clock.now();
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.after(Math.min(delayMs, longestDelayMs), () => {
      if (this.#isWaiting()) this.touch();
      const left = this.#since + this.#limitMs - this.#clock.now();
      if (left > 0) this.#arm(left);
      else this.#onLimit();
    });
  }

  dispose(): void {
    this.#timer?.dispose();
  }
}
