import { isObject, parseJson, type JsonObject } from '../../base/json.js';

/** As much of a line as is looked at to see which type it has. */
const lineStart = 128;

/** A line of a window, by its place in it. */
export interface WindowLine {
  readonly start: number;
  /** Without its line feed. */
  readonly end: number;
  /** False where the window cuts the line, or where its line feed is not written yet. */
  readonly whole: boolean;
}

/**
 * A piece of a transcript file. It is searched as one byte a character, which costs next to nothing and finds everything
 * that is ASCII; only lines that are wanted are decoded and parsed.
 */
export class TextWindow {
  /** One character a byte. */
  readonly text: string;
  readonly lines: readonly WindowLine[];
  readonly #bytes: Buffer;

  /**
   * @param bytes the piece
   * @param from where in the file it begins
   */
  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.text = bytes.toString('latin1');
    this.lines = splitLines(this.text, from === 0);
  }

  /** The line as one byte a character. */
  raw(line: WindowLine): string {
    return this.text.slice(line.start, line.end);
  }

  /** The line as a JSON object; undefined when it is none or is not whole. */
  parse(line: WindowLine): JsonObject | undefined {
    if (!line.whole) return undefined;
    const value = parseJson(this.#bytes.toString('utf8', line.start, line.end));
    return isObject(value) ? value : undefined;
  }

  /** Part of the window as text. */
  decode(start: number, end: number): string {
    return this.#bytes.toString('utf8', start, end);
  }

  /**
   * The last line of each of these types, such as `custom-title`. They are short lines with the type among their first
   * members; the same words may stand in other lines too, so that a line counts by what it is when it is parsed.
   */
  lastOfTypes(types: ReadonlySet<string>): ReadonlyMap<string, JsonObject> {
    const found = new Map<string, JsonObject>();
    for (let index = this.lines.length - 1; index >= 0 && found.size < types.size; index -= 1) {
      const line = this.lines[index];
      if (!line) break;
      const named = /"type":"([a-z-]+)"/.exec(
        this.text.slice(line.start, Math.min(line.end, line.start + lineStart)),
      )?.[1];
      if (named === undefined || !types.has(named) || found.has(named)) continue;
      const value = this.parse(line);
      if (value?.['type'] === named) found.set(named, value);
    }
    return found;
  }
}

function splitLines(text: string, beginsLine: boolean): WindowLine[] {
  const lines: WindowLine[] = [];
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    if (end > start) lines.push({ start, end, whole: feed >= 0 && (start > 0 || beginsLine) });
    start = end + 1;
  }
  return lines;
}
