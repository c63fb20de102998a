import { isObject, objectAt, parseJson, stringAt, type JsonObject } from '../../base/json.js';

/** What a line of ripgrep's output says, as far as it matters here. */
export type RipgrepLine =
  | { readonly kind: 'begin' }
  | { readonly kind: 'match'; readonly path: string; readonly line: JsonObject }
  /** A line of a transcript that is no JSON object, or whose file has a name that is no text. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'other' };

/** Lines that hold no message and are many and long: the program's own records of its requests. They are not even parsed. */
const records = /^\{\\?"(?:type\\?":\\?"(?:api-request|file-history-snapshot|queue-operation|last-prompt|cost-state))/;
/** The beginnings of attachments other than messages that were sent while a turn ran, as the program orders the members. */
const attachment =
  /^\{\\"parentUuid\\":(?:null|\\"[\w-]*\\"),\\"isSidechain\\":(?:true|false),(?:\\"agentId\\":\\"[\w-]*\\",)?\\"attachment\\":\{\\"type\\":\\"(?!queued_command)/;
const headLength = 300;
const linesMark = '"lines":{"text":"';

/**
 * Reads a line of `rg --json` (https://docs.rs/grep-printer, `JSON`): texts are `{"text":…}`, or `{"bytes":…}` in base64
 * where they are no UTF-8.
 * @param text the line
 */
export function readRipgrepLine(text: string): RipgrepLine {
  if (holdsNoMessage(text)) return { kind: 'other' };
  const value = parseJson(text);
  const type = isObject(value) ? value['type'] : undefined;
  if (type === 'begin') return { kind: 'begin' };
  if (!isObject(value) || type !== 'match') return { kind: 'other' };
  const data = objectAt(value, 'data') ?? {};
  const path = stringAt(objectAt(data, 'path') ?? {}, 'text');
  const line = parseJson(textOf(objectAt(data, 'lines') ?? {}));
  return path !== undefined && isObject(line) ? { kind: 'match', path, line } : { kind: 'unreadable' };
}

/** Whether the matching line is one of those that are not worth parsing, by its first characters. */
function holdsNoMessage(text: string): boolean {
  const mark = text.indexOf(linesMark);
  if (mark === -1 || mark > 10_000) return false;
  const head = text.slice(mark + linesMark.length, mark + linesMark.length + headLength);
  return records.test(head) || attachment.test(head);
}

function textOf(member: JsonObject): string {
  return stringAt(member, 'text') ?? Buffer.from(stringAt(member, 'bytes') ?? '', 'base64').toString('utf8');
}
