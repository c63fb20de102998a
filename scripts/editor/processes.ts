import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../tools/run.js';
import { errorCode } from '../tools/toolError.js';

/** A running process. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** The command line, arguments joined with spaces. */
  readonly command: string;
}

/** Every process that this user may see. Reads /proc on Linux, asks `ps` elsewhere. Zombies are left out: they have ended. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

/** The processes below `pid`, itself excluded, children before grandchildren. */
export function descendantsOf(pid: number, all: readonly ProcessInfo[]): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  const parents = [pid];
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    const children = all.filter((each) => each.parent === parent);
    found.push(...children);
    parents.push(...children.map((each) => each.pid));
  }
  return found;
}

/**
 * The processes whose environment has `name=value`: it finds what has lost its parent as well. Empty where the system
 * shows no environments (everywhere but Linux).
 */
export async function processesMarked(name: string, value: string): Promise<ProcessInfo[]> {
  if (process.platform !== 'linux') {
    return [];
  }
  const marked: ProcessInfo[] = [];
  for (const each of await listProcesses()) {
    const environment = await readProc(each.pid, 'environ');
    if (environment?.split('\0').includes(`${name}=${value}`) === true) {
      marked.push(each);
    }
  }
  return marked;
}

/** Whether a process exists that can take a signal. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') {
      throw error;
    }
  }
}

/**
 * Waits until a list is empty.
 * @param list asked again every 50 ms
 * @param timeoutMs how long at most
 * @returns what was left at the end; empty when all is well
 */
export async function untilNone(list: () => Promise<ProcessInfo[]>, timeoutMs: number): Promise<ProcessInfo[]> {
  const end = Date.now() + timeoutMs;
  let left = await list();
  while (left.length > 0 && Date.now() < end) {
    await delay(50);
    left = await list();
  }
  return left;
}

async function readProc(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    // It ended meanwhile, or belongs to someone else.
    return undefined;
  }
}

async function fromProc(): Promise<ProcessInfo[]> {
  const processes: ProcessInfo[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) {
      continue;
    }
    // `pid (name) state parent …`; the name may hold anything, a parenthesis too.
    const status = await readProc(pid, 'stat');
    const [state, parent] = status?.slice(status.lastIndexOf(')') + 2).split(' ') ?? [];
    if (state !== undefined && state !== 'Z' && parent !== undefined) {
      const command = (await readProc(pid, 'cmdline')) ?? '';
      processes.push({ pid, parent: Number(parent), command: command.replaceAll('\0', ' ').trim() });
    }
  }
  return processes;
}

async function fromPs(): Promise<ProcessInfo[]> {
  const { output } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { cwd: '/', env: process.env });
  return output.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid && parent && command !== undefined && state?.startsWith('Z') === false
      ? [{ pid: Number(pid), parent: Number(parent), command }]
      : [];
  });
}
