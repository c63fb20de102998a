import type { Clock } from '../base/clock.js';

/** The longest time that a timer takes, in milliseconds; a longer one would end at once. */
export const longestDelayMs = 2 ** 31 - 1;

/**
 * Waits for a promise, but not longer than a time.
 * @returns whether it settled in time; a rejection counts as settled and is the promise's own to handle
 */
export function settlesWithin(promise: Promise<unknown>, milliseconds: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(milliseconds, () => {
      resolve(false);
    });
    const done = (): void => {
      timer.dispose();
      resolve(true);
    };
    promise.then(done, done);
  });
}
