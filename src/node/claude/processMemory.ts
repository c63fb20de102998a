import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProcessMeter } from '../../core/ports.js';

const run = promisify(execFile);

/**
 * Measures processes: from `/proc` on Linux, with `ps` on other POSIX systems and `tasklist` on Windows.
 * @param platform the system's name, as in `process.platform`
 */
export function processMeter(platform: NodeJS.Platform): ProcessMeter {
  return {
    async memory(pids) {
      if (pids.length === 0) return new Map();
      if (platform === 'linux') return fromProc(pids);
      return platform === 'win32' ? fromTasklist(pids) : fromPs(pids);
    },
  };
}

async function fromProc(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  await Promise.all(
    pids.map(async (pid) => {
      try {
        const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
        if (kilobytes !== undefined) found.set(pid, Number(kilobytes) * 1024);
      } catch {
        // It has ended meanwhile.
      }
    }),
  );
  return found;
}

async function fromPs(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  try {
    const { stdout } = await run('/bin/ps', ['-o', 'pid=,rss=', '-p', pids.join(',')], { env: { LC_ALL: 'C' } });
    return new Map(parseLines(stdout, /^\s*(\d+)\s+(\d+)\s*$/));
  } catch {
    // It fails when none of them lives.
    return new Map();
  }
}

async function fromTasklist(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const file = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'tasklist.exe');
  const found = new Map<number, number>();
  await Promise.all(
    pids.map(async (pid) => {
      const filter = `PID eq ${String(pid)}`;
      try {
        const { stdout } = await run(file, ['/FI', filter, '/FO', 'CSV', '/NH'], { windowsHide: true });
        const bytes = parseTasklist(stdout).get(pid);
        if (bytes !== undefined) found.set(pid, bytes);
      } catch {
        // Without a figure the view says so.
      }
    }),
  );
  return found;
}

/**
 * Reads what `tasklist /FO CSV /NH` prints: name, number, session name, session number, memory in KB with the country's own
 * separators.
 * @returns bytes by process number
 */
export function parseTasklist(text: string): ReadonlyMap<number, number> {
  const line = /^"[^"]*","(\d+)","[^"]*","\d+","([^"]*)"\s*$/;
  return new Map(parseLines(text, line));
}

/** Lines of a process number and its kilobytes. */
function parseLines(text: string, line: RegExp): readonly (readonly [pid: number, bytes: number])[] {
  return text.split('\n').flatMap((each) => {
    const [, pid, kilobytes] = line.exec(each) ?? [];
    const digits = kilobytes?.replaceAll(/\D/g, '') ?? '';
    return pid === undefined || digits === '' ? [] : [[Number(pid), Number(digits) * 1024] as const];
  });
}
