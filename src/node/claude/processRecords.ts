import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import { isObject, numberAt, parseJson, stringAt } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import { startOf, type Processes } from '../store/processIdentity.js';
import { errnoCode } from './failures.js';
import { ProcessTree } from './processTree.js';

/** What records are kept with. */
export interface ProcessRecordsOptions {
  /** The folder of the records, absolute; made when it is missing. Windows of one workspace share it. */
  readonly folder: string;
  /** The system's name, as in `process.platform`. */
  readonly platform: NodeJS.Platform;
  readonly processes: Processes;
  readonly newUuid: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A program that runs, as its file says; format 1. */
interface ProcessRecord {
  readonly pid: number;
  /** When it started, as the process table says it. */
  readonly started: string;
  /** The machine and its start: a number means nothing on another machine or after another start. */
  readonly host: string;
  readonly boot: string;
  /** The variable as `NAME=value` that all that it starts inherits. */
  readonly mark: string;
  /** The window that started it. */
  readonly owner: { readonly pid: number; readonly started: string };
}

const format = 1;
/** A file that cannot be read may be one that is being written; after this time it is not. */
const unreadableMs = 60_000;
/** How long a leftover has to end when it is asked to, in milliseconds. */
const terminateMs = 1000;
const pollMs = 50;

/**
 * A file per running program, `<pid>-<uuid>.json`, so that what a window that died has left behind is found and ended by the
 * next. A program is known by its number together with its start time and the machine's start: a number that is another
 * process's by now is left alone, and so are the programs of windows that live. On Windows nothing is recorded, since the
 * system ends a process's children with it.
 */
export class ProcessRecords {
  readonly #options: ProcessRecordsOptions;
  readonly #boot: Promise<string>;
  #writing: Promise<unknown> = Promise.resolve();

  /** @param options what records are kept with */
  constructor(options: ProcessRecordsOptions) {
    this.#options = options;
    this.#boot = bootId(options.platform);
  }

  /**
   * Records a program that was just started, until the result is disposed. A record that cannot be written is no reason not to
   * go on: the watchdog ends programs as well.
   * @param pid its number
   * @param mark the variable as `NAME=value` that it was started with and no other one
   */
  add(pid: number, mark: string): Disposable {
    if (this.#options.platform === 'win32') return toDisposable(() => undefined);
    const path = join(this.#options.folder, `${String(pid)}-${this.#options.newUuid()}.json`);
    const written = this.#keep(this.#write(path, pid, mark));
    return toDisposable(() => {
      detach(this.#keep(written.then(() => rm(path, { force: true }))), () => undefined);
    });
  }

  /** Resolves when nothing waits to be written or removed any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /**
   * Ends what windows that died have left behind, each program with everything that it started, and forgets what is gone.
   * What cannot be found out stays as it is.
   * @returns the numbers of the programs that were ended, or whose children were
   */
  async reap(): Promise<readonly number[]> {
    const { folder, logger } = this.#options;
    let names: readonly string[];
    try {
      names = (await readdir(folder)).filter((name) => /^\d+-[\w-]+\.json$/.test(name));
    } catch (error) {
      if (errnoCode(error) !== 'ENOENT') logger.error('Leftover processes could not be looked for', error);
      return [];
    }
    const reaped = await Promise.all(
      names.map(async (name) => {
        try {
          return await this.#reapOne(join(folder, name));
        } catch (error) {
          logger.error(`A leftover process could not be ended (${name})`, error);
          return null;
        }
      }),
    );
    return reaped.filter((pid) => pid !== null);
  }

  async #write(path: string, pid: number, mark: string): Promise<void> {
    const { folder, platform, processes } = this.#options;
    const [started, own, boot] = await Promise.all([startOf(pid, platform), processes.own, this.#boot]);
    // It has ended already.
    if (started === undefined) return;
    const { host } = own;
    const owner = { pid: own.pid, started: own.started };
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ format, pid, started, host, boot, mark, owner });
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  }

  /** @returns the number of the program, or null where there was nothing to end */
  async #reapOne(path: string): Promise<number | null> {
    const { processes, logger } = this.#options;
    const record = await this.#read(path);
    if (!record) return null;
    const own = await processes.own;
    if (record.host !== own.host) return null;
    const isOfThisStart = record.boot === (await this.#boot);
    if (isOfThisStart && (await processes.isRunning({ ...record.owner, host: record.host }))) return null;
    const hasEnded = isOfThisStart ? await this.#end(record) : false;
    await rm(path, { force: true });
    if (!hasEnded) return null;
    logger.info(`Process ${String(record.pid)}, left behind by a window that died, was ended`);
    return record.pid;
  }

  /** @returns whether there was anything to end */
  async #end({ pid, started, mark }: ProcessRecord): Promise<boolean> {
    const { platform } = this.#options;
    const tree = new ProcessTree({ pid, platform, mark, started });
    // What a program that crashed has left behind is known by nothing but the mark.
    if ((await tree.members()).length === 0) await tree.findOrphans();
    if ((await tree.signal('SIGTERM')) === 0) return false;
    for (let waited = 0; waited < terminateMs; waited += pollMs) {
      if ((await tree.members()).length === 0) return true;
      await new Promise<void>((resolve) => this.#options.clock.after(pollMs, resolve));
    }
    await tree.signal('SIGKILL');
    return true;
  }

  async #read(path: string): Promise<ProcessRecord | undefined> {
    try {
      const record = readRecord(await readFile(path, 'utf8'));
      if (record) return record;
      const { mtimeMs } = await stat(path);
      if (this.#options.clock.now() - mtimeMs > unreadableMs) await rm(path, { force: true });
      return undefined;
    } catch (error) {
      // Its program has just ended, or another window was faster.
      if (errnoCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Sees to it that it is waited for at the end, and that its failure is told. */
  #keep(work: Promise<void>): Promise<void> {
    const kept = work.catch((error: unknown) => {
      this.#options.logger.warn(`A process could not be recorded: ${String(error)}`);
    });
    this.#writing = Promise.all([this.#writing, kept]);
    return kept;
  }
}

function readRecord(text: string): ProcessRecord | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value['format'] !== format) return undefined;
  const pid = numberAt(value, 'pid');
  const started = stringAt(value, 'started');
  const host = stringAt(value, 'host');
  const boot = stringAt(value, 'boot');
  const mark = stringAt(value, 'mark');
  const owner = isObject(value['owner']) ? value['owner'] : {};
  const ownerPid = numberAt(owner, 'pid');
  const ownerStarted = stringAt(owner, 'started');
  // Numbers below 2 stand for groups or the system's first process.
  if (pid === undefined || !Number.isInteger(pid) || pid < 2 || !started || ownerPid === undefined) return undefined;
  if (host === undefined || boot === undefined || mark === undefined || ownerStarted === undefined) return undefined;
  return { pid, started, host, boot, mark, owner: { pid: ownerPid, started: ownerStarted } };
}

/** What tells one start of the machine from another where start times are counted from it; elsewhere empty. */
async function bootId(platform: NodeJS.Platform): Promise<string> {
  if (platform !== 'linux') return '';
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    // A container may hide it; its processes are then told apart by their start times alone.
    return '';
  }
}
