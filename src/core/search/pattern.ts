import type { SearchQuery } from './query.js';

/*
 * Transcripts are JSON lines, so a text stands in them escaped. The patterns here, in the syntax of Rust's `regex` that
 * ripgrep has, find every line that can hold the query, and some that cannot: each line found is parsed and looked at
 * again (`matchLine.ts`). They hold no line feed. Both ways of writing JSON are covered: `JSON.stringify`, which escapes
 * only what it must, and ASCII alone with `\uXXXX` for the rest.
 */

/** Whether a text is looked for in any case: when it holds no capital letter. */
function ignoresCase(text: string): boolean {
  return !/[\p{Lu}\p{Lt}]/u.test(text);
}

/**
 * The patterns of which a line must match at least one.
 * @param query with a text, a tool or a file
 */
export function linePatterns(query: SearchQuery): readonly string[] {
  const patterns = query.text === '' ? [] : [textPattern(query.text, ignoresCase(query.text))];
  // A result does not say which tool it is of: the tool uses are needed as well, to know.
  if (query.tool !== null) patterns.push(toolPattern(query.tool));
  else if (query.file !== null) patterns.push(filePattern(query.file));
  return patterns;
}

function textPattern(text: string, ignoreCase: boolean): string {
  const pattern = Array.from(text, (character) => characterPattern(character, ignoreCase)).join('');
  return ignoreCase ? `(?i:${pattern})` : pattern;
}

function toolPattern(tool: string): string {
  const isPrefix = tool.endsWith('*');
  const name = textPattern(isPrefix ? tool.slice(0, -1) : tool, true);
  return `"name":\\s*"${name}${isPrefix ? '' : '"'}`;
}

function filePattern(file: string): string {
  const parts = file.split(/[\\/]/).map((part) => textPattern(part, true));
  return parts.join(String.raw`(?:\\?/|\\\\)`);
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\f': 'f',
  '\r': 'r',
};

/** Every form that a character can have in a JSON string. In any case: every `\uXXXX`, since it can be another case's. */
function characterPattern(character: string, ignoreCase: boolean): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '"') return String.raw`\\"`;
  if (character === '\\') return String.raw`\\\\`;
  if (character === '/') return String.raw`\\?/`;
  if (code < 0x20) {
    const short = shortEscapes[character];
    return short === undefined ? escapes(character) : String.raw`(?:\\${short}|${escapes(character)})`;
  }
  if (code < 0x7f) return escapeRegex(character);
  const escaped = ignoreCase ? escapes(character).replaceAll(hexOfUnit, '[0-9A-Fa-f]{4}') : escapes(character);
  // A raw character that is a control in the pattern itself (DEL and the like) is named by its code.
  const raw = code < 0xa0 ? `\\x{${code.toString(16)}}` : character;
  return `(?:${raw}|${escaped})`;
}

const hexOfUnit = /\(\?i:[0-9a-f]{4}\)/g;

/** `\uXXXX` for each UTF-16 unit. */
function escapes(character: string): string {
  return character
    .split('')
    .map((unit) => String.raw`\\u(?i:${unit.charCodeAt(0).toString(16).padStart(4, '0')})`)
    .join('');
}

/** Makes plain text of what has a meaning in a pattern; `<` and `>` get one by a backslash and have none without. */
function escapeRegex(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$#&~-]/g, String.raw`\$&`);
}

/**
 * Finds a query's text in a message's text.
 * @param text the text that is looked for, not empty
 * @returns finds all places, in order, at most `most` of them
 */
export function textFinder(text: string): (haystack: string, most: number) => readonly TextRange[] {
  const source = wellFormed(text).replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (character) =>
    // With the flag `u` only syntax characters may be escaped, and a hyphen is none outside a class.
    character === '-' ? character : `\\${character}`,
  );
  const flags = ignoresCase(text) ? 'giu' : 'gu';
  return (haystack, most) => {
    const expression = new RegExp(source, flags);
    const ranges: TextRange[] = [];
    for (let found = expression.exec(haystack); found && ranges.length < most; found = expression.exec(haystack)) {
      ranges.push({ start: found.index, end: found.index + found[0].length });
    }
    return ranges;
  };
}

/** A stretch of a text, in UTF-16 units; `end` is the first that does not belong to it. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A text whose lone surrogates, which no file can hold, are the replacement character. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\uFFFD');
}
