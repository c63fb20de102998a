import { stat, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '../../base/logger.js';
import { systemErrorCode } from '../store/fileSystem.js';
import { concurrently } from './concurrently.js';
import type { EntryTable } from './entryTable.js';
import { sessionIdOf, transcriptPath } from './knownFile.js';
import { sameStamp, stampOf } from './openFile.js';
import { readTranscript } from './readFacts.js';

/** More do not make it faster: Node has four threads for files. */
const atOnce = 16;

/** Whether an error of the file system says that there is nothing of that name. */
export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error));
}

/**
 * Brings what is known of transcript files up to date with the disk. What cannot be read stays as it was known; that is
 * logged once, and `hasFailures` says that it is worth trying again.
 */
export class ProjectReader {
  readonly #table: EntryTable;
  readonly #logger: Logger;
  readonly #failed = new Set<string>();

  constructor(table: EntryTable, logger: Logger) {
    this.#table = table;
    this.#logger = logger;
  }

  /** Whether something could not be read when it was last tried. */
  get hasFailures(): boolean {
    return this.#failed.size > 0;
  }

  /** Names of the project folders; none when there is no such folder. Undefined when they cannot be read. */
  async projectNames(projects: string): Promise<readonly string[] | undefined> {
    return this.#names(projects);
  }

  /**
   * Compares a project folder with what is known of it.
   * @param projects the folder of project folders
   * @param project name of the one that is compared
   * @param onRead called after each file that was read
   */
  async scan(projects: string, project: string, onRead: () => void): Promise<void> {
    const names = await this.#names(join(projects, project));
    if (!names) return;
    const folders = new Set(names);
    const ids = names.flatMap((name) => sessionIdOf(name) ?? []);
    const found = new Set(ids);
    for (const { path, id, project: other } of [...this.#table.files.values()]) {
      if (other === project && !found.has(id)) this.#forget(path);
    }
    await concurrently(ids, atOnce, async (id) => {
      if (await this.#compare(projects, project, id, folders.has(id))) onRead();
    });
  }

  /** Compares one file with what is known of it. */
  async check(projects: string, project: string, id: string): Promise<void> {
    // Whether there is a folder beside it is not known here; asking for the name in it costs as much as asking that.
    await this.#compare(projects, project, id, true);
  }

  /** Forgets the files of all other project folders. */
  keep(projects: ReadonlySet<string>): void {
    for (const { path, project } of [...this.#table.files.values()]) if (!projects.has(project)) this.#forget(path);
    for (const path of [...this.#failed]) {
      if (!projects.has(basename(path)) && !projects.has(basename(dirname(path)))) this.#failed.delete(path);
    }
  }

  async #compare(projects: string, project: string, id: string, hasFolder: boolean): Promise<boolean> {
    const path = transcriptPath(projects, project, id);
    const known = this.#table.files.get(path);
    try {
      if (known && !known.stale && sameStamp(known.stamp, stampOf(await statOf(path)))) {
        this.#failed.delete(path);
        return false;
      }
      const read = await readTranscript(path, hasFolder, known?.facts);
      this.#table.put({ ...read, path, project, id, stale: false });
      this.#failed.delete(path);
    } catch (error) {
      if (isGone(error)) this.#forget(path);
      else {
        this.#fail(path, 'A transcript could not be read', error);
        if (known) this.#table.put({ ...known, stale: true });
      }
    }
    return true;
  }

  #forget(path: string): void {
    this.#failed.delete(path);
    this.#table.remove(path);
  }

  async #names(folder: string): Promise<readonly string[] | undefined> {
    try {
      const names = await readdir(folder);
      this.#failed.delete(folder);
      return names;
    } catch (error) {
      if (isGone(error)) {
        this.#failed.delete(folder);
        return [];
      }
      this.#fail(folder, 'A folder of transcripts could not be read', error);
      return undefined;
    }
  }

  #fail(path: string, what: string, error: unknown): void {
    if (!this.#failed.has(path)) this.#logger.warn(`${what} (${systemErrorCode(error) || String(error)}): ${path}`);
    this.#failed.add(path);
  }
}

function statOf(path: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    stat(path, (error, stats) => {
      if (error) reject(error);
      else resolve(stats);
    });
  });
}
