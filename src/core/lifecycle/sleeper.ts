import type { Clock } from '../../base/clock.js';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import type { Event } from '../../base/event.js';
import { longestDelayMs } from '../wait.js';
import { canSleep, isLive, type Lifecycle } from './machine.js';
import { planSleep } from './sleepPlan.js';

/** How long processes may be idle, and how many there may be. */
export interface SleepLimits {
  /** Milliseconds after which an idle process is put to sleep; 0 for never. @param folder absolute path of the session's */
  readonly idleMs: (folder: string) => number;
  /** How many sessions may have a process; at least 1. */
  readonly maxLive: number;
}

/** What a sleeper needs of a session. */
export interface Sleepable {
  readonly id: string;
  readonly record: { readonly folder: string };
  readonly lifecycle: Lifecycle;
  /** Fires whenever the session is used, and whenever its state changes. */
  readonly onChange: Event<undefined>;
  /** Ends the process, unless it is needed. */
  sleep(): void;
}

interface Watched {
  readonly session: Sleepable;
  /** Absolute path; a session stays in its folder. */
  readonly folder: string;
  usedAt: number;
}

/** Puts processes to sleep that nobody has used for long, and the least recently used where there are too many. */
export class Sleeper implements Disposable {
  readonly #clock: Clock;
  readonly #limits: () => SleepLimits;
  readonly #watched = new Map<string, Watched>();
  #timer: Disposable | undefined;
  #isChecking = false;
  #isDisposed = false;

  /**
   * @param clock the time
   * @param limits the limits as they are now
   */
  constructor(clock: Clock, limits: () => SleepLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Looks after a session's process until the result is disposed. */
  watch(session: Sleepable): Disposable {
    const watched: Watched = { session, folder: session.record.folder, usedAt: this.#clock.now() };
    this.#watched.set(session.id, watched);
    const listening = session.onChange(() => {
      // What putting it to sleep changes is no use of it.
      if (this.#isChecking) return;
      watched.usedAt = this.#clock.now();
      // The least recently used come first.
      if (this.#watched.delete(session.id)) this.#watched.set(session.id, watched);
      this.check();
    });
    return toDisposable(() => {
      listening.dispose();
      this.#watched.delete(session.id);
    });
  }

  /** Puts to sleep whose time has come; also to be called when the limits have changed. */
  check(): void {
    if (this.#isChecking || this.#isDisposed) return;
    this.#isChecking = true;
    try {
      this.#check();
    } finally {
      this.#isChecking = false;
    }
  }

  #check(): void {
    const now = this.#clock.now();
    this.#timer?.dispose();
    const { idleMs, maxLive } = this.#limits();
    const candidates = [...this.#watched].map(([id, watched]) => {
      // The clock may have been set back.
      watched.usedAt = Math.min(watched.usedAt, now);
      const { session, folder, usedAt } = watched;
      const { lifecycle } = session;
      return { id, usedAt, idleMs: idleMs(folder), isLive: isLive(lifecycle), canSleep: canSleep(lifecycle) };
    });
    const { sleep, againMs } = planSleep(candidates, now, maxLive);
    for (const id of sleep) this.#watched.get(id)?.session.sleep();
    this.#timer =
      againMs === null
        ? undefined
        : this.#clock.after(Math.min(againMs, longestDelayMs), () => {
            this.check();
          });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
  }
}
