import type { FileHandle } from 'node:fs/promises';
import { maxLineBytes } from '../claude/framing.js';

/** A line of a file, as it is in it. */
export interface RawLine {
  /** Where its first byte is in the file. */
  readonly start: number;
  /** Its bytes without the line feed; empty when it is too long. To be used before the next line is asked for. */
  readonly bytes: Buffer;
  /** Whether a line feed ends it; the last line of a file that is being written may have none. */
  readonly complete: boolean;
  /** Longer than any line that is kept. */
  readonly tooLong: boolean;
}

const lineFeed = 10;
const firstChunk = 128 * 1024;
const largestChunk = 1024 * 1024;

/**
 * The lines of a file from a place in it back to its beginning. It reads in chunks that grow, so that a file's end costs
 * little and the whole of it is fast; between two chunks other work gets its turn. Every byte is looked at once.
 */
export class BackwardLines {
  readonly #file: FileHandle;
  readonly #maxBytes: number;
  /** Where the chunk begins in the file. */
  #start: number;
  #chunk: Buffer = Buffer.alloc(0);
  /** How many of the chunk's bytes are still to be given out. */
  #left = 0;
  #nextSize = firstChunk;

  /**
   * @param file the file
   * @param end where to begin: the file's size, or the place of a line's first byte
   * @param maxBytes longest line that is kept
   */
  constructor(file: FileHandle, end: number, maxBytes = maxLineBytes) {
    this.#file = file;
    this.#start = end;
    this.#maxBytes = maxBytes;
  }

  /**
   * The line before the one that was given last.
   * @returns null at the beginning of the file
   * @throws FileShrank when the file is shorter than it was said to be, or the file system's error
   */
  async previous(): Promise<RawLine | null> {
    if (this.#left === 0 && !(await this.#fill())) return null;
    const complete = this.#chunk[this.#left - 1] === lineFeed;
    if (complete) this.#left -= 1;
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const feed = this.#left === 0 ? -1 : this.#chunk.lastIndexOf(lineFeed, this.#left - 1);
      const part = this.#chunk.subarray(feed + 1, this.#left);
      length += part.length;
      this.#left = feed + 1;
      const isWhole = feed >= 0 || this.#start === 0;
      if (isWhole && parts.length === 0) return this.#line(part, length, complete);
      // The chunk's memory is used again.
      if (length <= this.#maxBytes) parts.push(isWhole ? part : Buffer.from(part));
      else parts.length = 0;
      if (isWhole) return this.#line(Buffer.concat(parts.reverse()), length, complete);
      await this.#fill();
    }
  }

  #line(bytes: Buffer, length: number, complete: boolean): RawLine {
    const tooLong = length > this.#maxBytes;
    return { start: this.#start + this.#left, bytes: tooLong ? bytes.subarray(0, 0) : bytes, complete, tooLong };
  }

  /** Reads the chunk before. @returns false when there is none */
  async #fill(): Promise<boolean> {
    const size = Math.min(this.#nextSize, this.#start);
    if (size === 0) return false;
    this.#nextSize = Math.min(this.#nextSize * 2, largestChunk);
    if (this.#chunk.length < size) this.#chunk = Buffer.allocUnsafeSlow(size);
    await readFully(this.#file, this.#chunk.subarray(0, size), this.#start - size);
    this.#start -= size;
    this.#left = size;
    return true;
  }
}

/** A file ended before bytes that it had before. */
export class FileShrank extends Error {
  constructor() {
    super('The file is shorter than it was');
    this.name = 'FileShrank';
  }
}

/**
 * Fills a buffer with the bytes of a file from a place on.
 * @throws FileShrank when there are fewer, or the file system's error
 */
export async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  let read = 0;
  while (read < into.length) {
    const { bytesRead } = await file.read(into, read, into.length - read, position + read);
    if (bytesRead === 0) throw new FileShrank();
    read += bytesRead;
  }
}
