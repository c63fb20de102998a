import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errnoCode } from './failures.js';
import { listProcesses, processesWithVariable, type ProcessEntry } from './processTable.js';

const run = promisify(execFile);

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in a form of the system's own; compare only. */
  readonly started: string;
}

/** Whose family it is. */
export interface ProcessTreeOptions {
  /** The program; on POSIX the leader of its own process group. */
  readonly pid: number;
  /** The system's name, as in `process.platform`. */
  readonly platform: NodeJS.Platform;
  /** A variable as `NAME=value` that the program was started with and no other one. */
  readonly mark?: string;
  /**
   * When the program started, as the process table says it, where it was started long ago by somebody else: its number may be
   * another's by now. Nothing then counts as its family by the number of the process group alone.
   */
  readonly started?: string;
  /** Lists the system's processes; for tests. */
  readonly list?: typeof listProcesses;
}

/**
 * The family of one program: itself, its process group, everything it started and what that started. On POSIX members are
 * remembered with their start time whenever the tree is looked at, so that one whose parent ended or that changed its
 * process group is still known later, and a number that the system gave to another process is never signalled.
 */
export class ProcessTree {
  readonly #pid: number;
  readonly #options: ProcessTreeOptions;
  readonly #known = new Map<number, string>();

  /** @param options whose family it is */
  constructor(options: ProcessTreeOptions) {
    this.#pid = options.pid;
    this.#options = options;
    if (options.started !== undefined) this.#known.set(options.pid, options.started);
  }

  /** Looks who belongs to the family now. @returns the living members, none on Windows, where the system keeps the tree */
  async members(): Promise<readonly ProcessIdentity[]> {
    if (this.#options.platform === 'win32') return [];
    const table = await this.#list();
    const family = new Map<number, ProcessEntry>();
    for (const entry of table) if (this.#isKnown(entry)) family.set(entry.pid, entry);
    // A group's number is taken as long as it has members; once the program's number is another's, so is the group's.
    const ours =
      this.#options.started === undefined
        ? !table.some((entry) => entry.pid === this.#pid && !family.has(entry.pid))
        : family.has(this.#pid);
    // Parents are not listed before their children once numbers wrap, hence the repetition; depth is small.
    for (let grown = true; grown;) {
      grown = false;
      for (const entry of table) {
        if (family.has(entry.pid) || !(family.has(entry.parent) || (ours && entry.group === this.#pid))) continue;
        family.set(entry.pid, entry);
        grown = true;
      }
    }
    for (const { pid, started } of family.values()) this.#known.set(pid, started);
    return [...family.values()].filter((entry) => !entry.zombie);
  }

  /**
   * Looks for what a program left behind that ended before anybody looked at its family: nothing but the mark they inherited
   * says whose they are. What a user's program moved out of its family on purpose would be found as well, so this is
   * for a program that crashed and not for one that was stopped.
   */
  async findOrphans(): Promise<void> {
    const { mark, platform } = this.#options;
    if (mark === undefined) return;
    for (const { pid, started } of await processesWithVariable(platform, mark, await this.#list())) {
      this.#known.set(pid, started);
    }
  }

  /**
   * Signals every living member, children first found last, so that a parent cannot start new ones for long.
   * On Windows `SIGTERM` does nothing, since there is no such request for a console program, and `SIGKILL` ends the tree.
   * @param signal what to send
   * @returns how many members were signalled
   * @throws Error when the process table could not be read; the process group was signalled nevertheless
   */
  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    if (this.#options.platform === 'win32') return signal === 'SIGKILL' ? this.#taskkill() : 0;
    let members: readonly ProcessIdentity[];
    try {
      members = await this.members();
    } catch (error) {
      // Without the process table there is still the group.
      sendSignal(-this.#pid, signal);
      throw error;
    }
    for (const { pid } of members) sendSignal(pid, signal);
    return members.length;
  }

  #list(): Promise<readonly ProcessEntry[]> {
    const { list = listProcesses, platform } = this.#options;
    return list(platform);
  }

  #isKnown(entry: ProcessEntry): boolean {
    const started = this.#known.get(entry.pid);
    if (started !== undefined) return started === entry.started;
    return entry.pid === this.#pid && this.#known.size === 0;
  }

  async #taskkill(): Promise<number> {
    const file = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
    try {
      await run(file, ['/PID', String(this.#pid), '/T', '/F'], { windowsHide: true });
      return 1;
    } catch {
      // It ends with an error code when there is nothing left to end.
      return 0;
    }
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself in between, or belongs to another user by now, such as what sudo started.
    const code = errnoCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
