import type { Clock } from '../../base/clock.js';
import type { Disposable } from '../../base/disposable.js';
import { longestDelayMs } from '../wait.js';

/** Calls back when nothing has happened for too long. Time in which it is right to wait does not count. */
export class InactivityLimit implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #quietUntil: () => number;
  readonly #onLimit: () => void;
  #timer: Disposable | undefined;
  #since: number;

  /**
   * @param clock the time
   * @param limitMs milliseconds without activity; 0 for no limit
   * @param quietUntil until when silence is right, in milliseconds since 1970: without end while a permission is pending or a
   *   tool runs, until its end while a rate limit is waited out, any time in the past while nothing is waited for
   * @param onLimit called once
   */
  constructor(clock: Clock, limitMs: number, quietUntil: () => number, onLimit: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#quietUntil = quietUntil;
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
      const now = this.#clock.now();
      // What was waited out since the last sign of life does not count, also where that is over by now. A clock that was set
      // back must not make it longer.
      this.#since = Math.min(now, Math.max(this.#since, this.#quietUntil()));
      const left = this.#since + this.#limitMs - now;
      if (left > 0) this.#arm(left);
      else this.#onLimit();
    });
  }

  dispose(): void {
    this.#timer?.dispose();
  }
}
