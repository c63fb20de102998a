import { ArborError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { UsageHistory, UsageLedger } from '../../core/storePorts.js';
import type { DayOf } from '../../core/usage/days.js';
import { distinct, foldDays } from '../../core/usage/fold.js';
import type { TurnUsageEntry, UsageEntry } from '../../protocol/usage/usageEntry.js';
import { tryLock, type FileLockParts } from './fileLock.js';
import { systemErrorCode } from './fileSystem.js';
import { storageError, type WrittenThing } from './storageErrors.js';
import { daySumsText, readDaySums, readUsageLines, UsagePaths } from './usageFiles.js';

const thing: WrittenThing = {
  name: 'What turns used',
  kept: 'The conversation goes on. What was used is kept in this window and saved with the next turn, if it can be.',
};

/** Length at which a new file begins: some thousand turns. */
const fullBytes = 2 * 1024 * 1024;
/** Turns that are kept in memory while they cannot be written. */
const mostWaiting = 10_000;
const readTries = 5;

/** What the ledger is made with. */
export interface UsageLedgerParts extends FileLockParts {
  readonly logger: Logger;
  /** Tells the day of a turn when old turns are summed up. */
  readonly dayOf: DayOf;
}

/**
 * What every turn used, one line of JSON each, in `usage.jsonl` of the workspace's storage folder. Windows share it: each turn
 * is one append. Two files of turns are kept as they are, what is older is summed up by days. The files are for their owner
 * only, and their form is described in `usageFiles.ts`.
 */
export class FileUsageLedger implements UsageLedger {
  readonly #paths: UsagePaths;
  readonly #parts: UsageLedgerParts;
  readonly #fullBytes: number;
  #waiting: TurnUsageEntry[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param folder the workspace's storage folder, absolute; made when it is missing
   * @param parts what it works with
   * @param bytes length at which a new file begins
   */
  constructor(folder: string, parts: UsageLedgerParts, bytes = fullBytes) {
    this.#paths = new UsagePaths(folder);
    this.#parts = parts;
    this.#fullBytes = bytes;
  }

  append(entry: TurnUsageEntry): Promise<void> {
    this.#waiting.push(entry);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#parts.logger.error('What a turn used is lost: too much waits to be written');
    }
    const written = this.#last.then(() => this.#write());
    this.#last = written.catch(() => undefined);
    return written;
  }

  async read(): Promise<UsageHistory> {
    await this.#last;
    try {
      const { entries, unreadable } = await this.#readFiles();
      return { entries: distinct([...entries, ...this.#waiting]), unreadable };
    } catch (error) {
      throw new ArborError(
        {
          code: 'stateUnreadable',
          what: 'The record of what turns used could not be read.',
          kept: 'It is as it was.',
          next: 'Check who may read the files “usage…” in the folder named in the detail.',
          detail: `${this.#paths.folder}: ${error instanceof Error ? error.message : String(error)}`,
          actions: ['showLog'],
        },
        error,
      );
    }
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /**
   * Turns go from the present file to a full one and from there to the days' sums. They are looked for in that order, so that
   * one that moves meanwhile is met twice rather than never; where a file was summed up meanwhile all is read again.
   */
  async #readFiles(): Promise<UsageHistory> {
    const { files } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      const present = await readUsageLines(files, this.#paths.present);
      const days = await readDaySums(files, this.#paths.days);
      const full = days.folded === null ? noLines : await readUsageLines(files, this.#paths.full(days.folded + 1));
      const { folded } = await readDaySums(files, this.#paths.days);
      if (folded !== days.folded && attempt < readTries) continue;
      const entries: readonly UsageEntry[] = [...days.entries, ...full.entries, ...present.entries];
      return { entries, unreadable: days.unreadable + full.unreadable + present.unreadable };
    }
  }

  async #write(): Promise<void> {
    const entries = [...this.#waiting];
    if (entries.length === 0) return;
    let size: number;
    try {
      size = await this.#append(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    } catch (error) {
      throw storageError(error, thing, this.#paths.present);
    }
    const written = new Set(entries);
    this.#waiting = this.#waiting.filter((entry) => !written.has(entry));
    if (size < this.#fullBytes) return;
    try {
      await this.#beginFile();
    } catch (error) {
      // The turns are written; the file only grows on.
      this.#parts.logger.error('The record of usage could not be summed up', error);
    }
  }

  async #append(lines: string): Promise<number> {
    const { files } = this.#parts;
    try {
      return await files.append(this.#paths.present, lines, true);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      await files.makeFolder(this.#paths.folder);
      return files.append(this.#paths.present, lines, true);
    }
  }

  /** Sums the full file up that there is, and makes the present one the full one. One window does that at a time. */
  async #beginFile(): Promise<void> {
    const { files, logger } = this.#parts;
    const { present, lock: lockPath } = this.#paths;
    const lock = await tryLock(lockPath, this.#parts);
    if (!lock) return;
    try {
      // Another window may have done it since.
      const { size } = await files.readTail(present, 0);
      if (size < this.#fullBytes) return;
      const folded = await this.#fold();
      if (folded === null) logger.error('The sums of usage by day cannot be read, so that none are added');
      else await files.rename(present, this.#paths.full(folded + 1));
    } finally {
      await lock.release();
    }
  }

  /** @returns the number of the last file that is summed up; null when that cannot be told */
  async #fold(): Promise<number | null> {
    const { files, newUuid, dayOf } = this.#parts;
    const days = await readDaySums(files, this.#paths.days);
    // Damaged, or of a newer release: nothing is lost as long as nobody writes it anew.
    if (days.folded === null || days.unreadable > 0) return null;
    // One that a window which died had summed up and not taken away.
    await this.#removeFull(days.folded);
    const number = days.folded + 1;
    const full = await readUsageLines(files, this.#paths.full(number));
    if (full.entries.length + full.unreadable === 0) return days.folded;
    // Lines that a newer release may understand are not thrown away.
    if (full.unreadable > 0) await files.copy(this.#paths.full(number), this.#paths.kept(number));
    const sums = foldDays([...days.entries, ...distinct(full.entries)], dayOf);
    const temporary = `${this.#paths.days}.${newUuid()}.tmp`;
    try {
      await files.write(temporary, daySumsText(number, sums));
      await files.rename(temporary, this.#paths.days);
    } catch (error) {
      await files.remove(temporary).catch(() => undefined);
      throw error;
    }
    await this.#removeFull(number);
    return number;
  }

  async #removeFull(number: number): Promise<void> {
    try {
      await this.#parts.files.remove(this.#paths.full(number));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
}

const noLines = { entries: [], unreadable: 0 };
