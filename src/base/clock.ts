import type { Disposable } from './disposable.js';

/** Time as a parameter, so that tests own it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once after a delay; disposing the result calls it off.
   * @param milliseconds the delay
   * @param callback what to do then
   */
  after(milliseconds: number, callback: () => void): Disposable;
}
