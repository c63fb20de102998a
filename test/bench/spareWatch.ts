import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessInfo } from '../../scripts/editor/processes.js';
import { untilAtRest } from './atRest.js';

const pollMs = 100;
const limitMs = 60_000;

/** Sees when the folder's next spare program has started and come to rest. */
export class SpareWatch {
  readonly #programs: () => Promise<readonly ProcessInfo[]>;
  readonly #seen = new Set<number>();
  #first = true;

  /** @param programs the programs that run now */
  constructor(programs: () => Promise<readonly ProcessInfo[]>) {
    this.#programs = programs;
  }

  /**
   * Waits for a program that was not there when it was last called, or at first for a second one beside the session's own.
   * @throws Error when none comes within a minute
   */
  async untilReady(): Promise<void> {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      const running = await this.#programs();
      const fresh = running.filter(({ pid }) => !this.#seen.has(pid));
      if (fresh.length > (this.#first ? 1 : 0)) {
        for (const { pid } of fresh) this.#seen.add(pid);
        this.#first = false;
        await Promise.all(fresh.map(({ pid }) => untilAtRest(pid)));
        return;
      }
      await delay(pollMs);
    }
    throw new Error('No spare program was started within a minute');
  }
}
