import { createReadStream } from 'node:fs';
import { isObject, parseJson, type JsonObject } from '../../base/json.js';
import { LineSplitter } from '../claude/framing.js';

/** The lines of a transcript file. */
export interface TranscriptLines {
  readonly lines: readonly JsonObject[];
  /** How many lines were no JSON object or too long. */
  readonly unreadable: number;
}

/** Kinds of lines that are large, many, and no part of a conversation: not worth parsing. */
const skipped = ['{"type":"api-request', '{"type":"file-history-snapshot"', '{"type":"queue-operation"'];

const chunkBytes = 1024 * 1024;

/**
 * Reads a transcript file that the program may be writing at this moment: a last line without its line feed is still on
 * its way and not counted as unreadable.
 * @param path the file
 * @throws the file system's error
 */
export async function readTranscriptLines(path: string): Promise<TranscriptLines> {
  const lines: JsonObject[] = [];
  let unreadable = 0;
  const splitter = new LineSplitter({
    line(text) {
      if (skipped.some((start) => text.startsWith(start))) return;
      const value = parseJson(text);
      if (isObject(value)) lines.push(value);
      else if (text.trim() !== '') unreadable += 1;
    },
    tooLong() {
      unreadable += 1;
    },
  });
  let endsWithLine = true;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    if (!Buffer.isBuffer(chunk)) continue;
    splitter.push(chunk);
    endsWithLine = chunk.at(-1) === 10;
  }
  if (!endsWithLine) {
    const before = unreadable;
    splitter.end();
    unreadable = before;
  }
  return { lines, unreadable };
}
