/** What a splitter hands its lines to. */
export interface LineSink {
  /** A whole line without its line feed. A carriage return before that is left in: JSON and noise can both live with it. */
  line(text: string): void;
  /**
   * A line that was longer than allowed and was thrown away.
   * @param head its first characters
   * @param bytes its whole length
   */
  tooLong(head: string, bytes: number): void;
}

const lineFeed = 10;
const headBytes = 4096;

/** Longest line that is kept, in bytes. The longest seen of the real program are tool results with images, a few MB. */
export const maxLineBytes = 128 * 1024 * 1024;

/**
 * Splits bytes into lines, wherever the chunks were cut: between two lines, in one, or inside a multi-byte character.
 * Every byte is looked at once and copied at most once, so the time is linear in the bytes however they arrive. At most
 * one unfinished line is held, and of a line longer than the limit only its beginning.
 */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #cut = false;

  /**
   * @param sink where the lines go
   * @param maxBytes longest line that is kept whole
   */
  constructor(sink: LineSink, maxBytes = maxLineBytes) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next bytes. The buffer must not be changed afterwards: the end of it may be kept until its line is whole.
   * @param chunk bytes as they arrived
   */
  push(chunk: Buffer): void {
    let start = 0;
    let end = chunk.indexOf(lineFeed);
    while (end !== -1) {
      if (this.#bytes === 0 && end - start <= this.#maxBytes) this.#sink.line(chunk.toString('utf8', start, end));
      else {
        this.#keep(chunk.subarray(start, end));
        this.#finish();
      }
      start = end + 1;
      end = chunk.indexOf(lineFeed, start);
    }
    if (start < chunk.length) this.#keep(start === 0 ? chunk : chunk.subarray(start));
  }

  /** Hands over a last line that no line feed ended. */
  end(): void {
    if (this.#bytes > 0) this.#finish();
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#cut) return;
    this.#parts.push(part);
    if (this.#bytes > this.#maxBytes) {
      this.#parts = [Buffer.concat(this.#parts, Math.min(headBytes, this.#bytes))];
      this.#cut = true;
    }
  }

  #finish(): void {
    const bytes = this.#bytes;
    const [first] = this.#parts;
    const whole = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    const cut = this.#cut;
    this.#parts = [];
    this.#bytes = 0;
    this.#cut = false;
    if (cut) this.#sink.tooLong(whole.toString('utf8'), bytes);
    else this.#sink.line(whole.toString('utf8'));
  }
}
