import type { Clock } from '../base/clock.js';
import { toDisposable } from '../base/disposable.js';

/** The machine's own time. A pending delay does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return toDisposable(() => clearTimeout(timer));
  },
};
