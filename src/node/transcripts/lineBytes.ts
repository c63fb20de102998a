/*
 * What can be said of a transcript's line from its bytes, without parsing it. The program writes `parentUuid` and
 * `isSidechain` first and `uuid` behind the message (seen with 2.1.329); none of this depends on that for being right.
 */

/** Kinds of lines that are large, many, and no part of a conversation. */
const skipped = ['{"type":"api-request', '{"type":"file-history-snapshot"', '{"type":"queue-operation"'].map((start) =>
  Buffer.from(start),
);
const sidechainHead = Buffer.from('"isSidechain":true');
/** `parentUuid` and `isSidechain` are within so many bytes. */
const headBytes = 90;
const marks = [Buffer.from('"tool_result"'), Buffer.from('"assistant"')];
const uuidName = Buffer.from('"uuid"');

const quote = 0x22;
const colon = 0x3a;
const braceOpen = 0x7b;
const braceClose = 0x7d;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

/** Whether a line is of a kind that is never read. */
export function isSkipped(line: Buffer): boolean {
  return skipped.some((start) => line.length >= start.length && start.compare(line, 0, start.length) === 0);
}

/** Whether nothing is in the line. */
export function isBlank(line: Buffer): boolean {
  return line.every(isSpace);
}

/** Whether a line begins and ends as an object does. One that does not was torn. */
export function looksWhole(line: Buffer): boolean {
  let start = 0;
  let end = line.length - 1;
  while (isSpace(line[start])) start += 1;
  while (isSpace(line[end])) end -= 1;
  return end > start && line[start] === braceOpen && line[end] === braceClose;
}

/** Whether the line is a subagent's, as far as its first bytes say. */
export function isSidechainHead(line: Buffer): boolean {
  return line.subarray(0, headBytes).includes(sidechainHead);
}

/** Whether the line may be Claude's or hold a tool's result. */
export function mayBelongBeside(line: Buffer): boolean {
  return marks.some((mark) => line.includes(mark));
}

/** The text as the bytes that stand for it inside of a JSON string, whoever wrote it without needless escapes. */
export function jsonBytes(text: string): Buffer {
  return Buffer.from(JSON.stringify(text).slice(1, -1));
}

/** The values of all members called `uuid` in a line, the line's own among them. */
export function* uuidsIn(line: Buffer): Generator<string> {
  for (let at = line.indexOf(uuidName); at !== -1; at = line.indexOf(uuidName, at + 1)) {
    let start = at + uuidName.length;
    while (isSpace(line[start]) || line[start] === colon) start += 1;
    if (line[start] !== quote) continue;
    const end = line.indexOf(quote, start + 1);
    if (end !== -1) yield line.toString('utf8', start + 1, end);
  }
}
