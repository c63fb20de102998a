import { join } from 'node:path';
import { isObject, parseJson } from '../../base/json.js';
import { systemErrorCode, type FileSystem, type ReadableFile } from '../store/fileSystem.js';
import { yieldToLoop } from './concurrently.js';
import type { KnownFile } from './knownFile.js';
import { decodeFile, encodeFile } from './knownFileFormat.js';

/** The file's name in the storage folder. */
export const indexFileName = 'transcripts.index.jsonl';

/** Raised whenever the facts change in form or in how they are read: an index of any other version is built anew. */
const indexVersion = 2;

const lineFeed = 10;

/** Lines written before others get the event loop. */
const slice = 250;

/** Bytes read at a time: some hundred lines, after which others get the event loop. */
const pieceBytes = 256 * 1024;

/** What came of reading a kept index. */
export interface LoadedIndex {
  /** Whether it was whole. What was given of one that was not is right all the same, as far as it goes. */
  readonly isWhole: boolean;
  /** Why not, where there is one that should have been. */
  readonly problem: string | null;
}

const isMissing: LoadedIndex = { isWhole: false, problem: null };

/**
 * Reads what was known of the transcripts. The index is derived: one that is missing, broken, of another version or of
 * another configuration folder is nothing but time lost.
 * @param storage the folder that it is kept in
 * @param projects the program's folder of project folders
 * @param take gets the files lot by lot while the rest is still read, the newest first
 */
export async function loadIndex(
  storage: string,
  projects: string,
  files: FileSystem,
  take: (known: readonly KnownFile[]) => void,
): Promise<LoadedIndex> {
  try {
    const file = await files.openToRead(join(storage, indexFileName));
    try {
      return await readIndex(file, projects, take);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === '') throw error;
    return code === 'ENOENT' ? isMissing : broken(`it could not be read (${code})`);
  }
}

async function readIndex(
  file: ReadableFile,
  projects: string,
  take: (known: readonly KnownFile[]) => void,
): Promise<LoadedIndex> {
  let expected: unknown;
  let count = -1;
  for await (const lines of linesOf(file)) {
    const known: KnownFile[] = [];
    for (const line of lines) {
      count += 1;
      const value = parseJson(line);
      if (count === 0) {
        if (!isObject(value) || value['version'] !== indexVersion) return broken('it is of another version or broken');
        if (value['projects'] !== projects) return isMissing;
        expected = value['files'];
        continue;
      }
      const one = decodeFile(value, projects);
      if (!one) {
        take(known);
        return broken(`line ${String(count + 1)} is broken`);
      }
      known.push(one);
    }
    take(known);
  }
  if (count < 0) return broken('it is of another version or broken');
  return count === expected ? { isWhole: true, problem: null } : broken('it is cut off');
}

function broken(problem: string): LoadedIndex {
  return { isWhole: false, problem };
}

/**
 * The lines piece by piece, each decoded by itself: as a whole, with one letter that is no ASCII, they would take twice
 * the memory and time. The next piece is on its way while one is worked on.
 */
async function* linesOf(file: ReadableFile): AsyncGenerator<readonly string[], undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let next = file.read(0, pieceBytes);
  for (let position = 0; ;) {
    const piece = await next;
    position += piece.length;
    const isLast = piece.length === 0 || position >= file.size;
    if (!isLast) next = readAhead(file, position);
    const content = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const lines: string[] = [];
    let start = 0;
    for (let feed = content.indexOf(lineFeed); feed >= 0; feed = content.indexOf(lineFeed, start)) {
      lines.push(content.toString('utf8', start, feed));
      start = feed + 1;
    }
    rest = content.subarray(start);
    if (isLast && rest.length > 0) lines.push(rest.toString('utf8'));
    yield lines;
    if (isLast) return;
  }
}

/** Its failure is told where it is awaited, which may be never. */
function readAhead(file: ReadableFile, position: number): Promise<Buffer> {
  const reading = file.read(position, pieceBytes);
  reading.catch(() => undefined);
  return reading;
}

/**
 * Replaces the index; at any instant the disk has the old one or the new one. The newest sessions come first, because they
 * are what is looked at.
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
  for (const { project, id, stamp, stale, facts } of [...known].sort(newestFirst)) {
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

function newestFirst(a: KnownFile, b: KnownFile): number {
  return activity(b) - activity(a);
}

function activity({ facts, stamp }: KnownFile): number {
  return facts?.activeAt ?? stamp.modifiedAt;
}
