/** A line of the program that no event stands for. */
export interface RawEvent {
  /** The line's number in the process's output. */
  readonly handle: number;
  readonly type: string;
  /** The line as it came, cut to a bound. */
  readonly text: string;
}

const maxEntries = 500;
const maxLength = 4096;

/** Keeps the lines that were passed through, the newest `maxEntries`, for a user or a maintainer who wants to look. */
export class RawEvents {
  #entries: RawEvent[] = [];
  #dropped = 0;

  /** What is kept, the oldest first. */
  get entries(): readonly RawEvent[] {
    return this.#entries;
  }

  /** How many were kept once and are not any more. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Keeps a line.
   * @param raw the parsed line, or its text where it is no JSON
   */
  add(handle: number, type: string, raw: unknown): void {
    const text = typeof raw === 'string' ? raw : JSON.stringify(raw);
    this.#entries.push({ handle, type, text: text.length > maxLength ? copyOfStart(text) : text });
    // Cutting in halves keeps the cost per line constant.
    if (this.#entries.length > maxEntries * 2) {
      this.#dropped += this.#entries.length - maxEntries;
      this.#entries = this.#entries.slice(-maxEntries);
    }
  }
}

/** A slice would keep the whole line in memory, which may be many megabytes. */
function copyOfStart(text: string): string {
  return Array.from(text.slice(0, maxLength)).join('');
}
