import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { parseProcStat, parsePsLine } from '../claude/processTable.js';
import { systemErrorCode } from './fileSystem.js';

const run = promisify(execFile);

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words; compare only. Empty where the system does not tell. */
  readonly started: string;
  /** The machine it runs on. */
  readonly host: string;
}

/** Knows this process, and whether another one still runs. */
export interface Processes {
  readonly own: Promise<ProcessIdentity>;
  /** Whether it still runs. Only for processes of this machine. */
  isRunning(identity: ProcessIdentity): Promise<boolean>;
}

/**
 * The machine's processes.
 * @param platform the system's name, as in `process.platform`
 */
export function systemProcesses(platform: NodeJS.Platform): Processes {
  return {
    own: startOf(process.pid, platform).then((started) => ({
      pid: process.pid,
      started: started ?? '',
      host: hostname(),
    })),
    async isRunning(identity) {
      try {
        // Signal 0 is never delivered: it only asks whether the process is there.
        process.kill(identity.pid, 0);
      } catch (error) {
        // EPERM: it is there and belongs to someone else.
        if (systemErrorCode(error) === 'ESRCH') return false;
      }
      if (identity.started === '') return true;
      const started = await startOf(identity.pid, platform);
      return started === undefined ? platform === 'win32' : started === identity.started;
    },
  };
}

/**
 * When a process started, in the system's own words; compare only.
 * @param platform the system's name, as in `process.platform`
 * @returns undefined when it is gone or the system does not tell, as Windows
 */
export async function startOf(pid: number, platform: NodeJS.Platform): Promise<string | undefined> {
  if (platform === 'win32') return undefined;
  try {
    if (platform === 'linux') {
      const entry = parseProcStat(await readFile(`/proc/${String(pid)}/stat`, 'utf8'));
      return entry?.zombie === true ? undefined : entry?.started;
    }
    const { stdout } = await run('/bin/ps', ['-p', String(pid), '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
      env: { LC_ALL: 'C' },
    });
    const entry = parsePsLine(stdout.trimEnd());
    return entry?.zombie === true ? undefined : entry?.started;
  } catch {
    // Both say so by failing when there is no such process.
    return undefined;
  }
}
