import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One running process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Its process group. */
  readonly group: number;
  /** When it started: clock ticks since boot on Linux, a date in words elsewhere. Compare only. */
  readonly started: string;
  /** It has ended and waits for its parent to notice. */
  readonly zombie: boolean;
}

/**
 * Lists the system's processes: from `/proc` on Linux, which takes a few milliseconds and no program, with `ps` elsewhere.
 * @param platform the system's name, as in `process.platform`
 */
export function listProcesses(platform: NodeJS.Platform): Promise<readonly ProcessEntry[]> {
  return platform === 'linux' ? listFromProc() : listFromPs();
}

/**
 * Which processes were started with a variable of a certain value, inherited or not. Linux shows that of the user's own
 * processes; elsewhere there is no answer.
 * @param platform the system's name, as in `process.platform`
 * @param variable name and value as `NAME=value`
 * @param entries the processes to look at
 */
export async function processesWithVariable(
  platform: NodeJS.Platform,
  variable: string,
  entries: readonly ProcessEntry[],
): Promise<readonly ProcessEntry[]> {
  if (platform !== 'linux') return [];
  const found = await Promise.all(
    entries.map(async (entry) => {
      try {
        const environment = await readFile(`/proc/${entry.pid}/environ`, 'latin1');
        return environment.split('\0').includes(variable) ? entry : undefined;
      } catch {
        // Another user's, or gone.
        return undefined;
      }
    }),
  );
  return found.filter((entry) => entry !== undefined);
}

/**
 * Reads a line of `/proc/<pid>/stat` (proc(5)): number, name in parentheses that may hold anything, state, parent, group,
 * …, start time as the 22nd field.
 * @returns undefined when it is no such line
 */
export function parseProcStat(text: string): ProcessEntry | undefined {
  const nameEnd = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const [state, parent, group] = text.slice(nameEnd + 2).split(' ', 3);
  const started = text.slice(nameEnd + 2).split(' ')[19];
  if (nameEnd === -1 || Number.isNaN(pid) || state === undefined || group === undefined || started === undefined) {
    return undefined;
  }
  return { pid, parent: Number(parent), group: Number(group), started, zombie: state === 'Z' || state === 'X' };
}

/**
 * Reads a line of `ps -A -o pid=,ppid=,pgid=,stat=,lstart=`.
 * @returns undefined when it is no such line
 */
export function parsePsLine(text: string): ProcessEntry | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(text);
  const [, pid, parent, group, state, started] = match ?? [];
  if (state === undefined || started === undefined) return undefined;
  return { pid: Number(pid), parent: Number(parent), group: Number(group), started, zombie: state.startsWith('Z') };
}

async function listFromProc(): Promise<readonly ProcessEntry[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(
    names.map(async (name) => {
      try {
        return parseProcStat(await readFile(`/proc/${name}/stat`, 'utf8'));
      } catch {
        // It ended between the two reads.
        return undefined;
      }
    }),
  );
  return entries.filter((entry) => entry !== undefined);
}

async function listFromPs(): Promise<readonly ProcessEntry[]> {
  const { stdout } = await run('/bin/ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    env: { LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout
    .split('\n')
    .map(parsePsLine)
    .filter((entry) => entry !== undefined);
}
