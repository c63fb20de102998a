import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import type { ClaudeLauncher, ClaudeProcess, ProgramInfo } from '../ports.js';

/** A warm program that no session has. */
export interface Spare {
  readonly process: ClaudeProcess;
  /** Absolute path of the folder it was started in. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/**
 * Keeps one warm program per folder, so that a new session's first answer comes as fast as a warm one's. The spare has a
 * session id of its own already; the session that takes it takes the id with it.
 */
export class SparePool implements Disposable {
  readonly #launcher: ClaudeLauncher;
  readonly #newId: () => string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #spares = new Map<string, Spare>();
  readonly #planned = new Map<string, Disposable>();
  readonly #launching = new Set<string>();
  /** What the program said of itself, by the folder. */
  readonly #programs = new Map<string, ProgramInfo>();
  /** Folders whose spare is not wanted any more although it is being launched. */
  readonly #unwanted = new Set<string>();
  /** How often the spares were ended: what was being launched then is not wanted any more. */
  #cleared = 0;
  #disposed = false;

  /**
   * @param launcher starts programs
   * @param newId mints session ids
   * @param clock the time
   * @param logger told when a spare cannot be started: that is no error for the user, the session itself will say it
   */
  constructor(launcher: ClaudeLauncher, newId: () => string, clock: Clock, logger: Logger) {
    this.#launcher = launcher;
    this.#newId = newId;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Sees to it that the folder has a spare, after a delay in which what the user waits for goes first.
   * @param folder absolute path
   * @param delayMs milliseconds
   */
  plan(folder: string, delayMs: number): void {
    if (this.#disposed || this.#spares.has(folder) || this.#launching.has(folder) || this.#planned.has(folder)) return;
    const timer = this.#clock.after(delayMs, () => {
      this.#planned.delete(folder);
      detach(this.#launch(folder), this.#onError);
    });
    this.#planned.set(folder, timer);
  }

  /**
   * Takes the folder's spare away from the pool.
   * @returns the process, ready or about to be, or null when there is none
   */
  take(folder: string): Spare | null {
    const spare = this.#spares.get(folder) ?? null;
    this.#spares.delete(folder);
    return spare;
  }

  /** What the folder's spare said of itself, or the last one there was; null when there was none. */
  program(folder: string): ProgramInfo | null {
    return this.#programs.get(folder) ?? null;
  }

  /** Ends the spares of all folders but these, also those that were to be started. */
  keep(folders: ReadonlySet<string>): void {
    for (const [folder, timer] of this.#planned) {
      if (folders.has(folder)) continue;
      timer.dispose();
      this.#planned.delete(folder);
    }
    for (const folder of this.#launching) if (!folders.has(folder)) this.#unwanted.add(folder);
    for (const { folder } of this.list()) {
      if (!folders.has(folder)) detach(this.end(folder), this.#onError);
    }
  }

  /** The spares that there are. */
  list(): readonly Spare[] {
    return [...this.#spares.values()];
  }

  /** Ends the folder's spare. Resolves when it is gone. Another one comes when it is planned again. */
  async end(folder: string): Promise<void> {
    await this.take(folder)?.process.stop();
  }

  readonly #onError = (error: unknown): void => {
    this.#logger.error('The spare process failed', error);
  };

  async #launch(folder: string): Promise<void> {
    const cleared = this.#cleared;
    this.#launching.add(folder);
    let process: ClaudeProcess;
    try {
      const sessionId = this.#newId();
      // As a new session starts its own, so that it makes no difference which of the two it gets.
      process = await this.#launcher.launch({
        folder,
        sessionId,
        start: { kind: 'new' },
        permissionMode: 'default',
        persist: true,
      });
    } catch (error) {
      this.#unwanted.delete(folder);
      this.#notStarted(error);
      return;
    } finally {
      this.#launching.delete(folder);
    }
    if (this.#unwanted.delete(folder) || cleared !== this.#cleared) {
      process.dispose();
      return;
    }
    this.#spares.set(folder, { process, folder, startedAt: this.#clock.now() });
    const forget = process.exited.then(() => {
      this.#forget(folder, process);
    });
    detach(forget, this.#onError);
    try {
      this.#programs.set(folder, await process.ready);
    } catch (error) {
      this.#notStarted(error);
      // One that was taken is its session's to care for.
      if (this.#forget(folder, process)) process.dispose();
    }
  }

  #notStarted(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#logger.info(`No spare process could be started: ${message}`);
  }

  /** @returns whether the pool had it */
  #forget(folder: string, process: ClaudeProcess): boolean {
    return this.#spares.get(folder)?.process === process && this.#spares.delete(folder);
  }

  /** Ends all spares; new ones come when they are planned again. */
  clear(): void {
    this.#cleared += 1;
    for (const timer of this.#planned.values()) timer.dispose();
    this.#planned.clear();
    for (const { process } of this.#spares.values()) process.dispose();
    this.#spares.clear();
  }

  dispose(): void {
    this.#disposed = true;
    this.clear();
  }
}
