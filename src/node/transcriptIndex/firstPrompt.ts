import { arrayAt, isObject, objectAt, type JsonObject } from '../../base/json.js';
import { readContent } from '../../core/session/translate/content.js';
import { isInterruptMark, slashCommand } from '../../core/session/translate/userLines.js';

const promptLength = 500;
const titleLength = 200;

/** What a line of the user's says: their words, a command that they ran, or nothing of theirs. */
export type Said = { readonly kind: 'words' | 'command'; readonly text: string } | undefined;

/**
 * Reads what the user said from a line of type `user`. Tool results, marks, summaries and output of commands are written
 * as the user's too, and are nothing that they said.
 */
export function readSaid(line: JsonObject): Said {
  if (line['isMeta'] === true || line['isCompactSummary'] === true) return undefined;
  const content = (objectAt(line, 'message') ?? {})['content'];
  const blocks = arrayAt({ content }, 'content');
  if (blocks.some((block) => isObject(block) && block['type'] === 'tool_result')) return undefined;
  return classifySaid(readContent(content).text);
}

/** As `readSaid`, for a text whose line is not whole. */
export function classifySaid(text: string): Said {
  const command = slashCommand(text) ?? shellCommand(text);
  if (command !== undefined) return { kind: 'command', text: cut(command, promptLength) };
  const isProgram = /^<(?:local-command-|bash-std|task-notification|system-reminder)/.test(text);
  if (isProgram || isInterruptMark(text) || text.trim() === '') return undefined;
  return { kind: 'words', text: cut(text.trim(), promptLength) };
}

function shellCommand(text: string): string | undefined {
  const command = /^<bash-input>([\s\S]*?)<\/bash-input>/.exec(text)?.[1];
  return command === undefined ? undefined : `! ${command}`;
}

/** A title's one line: the first one that says something. */
export function titleLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  return cut(line.replaceAll(/\s+/g, ' ').trim(), titleLength);
}

/** The beginning of a text, never ending in half of a character. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return text.slice(0, end);
}
