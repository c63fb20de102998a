import { isObject, numberAt, parseJson } from '../../base/json.js';
import type { JournalEntry, JournalPage } from '../../core/storePorts.js';
import { systemErrorCode, type FileSystem, type ReadableFile } from './fileSystem.js';
import { JournalFile, readEntry } from './journalFile.js';
import type { JournalPaths } from './journalWriter.js';

const firstTailBytes = 64 * 1024;
const lineFeed = 10;

/** What is asked for, and what is known without the files. */
export interface PageRequest {
  readonly from: number;
  readonly limit: number;
  /** The number after the session's last event. */
  readonly end: number;
}

/**
 * Reads a page of a journal from its files.
 * @param files the file system
 * @param paths its files; either may be missing
 * @param request what is wanted
 * @throws the file system's error
 */
export async function readJournalPage(
  files: FileSystem,
  paths: JournalPaths,
  request: PageRequest,
): Promise<JournalPage> {
  // In this order: when a new file is begun between the two, the same file is open twice, and none is missed.
  const present = await openIfThere(files, paths.present);
  const older = await openIfThere(files, paths.older).catch(async (error: unknown) => {
    await present?.close();
    throw error;
  });
  const opened = [older, present].filter((file) => file !== null);
  try {
    return await collect(
      opened.map((file) => new JournalFile(file)),
      request,
    );
  } finally {
    for (const file of opened) await file.close();
  }
}

async function collect(files: readonly JournalFile[], { from, limit, end }: PageRequest): Promise<JournalPage> {
  const entries: JournalEntry[] = [];
  let unreadable = 0;
  let last = from - 1;
  for (const file of files) {
    if (entries.length >= limit) break;
    for await (const line of file.linesFrom(from)) {
      const entry = readEntry(line);
      if (!entry) unreadable += 1;
      else if (entry.seq > last) {
        entries.push(entry);
        last = entry.seq;
        if (entries.length >= limit) break;
      }
    }
  }
  const isFull = entries.length >= limit;
  return {
    entries,
    next: isFull ? last + 1 : Math.max(from, last + 1, end),
    end: Math.max(end, entries.length > 0 ? last + 1 : 0),
    evicted: await evictedBefore(files, from, end),
    unreadable,
  };
}

async function evictedBefore(files: readonly JournalFile[], from: number, end: number): Promise<number> {
  for (const file of files) {
    const first = await file.firstSeq();
    if (first !== undefined) return Math.max(0, first - from);
  }
  return Math.max(0, end - from);
}

async function openIfThere(files: FileSystem, path: string): Promise<ReadableFile | null> {
  try {
    return await files.openToRead(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * The number of the last whole line of a journal's file. Read from the end, in growing pieces.
 * @returns undefined when there is none
 * @throws the file system's error
 */
export async function lastSeqIn(files: FileSystem, path: string): Promise<number | undefined> {
  for (let bytes = firstTailBytes; ; bytes *= 4) {
    const { tail, size } = await files.readTail(path, bytes);
    const isWhole = size <= bytes;
    const start = isWhole ? 0 : tail.indexOf(lineFeed) + 1;
    const lines = start === 0 && !isWhole ? [] : tail.toString('utf8', start).split('\n');
    for (const line of lines.reverse()) {
      const value = parseJson(line);
      const seq = isObject(value) ? numberAt(value, 'seq') : undefined;
      if (seq !== undefined) return seq;
    }
    if (isWhole) return undefined;
  }
}
