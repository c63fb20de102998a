import { isObject, parseJson } from '../../base/json.js';
import type { CliLine } from '../../protocol/cli/lines.js';

/** What one line of output holds: an object of the protocol, something else around or instead of it, or both. */
export interface ParsedLine {
  readonly line: CliLine | undefined;
  /** What is no object of the protocol, trimmed; empty when there is no such thing. */
  readonly noise: string;
}

const openingBrace = 123;

/**
 * Reads a line of output. Anything may stand before the first `{` and after the last `}`: a terminal escape such as
 * `ESC[?25h`, or what a library printed without a line feed. An object that was cut off, or that stands in something
 * larger, is noise as a whole, never its inner objects.
 * @param text the line without its line feed
 */
export function parseLine(text: string): ParsedLine {
  if (text.charCodeAt(0) === openingBrace) {
    const value = parseJson(text);
    if (isCliLine(value)) return { line: value, noise: '' };
  }
  const start = text.indexOf('{"');
  const end = text.lastIndexOf('}') + 1;
  if (start !== -1 && end > start && end - start < text.length && !/[[,:"]\s*$/.test(text.slice(0, start))) {
    const value = parseJson(text.slice(start, end));
    if (isCliLine(value)) return { line: value, noise: `${text.slice(0, start)}${text.slice(end)}`.trim() };
  }
  return { line: undefined, noise: text.trim() };
}

function isCliLine(value: unknown): value is CliLine {
  return isObject(value) && typeof value['type'] === 'string';
}
