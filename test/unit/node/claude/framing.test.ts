import { afterEach, describe, expect, it, vi } from 'vitest';
import { LineSplitter } from '../../../../src/node/claude/framing.js';

interface Taken {
  readonly lines: string[];
  readonly tooLong: (readonly [head: string, bytes: number])[];
}

function split(chunks: Iterable<Buffer>, maxBytes?: number): Taken {
  const taken: Taken = { lines: [], tooLong: [] };
  const splitter = new LineSplitter(
    { line: (text) => taken.lines.push(text), tooLong: (head, bytes) => taken.tooLong.push([head, bytes]) },
    maxBytes,
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return taken;
}

/** Random numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Cuts bytes at random places; sometimes into single bytes, sometimes hardly at all. */
function* cut(bytes: Buffer, next: () => number): Generator<Buffer> {
  const largest = 1 + Math.floor(next() ** 3 * bytes.length);
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + Math.floor(next() * largest);
    yield bytes.subarray(at, end);
    at = end;
  }
}

function randomText(next: () => number): string {
  const pieces = [
    'a',
    '{"type":"x"}',
    'ä',
    '漢',
    '😀',
    '👩‍👩‍👧',
    'שלום',
    '\r',
    '\n',
    '\n\n',
    '\u2028',
    ' ',
    '\u001b[?25h',
    '\0',
  ];
  const length = Math.floor(next() * 200);
  return Array.from({ length }, () => pieces[Math.floor(next() * pieces.length)] ?? '').join('');
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the line splitter', () => {
  it('T3 gives the same lines however the bytes are cut', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const next = random(seed);
      const text = randomText(next);
      const expected = text.split('\n');
      if (expected.at(-1) === '') expected.pop();
      const { lines } = split(cut(Buffer.from(text), next));
      expect(lines, `seed ${seed}`).toEqual(expected);
    }
  });

  it('T3 keeps empty lines and carriage returns for the reader', () => {
    expect(split([Buffer.from('a\r\n\r\n\nb')]).lines).toEqual(['a\r', '\r', '', 'b']);
  });

  it('T3 takes a line of 50 MB in small pieces, looking at and copying every byte once', () => {
    const size = 50 * 1024 * 1024;
    const piece = Buffer.alloc(4096, 'x');
    const indexOf = vi.spyOn(Buffer.prototype, 'indexOf');
    const concat = vi.spyOn(Buffer, 'concat');
    const { lines, tooLong } = split(
      (function* pieces() {
        for (let sent = 0; sent < size; sent += piece.length) yield piece;
        yield Buffer.from('\nnext\n');
      })(),
    );
    const looked = indexOf.mock.contexts.reduce(
      (sum: number, chunk, index) =>
        sum + (Buffer.isBuffer(chunk) ? chunk.length - Number(indexOf.mock.calls[index]?.[1] ?? 0) : 0),
      0,
    );
    const copied = concat.mock.results.reduce(
      (sum, result) => sum + (Buffer.isBuffer(result.value) ? result.value.length : 0),
      0,
    );
    expect(lines.map((line) => line.length)).toEqual([size, 4]);
    expect(tooLong).toEqual([]);
    expect(looked).toBeLessThan(size + 100);
    expect(copied).toBe(size);
  });

  it('T4 throws a line away that is too long, tells how it began, and goes on with the next', () => {
    const long = Buffer.alloc(1_000_000, 'y');
    const { lines, tooLong } = split([Buffer.from('first\n'), long, long, Buffer.from('z\nlast\n')], 10_000);
    expect(lines).toEqual(['first', 'last']);
    expect(tooLong).toEqual([['y'.repeat(4096), 2_000_001]]);
  });

  it('T4 throws it away also when it arrives in one piece, or never ends', () => {
    expect(split([Buffer.from(`${'y'.repeat(20)}\nlast\n`)], 10)).toEqual({
      lines: ['last'],
      tooLong: [['y'.repeat(20), 20]],
    });
    expect(split([Buffer.from('y'.repeat(20))], 10).tooLong).toEqual([['y'.repeat(20), 20]]);
  });

  it('T4 holds no more than the beginning of a line that is too long', () => {
    const concat = vi.spyOn(Buffer, 'concat');
    const splitter = new LineSplitter({ line: () => undefined, tooLong: () => undefined }, 1_000_000);
    for (let sent = 0; sent < 100; sent += 1) splitter.push(Buffer.alloc(100_000, 'y'));
    expect(concat.mock.results.map((result) => (Buffer.isBuffer(result.value) ? result.value.length : 0))).toEqual([
      4096,
    ]);
  });
});
