import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import * as v from 'valibot';
import { ArborError } from '../../base/errors.js';
import { parseJson } from '../../base/json.js';
import { readFully } from './backwardLines.js';
import type { PageStart } from './branchWalk.js';

const place = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Where a transcript is gone on with, and by what it is known that it is still the same. */
const cursorSchema = v.object({
  version: v.literal(1),
  path: v.string(),
  device: v.string(),
  inode: v.string(),
  /** The file's first bytes, and those from `start` on: how many, and their hash. */
  head: v.object({ bytes: place, hash: v.string() }),
  next: v.object({ bytes: place, hash: v.string() }),
  /** The line before which the page ends. */
  start: place,
  parent: v.nullable(v.string()),
  inTurn: v.boolean(),
});

/** Where a transcript is gone on with, and by what it is known that it is still the same. */
export type PageCursor = v.InferOutput<typeof cursorSchema>;

const comparedBytes = 512;

/**
 * Makes the cursor of the page before a page.
 * @param path the transcript
 * @param file the same, open
 * @param before the first line of the page that was read
 * @throws FileShrank or the file system's error
 */
export async function makeCursor(path: string, file: FileHandle, before: PageStart): Promise<string> {
  const stats = await file.stat({ bigint: true });
  const size = Number(stats.size);
  const cursor: PageCursor = {
    version: 1,
    path,
    ...identity(stats),
    head: await fingerprint(file, 0, Math.min(comparedBytes, size)),
    next: await fingerprint(file, before.start, Math.min(comparedBytes, size - before.start)),
    ...before,
  };
  return JSON.stringify(cursor);
}

/**
 * Reads a cursor.
 * @throws ArborError `transcriptChanged` when it is none of this release
 */
export function parseCursor(text: string): PageCursor {
  const parsed = v.safeParse(cursorSchema, parseJson(text));
  if (!parsed.success) throw transcriptChanged(parsed.issues);
  return parsed.output;
}

/**
 * Makes sure that what the cursor speaks of is still there: the same file, only longer.
 * @throws ArborError `transcriptChanged` when it is not, or the file system's error
 */
export async function checkCursor(cursor: PageCursor, file: FileHandle): Promise<void> {
  const stats = await file.stat({ bigint: true });
  const { device, inode } = identity(stats);
  if (device !== cursor.device || inode !== cursor.inode) throw transcriptChanged('another file');
  const size = Number(stats.size);
  for (const [start, { bytes, hash }] of [[0, cursor.head] as const, [cursor.start, cursor.next] as const]) {
    if (size < start + bytes) throw transcriptChanged('shorter');
    if ((await fingerprint(file, start, bytes)).hash !== hash) throw transcriptChanged('other bytes');
  }
}

/** The transcript is not the one that was read before. Reading its end begins anew. */
export function transcriptChanged(cause: unknown): ArborError {
  return new ArborError(
    {
      code: 'transcriptChanged',
      what: "This conversation's transcript was replaced, cut or rewritten since it was read.",
      kept: 'The messages that are shown stay.',
      next: 'Reload the window to read it anew.',
    },
    cause,
  );
}

/** There is no transcript any more. */
export function transcriptMissing(cause: unknown): ArborError {
  return new ArborError(
    {
      code: 'transcriptMissing',
      what: "This conversation's transcript is not there any more.",
      kept: 'The messages that are shown stay until the window is reloaded.',
      next: 'Put the file back if you moved it, then try again.',
    },
    cause,
  );
}

function identity(stats: BigIntStats): { readonly device: string; readonly inode: string } {
  return { device: String(stats.dev), inode: String(stats.ino) };
}

async function fingerprint(
  file: FileHandle,
  start: number,
  bytes: number,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const buffer = Buffer.alloc(bytes);
  await readFully(file, buffer, start);
  return { bytes, hash: createHash('sha256').update(buffer).digest('base64') };
}
