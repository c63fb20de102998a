import { join } from 'node:path';
import * as v from 'valibot';
import { isObject, numberAt, parseJson } from '../../base/json.js';
import {
  usageEntrySchema,
  usageVersion,
  type DayUsageEntry,
  type UsageEntry,
} from '../../protocol/usage/usageEntry.js';
import { LineSplitter } from '../claude/framing.js';
import { systemErrorCode, type FileSystem, type ReadableFile } from './fileSystem.js';

/*
 * The record of usage is in up to three files of the workspace's storage folder, all with one line of JSON for each entry:
 * `usage.jsonl`, which turns are appended to; when that is full it becomes `usage.<n>.jsonl`; and when the next one is full,
 * that one is summed up by days in `usage.days.jsonl`, whose first line says the number of the last file that is in it.
 */

const chunkBytes = 256 * 1024;
/** A line of a turn has some hundred bytes. */
const longestLine = 1024 * 1024;

/** The paths of the record's files. */
export class UsagePaths {
  readonly folder: string;
  readonly present: string;
  readonly days: string;
  readonly lock: string;

  /** @param folder the workspace's storage folder, absolute */
  constructor(folder: string) {
    this.folder = folder;
    this.present = join(folder, 'usage.jsonl');
    this.days = join(folder, 'usage.days.jsonl');
    this.lock = join(folder, 'usage.lock');
  }

  /** The file of that number, which nothing is appended to any more. */
  full(number: number): string {
    return join(this.folder, `usage.${String(number)}.jsonl`);
  }

  /** A copy of that file, kept because not all of it could be summed up. */
  kept(number: number): string {
    return join(this.folder, `usage.${String(number)}.kept.jsonl`);
  }
}

/** What a file of the record holds. */
export interface UsageLines {
  readonly entries: readonly UsageEntry[];
  readonly unreadable: number;
}

/** What was summed up by days. */
export interface DaySums extends UsageLines {
  /** Number of the last file that is in it, 0 for none; null when that cannot be told. */
  readonly folded: number | null;
}

/**
 * Reads a file of entries. One that is not there has none.
 * @throws the file system's error
 */
export async function readUsageLines(files: FileSystem, path: string): Promise<UsageLines> {
  const entries: UsageEntry[] = [];
  let unreadable = 0;
  await eachLine(files, path, (line) => {
    const entry = line === null ? undefined : readLine(line);
    if (entry) entries.push(entry);
    else unreadable += 1;
  });
  return { entries, unreadable };
}

/** Reads the sums by day. @throws the file system's error */
export async function readDaySums(files: FileSystem, path: string): Promise<DaySums> {
  const entries: UsageEntry[] = [];
  let [unreadable, lines] = [0, 0];
  const head: { folded: number | null } = { folded: null };
  await eachLine(files, path, (line) => {
    lines += 1;
    const entry = line === null ? undefined : readLine(line);
    if (lines === 1) head.folded = readHead(line ?? '');
    else if (entry) entries.push(entry);
    else unreadable += 1;
  });
  if (lines === 0) return { entries, unreadable, folded: 0 };
  const { folded } = head;
  return { entries, unreadable: unreadable + (folded === null ? 1 : 0), folded };
}

/** The text of a file of sums by day. @param folded number of the last file that is in it */
export function daySumsText(folded: number, entries: readonly DayUsageEntry[]): string {
  return [{ v: usageVersion, folded }, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function readHead(line: string): number | null {
  const head = parseJson(line);
  return isObject(head) && head['v'] === usageVersion ? (numberAt(head, 'folded') ?? null) : null;
}

function readLine(line: string): UsageEntry | undefined {
  const entry = v.safeParse(usageEntrySchema, parseJson(line));
  return entry.success ? entry.output : undefined;
}

/** @param take called with each line, with null for one that is too long; not with a last one that is still being written */
async function eachLine(files: FileSystem, path: string, take: (line: string | null) => void): Promise<void> {
  const splitter = new LineSplitter(
    {
      line: take,
      tooLong: () => {
        take(null);
      },
    },
    longestLine,
  );
  let file: ReadableFile;
  try {
    file = await files.openToRead(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    for (let position = 0; position < file.size;) {
      const piece = await file.read(position, chunkBytes);
      if (piece.length === 0) break;
      position += piece.length;
      splitter.push(piece);
    }
  } finally {
    await file.close();
  }
}
