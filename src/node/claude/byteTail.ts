/** Keeps the last bytes of a stream that may never end. */
export class ByteTail {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** @param limit how many bytes are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param chunk the next bytes of the stream */
  push(chunk: Buffer): void {
    // A copy, so that a short piece does not keep the large buffer alive that it was cut from.
    this.#parts.push(Buffer.from(chunk.subarray(Math.max(0, chunk.length - this.#limit))));
    this.#bytes += Math.min(chunk.length, this.#limit);
    if (this.#bytes > this.#limit * 2) this.#compact();
  }

  /** What was kept, as text; a character that was cut in half at the beginning is left out. */
  text(): string {
    this.#compact();
    const [whole] = this.#parts;
    if (whole === undefined) return '';
    let start = 0;
    while (start < 3 && start < whole.length && ((whole[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return whole.toString('utf8', start);
  }

  #compact(): void {
    const whole = Buffer.concat(this.#parts);
    const kept = whole.subarray(Math.max(0, whole.length - this.#limit));
    this.#parts = kept.length > 0 ? [Buffer.from(kept)] : [];
    this.#bytes = kept.length;
  }
}
