import { join } from 'node:path';
import { ArborError } from '../../base/errors.js';
import type { AuditEntry, AuditLog } from '../../core/storePorts.js';
import { systemErrorCode, type FileSystem } from './fileSystem.js';
import { storageError, type WrittenThing } from './storageErrors.js';

const thing: WrittenThing = {
  name: 'The log of permission decisions',
  kept: 'Nothing was allowed: without a record of it no tool runs.',
};

/**
 * Every decision on a permission, one line of JSON each, in `audit.jsonl` of the workspace's storage folder. The file is
 * for its owner only and is never shortened. Windows share it: each line is one append.
 */
export class FileAuditLog implements AuditLog {
  readonly #folder: string;
  readonly #files: FileSystem;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param folder the workspace's storage folder, absolute; made when it is missing
   * @param files the file system
   */
  constructor(folder: string, files: FileSystem) {
    this.#folder = folder;
    this.#files = files;
  }

  record(entry: AuditEntry): Promise<void> {
    const written = this.#last.then(() => this.#write(entry));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #write(entry: AuditEntry): Promise<void> {
    const path = join(this.#folder, 'audit.jsonl');
    const line = `${JSON.stringify(entry)}\n`;
    try {
      await this.#append(path, line);
    } catch (error) {
      const failure = storageError(error, thing, path);
      throw new ArborError(failure.explanation, error);
    }
  }

  async #append(path: string, line: string): Promise<void> {
    try {
      await this.#files.append(path, line, true);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      await this.#files.makeFolder(this.#folder);
      await this.#files.append(path, line, true);
    }
  }
}
