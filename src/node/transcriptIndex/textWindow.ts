import { isObject, parseJson, type JsonObject } from '../../base/json.js';

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
   * The last line that is a JSON object of this type, such as `custom-title`.
   * @param type a name of ASCII letters
   */
  lastOfType(type: string): JsonObject | undefined {
    const mark = `"type":"${type}"`;
    for (let at = this.text.lastIndexOf(mark); at >= 0;) {
      const start = this.text.lastIndexOf('\n', at) + 1;
      const line = this.lines.find((each) => each.start === start);
      const value = line && this.parse(line);
      // The same words may stand deeper inside, in what a tool printed.
      if (value?.['type'] === type) return value;
      // A negative place would be taken for the beginning.
      at = start === 0 ? -1 : this.text.lastIndexOf(mark, start - 1);
    }
    return undefined;
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
