import { open } from 'node:fs/promises';
import { isObject, objectAt, parseJson, stringAt } from '../../base/json.js';
import { BackwardLines } from './backwardLines.js';

const boundaryMark = Buffer.from('"compact_boundary"');

/**
 * Whether a compaction came after a message. The program (2.1.329) keeps what was before in the file, but refuses to fork there
 * ("No message found with message.uuid of: …"). A compaction that says that it kept messages counts as none: which of them the
 * program still has is for the program to say.
 * @param path the transcript
 * @param uuid of the message
 * @returns false also when the message is not there
 * @throws FileShrank or the file system's error
 */
export async function wasCompactedAfter(path: string, uuid: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const mark = Buffer.from(uuid);
    const lines = new BackwardLines(file, (await file.stat()).size);
    let isCompacted = false;
    for (let raw = await lines.previous(); raw !== null; raw = await lines.previous()) {
      const { bytes } = raw;
      if (!isCompacted && bytes.includes(boundaryMark)) isCompacted = dropsAll(bytes);
      else if (bytes.includes(mark) && isLineOf(bytes, uuid)) return isCompacted;
    }
    return false;
  } finally {
    await file.close();
  }
}

function dropsAll(bytes: Buffer): boolean {
  const line = parseJson(bytes.toString('utf8'));
  if (!isObject(line) || line['type'] !== 'system' || line['subtype'] !== 'compact_boundary') return false;
  const metadata = objectAt(line, 'compactMetadata') ?? {};
  return line['isSidechain'] !== true && !('preservedSegment' in metadata) && !('preservedMessages' in metadata);
}

function isLineOf(bytes: Buffer, uuid: string): boolean {
  const line = parseJson(bytes.toString('utf8'));
  return isObject(line) && stringAt(line, 'uuid') === uuid;
}
