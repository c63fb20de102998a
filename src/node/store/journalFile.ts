import * as v from 'valibot';
import { isObject, numberAt, parseJson } from '../../base/json.js';
import type { JournalEntry } from '../../core/storePorts.js';
import { sessionEventSchema } from '../../protocol/session/eventSchema.js';
import type { ReadableFile } from './fileSystem.js';

const lineFeed = 10;
/** A search is over when so few bytes are left; reading them costs no more than looking once more. */
const scanBytes = 64 * 1024;
const probeBytes = 4096;
/** `{"seq":9007199254740991,` is shorter. */
const headBytes = 32;

/**
 * One file of a journal, open for reading: lines `{"seq":n,"at":ms,"event":{…}}` whose numbers grow. What is wanted is found by
 * halving, so that reading in the middle of a long file costs no more than at its ends.
 */
export class JournalFile {
  readonly #file: ReadableFile;

  /** @param file closed by whoever opened it */
  constructor(file: ReadableFile) {
    this.#file = file;
  }

  /** The number of the file's first readable line, or undefined. */
  async firstSeq(): Promise<number | undefined> {
    return (await this.#probe(0, this.#file.size))?.seq;
  }

  /**
   * The lines from the first on whose number is at least the wanted one, and perhaps a few before it. A last line without an end
   * is not given: it is being written, or was torn.
   * @param seq the wanted number
   */
  async *linesFrom(seq: number): AsyncGenerator<string> {
    let rest: Buffer[] = [];
    for (let position = await this.#find(seq); position < this.#file.size;) {
      const piece = await this.#file.read(position, scanBytes);
      if (piece.length === 0) return;
      position += piece.length;
      let start = 0;
      for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
        yield Buffer.concat([...rest, piece.subarray(start, end)]).toString('utf8');
        rest = [];
        start = end + 1;
      }
      if (start < piece.length) rest.push(piece.subarray(start));
    }
  }

  /** Where a line begins before which all numbers are smaller, at most `scanBytes` before the wanted one. */
  async #find(seq: number): Promise<number> {
    let low = 0;
    let high = this.#file.size;
    while (high - low > scanBytes) {
      const middle = low + ((high - low) >> 1);
      const found = await this.#probe(middle, high);
      if (found && found.seq < seq) low = found.position;
      else high = middle;
    }
    return low;
  }

  /** The first line with a number that begins in a range of the file, or undefined. */
  async #probe(from: number, to: number): Promise<{ readonly position: number; readonly seq: number } | undefined> {
    // One byte more: a line begins at `from` where the one before ends just there.
    const start = Math.max(0, from - 1);
    for (let bytes = probeBytes; ; bytes *= 4) {
      const piece = await this.#file.read(start, bytes);
      const isWhole = piece.length < bytes || start + piece.length >= to + headBytes;
      let at = from === 0 ? 0 : piece.indexOf(lineFeed) + 1;
      while (at < piece.length && (at > 0 || from === 0) && start + at < to) {
        if (!isWhole && at + headBytes > piece.length) break;
        const head = /^\{"seq":(\d{1,16}),/.exec(piece.toString('latin1', at, at + headBytes));
        if (head?.[1] !== undefined) return { position: start + at, seq: Number(head[1]) };
        const end = piece.indexOf(lineFeed, at);
        if (end < 0) break;
        at = end + 1;
      }
      if (isWhole) return undefined;
    }
  }
}

/** An event from its line, or undefined when it is none: torn, damaged, or of a release that knows more. */
export function readEntry(line: string): JournalEntry | undefined {
  const value = parseJson(line);
  if (!isObject(value)) return undefined;
  const [seq, at] = [numberAt(value, 'seq'), numberAt(value, 'at')];
  const event = v.safeParse(sessionEventSchema, value['event']);
  if (seq === undefined || at === undefined || !event.success) return undefined;
  return { seq, at, event: event.output };
}
