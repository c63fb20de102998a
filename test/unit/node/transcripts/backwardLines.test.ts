import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackwardLines, FileShrank } from '../../../../src/node/transcripts/backwardLines.js';
import { seeded } from './paging.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'arbor-lines-'));
  path = join(folder, 'lines');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Line {
  readonly start: number;
  readonly text: string;
  readonly complete: boolean;
  readonly tooLong: boolean;
}

async function backwards(
  content: string | Buffer,
  maxBytes?: number,
  end = Buffer.byteLength(content),
): Promise<Line[]> {
  writeFileSync(path, content);
  const file = await open(path);
  try {
    const lines = new BackwardLines(file, end, maxBytes);
    const read: Line[] = [];
    for (let line = await lines.previous(); line !== null; line = await lines.previous()) {
      const { start, bytes, complete, tooLong } = line;
      read.push({ start, text: bytes.toString('utf8'), complete, tooLong });
    }
    return read;
  } finally {
    await file.close();
  }
}

describe('the lines of a file from its end', () => {
  it('S6 are those of the file, with their places, wherever the chunks are cut', async () => {
    const random = seeded(1);
    const pieces = ['x', 'ö', '日本', '👋', '\r', ' '];
    for (let round = 0; round < 12; round += 1) {
      const lines = Array.from({ length: 1 + random(40) }, () =>
        (pieces[random(pieces.length)] ?? '').repeat(random(10) === 0 ? random(300_000) : random(50)),
      );
      const read = (await backwards(`${lines.join('\n')}\n`)).reverse();
      expect(read.map(({ text }) => text)).toEqual(lines);
      let start = 0;
      for (const [index, line] of lines.entries()) {
        expect(read[index]?.start).toBe(start);
        start += Buffer.byteLength(line) + 1;
      }
      expect(read.every(({ complete }) => complete)).toBe(true);
    }
  });

  it('S6 end with one that has no line feed yet, and with nothing where there is nothing', async () => {
    expect(await backwards('a\nhal')).toMatchObject([
      { text: 'hal', start: 2, complete: false },
      { text: 'a', start: 0, complete: true },
    ]);
    expect(await backwards('')).toEqual([]);
    expect(await backwards('\n\n')).toMatchObject([{ text: '' }, { text: '' }]);
  });

  it('S6 of which none is kept that is too long, those around it are', async () => {
    const read = await backwards(`one\n${'x'.repeat(700_000)}\nthree\n`, 1000);
    expect(read).toMatchObject([
      { text: 'three', tooLong: false },
      { text: '', tooLong: true, start: 4 },
      { text: 'one', tooLong: false },
    ]);
  });

  it('S6 say so when the file has become shorter', async () => {
    await expect(backwards('a\nb\n', undefined, 100)).rejects.toThrow(FileShrank);
  });
});
