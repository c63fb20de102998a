import { join } from 'node:path';
import { isObject, parseJson } from '../../base/json.js';
import { systemErrorCode, type FileSystem } from '../store/fileSystem.js';
import { yieldToLoop } from './concurrently.js';
import type { KnownFile } from './knownFile.js';
import { decodeFile, encodeFile } from './knownFileFormat.js';

/** The file's name in the storage folder. */
export const indexFileName = 'transcripts.index.jsonl';

/** Raised whenever the facts change in form or in how they are read: an index of any other version is built anew. */
const indexVersion = 2;

const lineFeed = 10;

/** Lines handled before others get the event loop. */
const slice = 250;

/**
 * Reads what was known of the transcripts. The index is derived: one that is missing, broken, of another version or of
 * another configuration folder is nothing but time lost.
 * @param storage the folder that it is kept in
 * @param projects the program's folder of project folders
 * @returns the files; undefined when there is no index that can be used, with the reason where one is there
 */
export async function loadIndex(
  storage: string,
  projects: string,
  files: FileSystem,
): Promise<{ readonly files: readonly KnownFile[] | undefined; readonly problem: string | null }> {
  let content: Buffer;
  try {
    content = (await files.readTail(join(storage, indexFileName), Number.MAX_SAFE_INTEGER)).tail;
  } catch (error) {
    const code = systemErrorCode(error);
    return { files: undefined, problem: code === 'ENOENT' ? null : `it could not be read (${code})` };
  }
  const lines = linesOf(content);
  const found = parseJson(lines.next().value ?? '');
  if (!isObject(found) || found['version'] !== indexVersion) {
    return { files: undefined, problem: 'it is of another version or broken' };
  }
  if (found['projects'] !== projects) return { files: undefined, problem: null };
  const known: KnownFile[] = [];
  for (const line of lines) {
    if (known.length % slice === slice - 1) await yieldToLoop();
    const file = decodeFile(parseJson(line), projects);
    if (!file) return { files: undefined, problem: `line ${String(known.length + 2)} is broken` };
    known.push(file);
  }
  if (known.length !== found['files']) return { files: undefined, problem: 'it is cut off' };
  return { files: known, problem: null };
}

/** The lines one by one: as a whole, with one letter that is no ASCII, they would take twice the memory and time. */
function* linesOf(content: Buffer): Generator<string, undefined> {
  for (let start = 0; start < content.length;) {
    const feed = content.indexOf(lineFeed, start);
    const end = feed < 0 ? content.length : feed;
    yield content.toString('utf8', start, end);
    start = end + 1;
  }
}

/**
 * Replaces the index; at any instant the disk has the old one or the new one.
 * @param known what to keep; files that could not be read since they changed are left out
 * @param unique keeps two windows that write at once apart
 * @throws the file system's error
 */
export async function saveIndex(
  storage: string,
  projects: string,
  known: Iterable<KnownFile>,
  unique: string,
  files: FileSystem,
): Promise<void> {
  const lines: string[] = [];
  let number = 0;
  for (const { project, id, stamp, stale, facts } of known) {
    if (stale) continue;
    lines.push(`${encodeFile({ project, id, stamp, facts })}\n`);
    number += 1;
    if (number % slice === 0) await yieldToLoop();
  }
  const head = JSON.stringify({ version: indexVersion, projects, files: lines.length });
  const path = join(storage, indexFileName);
  const temporary = `${path}.${unique}.tmp`;
  await files.makeFolder(storage);
  try {
    await files.write(temporary, `${head}\n${lines.join('')}`);
    await files.rename(temporary, path);
  } catch (error) {
    // Half a file is no use to anybody; that it cannot be removed either says nothing new.
    await files.remove(temporary).catch(() => undefined);
    throw error;
  }
}
