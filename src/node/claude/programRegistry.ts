import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import type { OtherProgram, ProgramRegistry } from '../../core/ports.js';
import { systemErrorCode } from '../store/fileSystem.js';
import { listProcesses, type ProcessEntry } from './processTable.js';

/** What the registry is read with. */
export interface ProgramRegistryOptions {
  /** The program's configuration folder, at this moment. */
  readonly configFolder: () => string;
  readonly platform: NodeJS.Platform;
  /** The process whose programs are this window's own; by default this one. */
  readonly ownPid?: number;
  readonly logger: Logger;
}

/**
 * What a program writes of itself to `<configuration folder>/sessions/<pid>.json`, and takes away as it ends (seen with 2.1.200
 * and 2.1.329; one that is killed leaves it behind). It changes with `/clear`, which begins another session.
 */
const entrySchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  sessionId: v.string(),
  /** When the process started; on Linux in clock ticks since the machine did. */
  procStart: v.optional(v.string()),
  /** `cli` is the program's own interface, `sdk-cli` one that another program drives. */
  entrypoint: v.optional(v.string()),
  status: v.optional(v.string()),
});

type Entry = v.InferOutput<typeof entrySchema>;

/** Reads which programs run from what they write of themselves. The keys that lie beside are not read. */
export function createProgramRegistry(options: ProgramRegistryOptions): ProgramRegistry {
  return {
    async othersOn(sessionId, own) {
      try {
        const entries = await readEntries(join(options.configFolder(), 'sessions'));
        const found = entries.filter((entry) => entry.sessionId === sessionId && entry.pid !== own);
        return found.length === 0 ? [] : (await living(found, options)).map(describe);
      } catch (error) {
        options.logger.warn(`It could not be found out who else is at a session: ${String(error)}`);
        return [];
      }
    },
  };
}

async function readEntries(folder: string): Promise<readonly Entry[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const entries = await Promise.all(
    names.filter((name) => /^\d+\.json$/.test(name)).map((name) => read(join(folder, name))),
  );
  return entries.flat();
}

async function read(path: string): Promise<readonly Entry[]> {
  // One that has just ended takes its file away; a torn one is not there yet.
  const text = await readFile(path, 'utf8').catch(() => '');
  const parsed = v.safeParse(entrySchema, parseJson(text));
  return parsed.success ? [parsed.output] : [];
}

/** Those that run and were not started by this window. */
async function living(
  entries: readonly Entry[],
  { platform, ownPid = process.pid }: ProgramRegistryOptions,
): Promise<readonly Entry[]> {
  if (platform === 'win32') {
    // Who started whom is not asked there: ours are never in a terminal.
    return entries.filter(({ pid, entrypoint }) => entrypoint === 'cli' && isThere(pid));
  }
  const table = new Map((await listProcesses(platform)).map((entry) => [entry.pid, entry]));
  return entries.filter(({ pid, procStart }) => {
    const known = table.get(pid);
    if (!known || known.zombie) return false;
    const isSame = platform !== 'linux' || procStart === undefined || procStart === known.started;
    return isSame && !isBelow(known, ownPid, table);
  });
}

function isThere(pid: number): boolean {
  try {
    // Signal 0 is never delivered: it only asks whether the process is there.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

function isBelow(entry: ProcessEntry, ancestor: number, table: ReadonlyMap<number, ProcessEntry>): boolean {
  const seen = new Set<number>();
  for (let at: ProcessEntry | undefined = entry; at && !seen.has(at.pid); at = table.get(at.parent)) {
    if (at.parent === ancestor) return true;
    seen.add(at.pid);
  }
  return false;
}

function describe({ pid, entrypoint, status }: Entry): OtherProgram {
  return { pid, isTerminal: entrypoint === 'cli', isBusy: status === 'busy' };
}
