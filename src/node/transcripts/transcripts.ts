import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson, stringAt, type JsonObject } from '../../base/json.js';
import type { Transcripts } from '../../core/storePorts.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import { systemErrorCode } from '../store/fileSystem.js';
import { currentBranch, toolUseIds } from './branch.js';
import { configFolder, locateTranscript } from './locate.js';
import { readTranscriptLines, type TranscriptLines } from './readLines.js';
import { Replay } from './replay.js';

/** What transcripts are found with. */
export interface TranscriptsOptions {
  /** The environment that the program is started with, at this moment. */
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
}

/** The transcripts that the program keeps below its configuration folder. They are read, never written. */
export function createTranscripts(options: TranscriptsOptions): Transcripts {
  const locate = (folder: string, sessionId: string): Promise<string | undefined> => {
    return locateTranscript(configFolder(options.environment(), options.home), folder, sessionId);
  };
  return {
    exists: async (folder, sessionId) => (await locate(folder, sessionId)) !== undefined,
    async read(folder, sessionId) {
      const path = await locate(folder, sessionId);
      if (path === undefined) return { events: [], unreadable: 0 };
      return readConversation(path);
    },
  };
}

/**
 * Reads a transcript file, and those of its subagents beside it, as events.
 * @param path the file, `<session id>.jsonl`
 * @returns the events, and how many lines could not be read
 * @throws the file system's error when the file cannot be read
 */
export async function readConversation(
  path: string,
): Promise<{ readonly events: readonly SessionEvent[]; readonly unreadable: number }> {
  const main = await readTranscriptLines(path);
  const branch = currentBranch(main.lines);
  const subagents = await readSubagents(join(path.replace(/\.jsonl$/, ''), 'subagents'), branch);
  const events: SessionEvent[] = [];
  const replay = new Replay(
    (event) => {
      events.push(event);
    },
    (toolUseId) => {
      const lines = subagents.lines.get(toolUseId) ?? [];
      // Each is told once, however a damaged file may point at it.
      subagents.lines.delete(toolUseId);
      return lines;
    },
  );
  for (const line of branch) replay.line(line);
  replay.end();
  return { events, unreadable: main.unreadable + subagents.unreadable };
}

interface Subagents {
  readonly lines: Map<string, readonly JsonObject[]>;
  unreadable: number;
}

/** The lines of the subagents that this branch started, and those started by them, by the tool use that started each. */
async function readSubagents(folder: string, branch: readonly JsonObject[]): Promise<Subagents> {
  const found: Subagents = { lines: new Map(), unreadable: 0 };
  const files = await subagentFiles(folder);
  const wanted = branch.flatMap(toolUseIds);
  for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
    const file = files.get(id);
    if (file === undefined || found.lines.has(id)) continue;
    const { lines, unreadable } = await readIfThere(file);
    const own = currentBranch(lines, true);
    found.lines.set(id, own);
    found.unreadable += unreadable;
    wanted.push(...own.flatMap(toolUseIds));
  }
  return found;
}

/** The subagents' files by the tool use that started each, from the small files beside them that say so. */
async function subagentFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const name of await namesIn(folder)) {
    if (!name.endsWith('.meta.json')) continue;
    const meta = parseJson(await readFile(join(folder, name), 'utf8'));
    const id = isObject(meta) ? stringAt(meta, 'toolUseId') : undefined;
    if (id !== undefined) files.set(id, join(folder, name.replace(/\.meta\.json$/, '.jsonl')));
  }
  return files;
}

async function readIfThere(path: string): Promise<TranscriptLines> {
  try {
    return await readTranscriptLines(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return { lines: [], unreadable: 0 };
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
