import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson, stringAt, type JsonObject } from '../../base/json.js';
import type { Mentions, MessageSource } from '../../core/address/resolve.js';
import { LineSplitter } from '../claude/framing.js';
import { systemErrorCode } from '../store/fileSystem.js';

const chunkBytes = 1024 * 1024;

/**
 * Looks messages up in the program's transcripts.
 * @param locate finds a session's transcript file; undefined when there is none
 */
export function createMessageSource(locate: (sessionId: string) => Promise<string | undefined>): MessageSource {
  return {
    async mentions(sessionId, text) {
      const path = await locate(sessionId);
      if (path === undefined) return null;
      const own = await scan(path, text);
      if (own === null) return null;
      if (own.lines.length > 0) return own;
      for (const file of await subagentFiles(path)) {
        const found = await scan(file, text);
        if (found && found.lines.length > 0) return { ...found, compactedAfter: own.compactedAfter };
      }
      return own;
    },
  };
}

/** The lines of a file that hold a text; nothing else of it is parsed or kept. Null when the file is gone. */
async function scan(path: string, text: string): Promise<Mentions | null> {
  const lines: JsonObject[] = [];
  const compactedAfter: string[] = [];
  let isInBadLine = false;
  const splitter = new LineSplitter({
    line(line) {
      const isWanted = line.includes(text);
      const isCompaction = line.includes('"compact_boundary"');
      if (!isWanted && !isCompaction) return;
      const value = parseJson(line);
      if (!isObject(value)) isInBadLine ||= isWanted;
      else {
        if (isWanted) lines.push(value);
        const last = value['subtype'] === 'compact_boundary' ? stringAt(value, 'logicalParentUuid') : undefined;
        if (last !== undefined) compactedAfter.push(last);
      }
    },
    tooLong(head) {
      isInBadLine ||= head.includes(text);
    },
  });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
      if (Buffer.isBuffer(chunk)) splitter.push(chunk);
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
  splitter.end();
  return { lines, isInBadLine, compactedAfter };
}

async function subagentFiles(path: string): Promise<readonly string[]> {
  const folder = join(path.replace(/\.jsonl$/, ''), 'subagents');
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error))) return [];
    throw error;
  }
}
