import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson, stringAt, type JsonObject } from '../../base/json.js';
import { systemErrorCode } from '../store/fileSystem.js';
import { currentBranch, toolUseIds } from './branch.js';
import { readTranscriptLines, type TranscriptLines } from './readLines.js';

/** What was found of subagents. */
export interface Subagents {
  /** The lines of each by the tool use that started it. */
  readonly lines: Map<string, readonly JsonObject[]>;
  /** How many lines could not be read. */
  readonly unreadable: number;
}

/** So many of the small files that say which subagent is whose are read at a time. */
const metaFilesAtOnce = 16;

/**
 * Reads the subagents that some lines of a conversation started, and those started by them.
 * @param path the transcript, `<session id>.jsonl`; the subagents' are in `<session id>/subagents`
 * @param branch the lines
 * @throws the file system's error
 */
export async function readSubagents(path: string, branch: readonly JsonObject[]): Promise<Subagents> {
  const found = new Map<string, readonly JsonObject[]>();
  let unreadable = 0;
  const wanted = branch.flatMap(toolUseIds);
  if (wanted.length === 0) return { lines: found, unreadable };
  const files = await subagentFiles(join(path.replace(/\.jsonl$/, ''), 'subagents'));
  for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
    const file = files.get(id);
    if (file === undefined || found.has(id)) continue;
    const read = await readIfThere(file);
    const own = currentBranch(read.lines, true);
    found.set(id, own);
    unreadable += read.unreadable;
    for (const use of own.flatMap(toolUseIds)) wanted.push(use);
  }
  return { lines: found, unreadable };
}

/** The subagents' files by the tool use that started each, from the small files beside them that say so. */
async function subagentFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.meta.json'));
  for (let index = 0; index < names.length; index += metaFilesAtOnce) {
    const some = names.slice(index, index + metaFilesAtOnce);
    const metas = await Promise.all(some.map((name) => readFile(join(folder, name), 'utf8')));
    for (const [at, name] of some.entries()) {
      const meta = parseJson(metas[at] ?? '');
      const id = isObject(meta) ? stringAt(meta, 'toolUseId') : undefined;
      if (id !== undefined) files.set(id, join(folder, name.replace(/\.meta\.json$/, '.jsonl')));
    }
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
