import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson, type JsonObject } from '../../base/json.js';
import type { RawLine, RawLines, RawSubagent, RawTranscript } from '../../core/export/rawTranscript.js';
import { LineSplitter } from '../claude/framing.js';
import { systemErrorCode } from '../store/fileSystem.js';

const chunkBytes = 256 * 1024;

/** The lines of a file on the disk, read piece by piece. @param path absolute path */
function fileLines(path: string): RawLines {
  return { read: (onUnreadable) => readFileLines(path, onUnreadable) };
}

async function* readFileLines(path: string, onUnreadable: () => void): AsyncGenerator<RawLine, undefined> {
  let ready: RawLine[] = [];
  const splitter = new LineSplitter({
    line: (text) => {
      if (text.trim() === '') return;
      const value = parseJson(text);
      if (isObject(value)) ready.push({ text: text.trim(), value });
      else onUnreadable();
    },
    tooLong: onUnreadable,
  });
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    if (!Buffer.isBuffer(chunk)) continue;
    splitter.push(chunk);
    yield* ready;
    ready = [];
  }
  splitter.end();
  yield* ready;
}

/**
 * A transcript file with those of its subagents, which the program keeps in `<session id>/subagents/` beside it.
 * @param path absolute path of the file, `….jsonl`
 * @throws the file system's error
 */
export async function fileTranscript(path: string): Promise<RawTranscript> {
  const folder = join(path.replace(/\.jsonl$/i, ''), 'subagents');
  const subagents: RawSubagent[] = [];
  for (const file of (await namesIn(folder)).toSorted()) {
    const name = /^(agent-[\w-]{1,100})\.jsonl$/.exec(file)?.[1];
    if (name === undefined) continue;
    const meta = await readMeta(join(folder, `${name}.meta.json`));
    subagents.push({ name, meta, lines: fileLines(join(folder, file)) });
  }
  return { lines: fileLines(path), subagents };
}

async function readMeta(path: string): Promise<JsonObject | null> {
  try {
    const meta = parseJson(await readFile(path, 'utf8'));
    return isObject(meta) ? meta : null;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error))) return [];
    throw error;
  }
}
