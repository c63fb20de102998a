import { dirname } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { Deferred } from '../../base/deferred.js';
import { systemErrorCode, type FileSystem } from './fileSystem.js';
import { storageError, type WrittenThing } from './storageErrors.js';

/** The two files of a journal. */
export interface JournalPaths {
  readonly present: string;
  /** The one before, kept until the present one is full. */
  readonly older: string;
}

/** The journal, for messages about writing it. */
export const journalThing: WrittenThing = {
  name: 'The record of what happens in this session',
  kept: 'The conversation goes on and Claude Code keeps it in its own transcript.',
};

/**
 * How long a session's writer rests between two writes, in milliseconds: a write costs five system calls, and a fast answer
 * would otherwise make a hundred of them a second, just when the machine has most to do. The beginning of a turn does not
 * wait for that, because the prompt is not sent before it is written.
 */
const restMs = 50;

interface Batch {
  readonly lines: string[];
  /** Somebody waits for it. */
  urgent: boolean;
  readonly done: Deferred<void>;
}

/** The appends of one session: at most one is being written, the rest waits as one batch. */
export class JournalWriter {
  readonly #paths: JournalPaths;
  readonly #files: FileSystem;
  readonly #clock: Clock;
  readonly #fileBytes: number;
  #waiting: Batch | null = null;
  #writing: Batch | null = null;
  /** Resolves when nothing waits any more; never rejects. */
  #running: Promise<void> | null = null;
  /** Resolving it ends the present rest. */
  #rest: Deferred<void> | null = null;
  /** No rests any more: somebody waits until all is written. */
  #hurried = false;

  /**
   * @param paths the journal's files
   * @param files the file system
   * @param clock for the rests between writes
   * @param fileBytes length at which a new file begins
   */
  constructor(paths: JournalPaths, files: FileSystem, clock: Clock, fileBytes: number) {
    this.#paths = paths;
    this.#files = files;
    this.#clock = clock;
    this.#fileBytes = fileBytes;
  }

  /**
   * Appends lines.
   * @param lines each with its line feed
   * @param urgent whether somebody waits for it
   * @throws ArborError when they could not be written
   */
  append(lines: readonly string[], urgent: boolean): Promise<void> {
    const batch = (this.#waiting ??= { lines: [], urgent: false, done: new Deferred<void>() });
    for (const line of lines) batch.lines.push(line);
    this.#running ??= this.#run();
    batch.urgent ||= urgent;
    if (batch.urgent) this.#rest?.resolve();
    return batch.done.promise;
  }

  /** Resolves when what was appended until now is written, or could not be: whoever appended it is told. */
  async written(): Promise<void> {
    const batch = this.#waiting ?? this.#writing;
    if (!batch) return;
    batch.urgent = true;
    this.#rest?.resolve();
    await batch.done.promise.catch(() => undefined);
  }

  /** Resolves when nothing waits any more; nothing rests until then. */
  async settled(): Promise<void> {
    this.#hurried = true;
    this.#rest?.resolve();
    await this.#running;
    this.#hurried = false;
  }

  /** Whether there is nothing to write. */
  get isIdle(): boolean {
    return this.#running === null;
  }

  async #run(): Promise<void> {
    // Appends that are made in one go are one batch.
    await Promise.resolve();
    while (this.#waiting) {
      const batch = this.#waiting;
      this.#waiting = null;
      this.#writing = batch;
      try {
        await this.#write(batch.lines.join(''));
        batch.done.resolve();
      } catch (error) {
        batch.done.reject(storageError(error, journalThing, this.#paths.present));
      }
      this.#writing = null;
      if (!this.#hurried && !this.#isUrgent()) await this.#pause();
    }
    this.#running = null;
  }

  /** A method, because an append that comes while another is written changes what waits, which the compiler does not see. */
  #isUrgent(): boolean {
    return this.#waiting?.urgent === true;
  }

  async #pause(): Promise<void> {
    const rest = (this.#rest = new Deferred<void>());
    const timer = this.#clock.after(restMs, () => rest.resolve());
    await rest.promise;
    timer.dispose();
    this.#rest = null;
  }

  async #write(lines: string): Promise<void> {
    const { present, older } = this.#paths;
    let size: number;
    try {
      size = await this.#files.append(present, lines, false);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      await this.#files.makeFolder(dirname(present));
      size = await this.#files.append(present, lines, false);
    }
    if (size >= this.#fileBytes) await this.#files.rename(present, older);
  }
}
