import { open, type FileHandle } from 'node:fs/promises';
import { ArborError } from '../../base/errors.js';
import { isObject, parseJson, type JsonObject } from '../../base/json.js';
import { systemErrorCode } from '../store/fileSystem.js';
import { BackwardLines, FileShrank, readFully } from './backwardLines.js';
import { BranchWalk, type PageLine, type PageSize } from './branchWalk.js';
import { uuidsIn } from './lineBytes.js';
import { checkCursor, makeCursor, transcriptChanged, transcriptMissing, type PageCursor } from './pageCursor.js';

/** The lines of a page. */
export interface LinePage {
  /** Lines of the branch, in their order. Those that show nothing are left out. */
  readonly lines: readonly JsonObject[];
  /** Of the page before this one; null when this one begins with the conversation's first line. */
  readonly cursor: string | null;
  /** How many lines of this part of the file could not be read. */
  readonly unreadable: number;
}

/** Where a page ends: at the end of the file, at a line of it, or before what was read already. */
export type PageEnd = 'last' | { readonly uuid: string } | { readonly before: PageCursor };

/** A link is looked for in so many bytes before it is asked whether it leads anywhere, and in this share of the file. */
const strayBytes = 256 * 1024;
const strayShare = 32;

/**
 * Reads a page of the current branch of a transcript, from its last line back. The file may be written meanwhile.
 * @param path the transcript
 * @param end where the page ends
 * @param size how much it holds
 * @throws ArborError `transcriptMissing` when there is no such file (any more), `transcriptChanged` when it is not what the
 * cursor came from, `notFound` when no line has the UUID; else the file system's error
 */
export async function readPage(path: string, end: PageEnd, size: PageSize): Promise<LinePage> {
  const file = await openFile(path);
  try {
    const wantsLine = end !== 'last' && 'uuid' in end;
    if (end !== 'last' && 'before' in end) await checkCursor(end.before, file);
    const walk = await newWalk(file, end, size);
    await follow(file, walk, wantsLine);
    const { pageStart, unreadable } = walk;
    const lines = await readLines(file, walk.lines);
    const cursor = pageStart === null ? null : await makeCursor(path, file, pageStart);
    return { lines, cursor, unreadable };
  } catch (error) {
    throw error instanceof FileShrank ? transcriptChanged(error) : error;
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw systemErrorCode(error) === 'ENOENT' ? transcriptMissing(error) : error;
  }
}

async function newWalk(file: FileHandle, end: PageEnd, size: PageSize): Promise<BranchWalk> {
  if (end !== 'last' && 'before' in end) return new BranchWalk(end.before.start, end.before.parent, size);
  return new BranchWalk((await file.stat()).size, end === 'last' ? null : end.uuid, size);
}

/** Walks back until the page is full. @param isExact whether nothing else will do where the first line is not found */
async function follow(file: FileHandle, walk: BranchWalk, isExact: boolean): Promise<void> {
  const most = Math.max(strayBytes, walk.at / strayShare);
  let known: UuidSet | null = null;
  let lines = new BackwardLines(file, walk.at);
  while (!walk.ended) {
    const raw = await lines.previous();
    if (raw !== null) {
      const { wanted } = walk;
      walk.take(raw);
      // A link that leads nowhere must not cost a walk through the whole file, and never more than one.
      const isFar = walk.strayed > most && known === null && !(isExact && walk.isFirst);
      if (isFar) known = await knownUuids(file, walk.at);
      const isNew = walk.wanted !== wanted || isFar;
      if (!isNew || known === null || walk.wanted === null || known.has(walk.wanted)) continue;
    } else if (walk.wanted === null) return;
    if (isExact && walk.isFirst) throw messageMissing();
    walk.giveUp();
    lines = new BackwardLines(file, walk.at);
  }
}

/** Which UUIDs there may be; one that is not in it is not there. */
class UuidSet {
  readonly #hashes = new Set<number>();

  add(uuid: string): void {
    this.#hashes.add(hashOf(uuid));
  }

  has(uuid: string): boolean {
    return this.#hashes.has(hashOf(uuid));
  }
}

function hashOf(text: string): number {
  let hash = 0;
  // 30 bits stay a small integer, which takes the least memory.
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) & 0x3fffffff;
  return hash;
}

async function knownUuids(file: FileHandle, end: number): Promise<UuidSet> {
  const known = new UuidSet();
  const lines = new BackwardLines(file, end);
  for (let raw = await lines.previous(); raw !== null; raw = await lines.previous()) {
    for (const uuid of uuidsIn(raw.bytes)) known.add(uuid);
  }
  return known;
}

async function readLines(file: FileHandle, lines: readonly PageLine[]): Promise<readonly JsonObject[]> {
  const read: JsonObject[] = [];
  for (const { line, start, length } of lines) {
    read.push(line ?? (await readLine(file, start, length)));
  }
  return read;
}

async function readLine(file: FileHandle, start: number, length: number): Promise<JsonObject> {
  const bytes = Buffer.alloc(length);
  await readFully(file, bytes, start);
  const value = parseJson(bytes.toString('utf8'));
  // It was one a moment ago.
  if (!isObject(value)) throw transcriptChanged('a line changed while it was read');
  return value;
}

function messageMissing(): ArborError {
  return new ArborError({
    code: 'notFound',
    what: "This message is not in the conversation's transcript.",
    kept: 'Nothing was changed.',
    next: 'Choose another message.',
  });
}
