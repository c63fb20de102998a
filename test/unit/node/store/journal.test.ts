import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileJournal } from '../../../../src/node/store/journal.js';
import type { SessionEvent } from '../../../../src/protocol/session/events.js';
import { ManualClock } from '../../../support/fakes/manualClock.js';
import { FaultyFiles, leapingClock, temporaryFolder } from './storeParts.js';

const id = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
let temporary: ReturnType<typeof temporaryFolder>;
let files: FaultyFiles;
let file: string;

beforeEach(() => {
  temporary = temporaryFolder();
  files = new FaultyFiles();
  file = join(temporary.path, 'journals', `${id}.jsonl`);
});
afterEach(() => {
  temporary.dispose();
});

function open(fileBytes?: number): FileJournal {
  return new FileJournal(temporary.path, files, leapingClock(1000), fileBytes);
}

function progress(seconds: number): SessionEvent {
  return { kind: 'toolProgress', id: 'tool', elapsedSeconds: seconds };
}

function lines(path = file): unknown[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

it('F6 S4 a journal that is removed is gone from memory and disk, with its older file and what was still to be written', async () => {
  const journal = open(40);
  await journal.append(id, 0, [progress(0)]);
  const late = journal.append(id, 1, [progress(1)]);
  await journal.remove(id);
  await late;
  expect(existsSync(file)).toBe(false);
  expect(existsSync(file.replace('.jsonl', '.1.jsonl'))).toBe(false);
  expect(await journal.lastSeq(id)).toBe(-1);
  expect((await journal.read(id, 0, 10)).entries).toEqual([]);
  // One that is not there is none to be removed.
  await journal.remove(id);
});

it('F6 S4 a journal that cannot be removed says so', async () => {
  const journal = open();
  await journal.append(id, 0, [progress(0)]);
  files.faults.remove = 'EACCES';
  await expect(journal.remove(id)).rejects.toMatchObject({ code: 'stateUnwritable' });
});

it('T1 events are in the journal in their order, with their numbers and times', async () => {
  const journal = open();
  await journal.append(id, 0, [progress(0), progress(1)]);
  await journal.append(id, 2, [progress(2)]);
  expect(lines()).toEqual([0, 1, 2].map((seq) => ({ seq, at: 1000, event: progress(seq) })));
});

it('T1 a thousand quick appends are few writes, in order, each told when it is written', async () => {
  const journal = open();
  await Promise.all(Array.from({ length: 1000 }, (_, n) => journal.append(id, n, [progress(n)])));
  expect(files.writes).toBeLessThanOrEqual(3);
  expect(lines()).toEqual(Array.from({ length: 1000 }, (_, seq) => ({ seq, at: 1000, event: progress(seq) })));
});

it('T1 a stream of events is written a few times a second, but the beginning of a turn at once', async () => {
  const clock = new ManualClock();
  const journal = new FileJournal(temporary.path, files, clock);
  await journal.append(id, 0, [progress(0)]);
  const { writes } = files;
  const later = [journal.append(id, 1, [progress(1)]), journal.append(id, 2, [progress(2)])];
  clock.advance(49);
  expect(lines()).toHaveLength(1);
  clock.advance(1);
  await Promise.all(later);
  expect(lines()).toHaveLength(3);
  expect(files.writes).toBe(writes + 1);
  const waits = journal.append(id, 3, [progress(3)]);
  await journal.append(id, 4, [{ kind: 'start', turn: 't', prompt: null, at: 0 }]);
  await waits;
  expect(lines()).toHaveLength(5);
});

it('T1 sessions do not mix', async () => {
  const other = '7b1c7a52-41ce-4ed2-9c9b-8f6f5f3f9a01';
  const journal = open();
  await Promise.all([journal.append(id, 0, [progress(1)]), journal.append(other, 0, [progress(2)])]);
  expect(lines()).toHaveLength(1);
  expect(lines(join(temporary.path, 'journals', `${other}.jsonl`))).toHaveLength(1);
});

it('T1 a journal whose last line was torn by a crash goes on with a whole one', async () => {
  await open().append(id, 0, [progress(0)]);
  appendFileSync(file, '{"seq":1,"at":1000,"ev');
  const journal = open();
  expect(await journal.lastSeq(id)).toBe(0);
  await journal.append(id, 1, [progress(1)]);
  const [first, torn, last] = readFileSync(file, 'utf8').split('\n');
  expect(JSON.parse(first ?? '')).toMatchObject({ seq: 0 });
  expect(torn).toBe('{"seq":1,"at":1000,"ev');
  expect(JSON.parse(last ?? '')).toEqual({ seq: 1, at: 1000, event: progress(1) });
});

it('T8 numbers go on after a restart, also behind a line of 300 KB', async () => {
  const journal = open();
  expect(await journal.lastSeq(id)).toBe(-1);
  const block = { parent: null, message: 'm', index: 0 };
  await journal.append(id, 0, [progress(0), { kind: 'text', block, text: 'long '.repeat(60_000), whole: true }]);
  expect(await open().lastSeq(id)).toBe(1);
  appendFileSync(file, 'x'.repeat(300_000));
  expect(await open().lastSeq(id)).toBe(1);
});

it('T8 a journal that grew long goes on in a new file; one older file is kept', async () => {
  const journal = open(500);
  for (let seq = 0; seq < 40; seq += 1) await journal.append(id, seq, [progress(seq)]);
  const older = join(temporary.path, 'journals', `${id}.1.jsonl`);
  const kept = [...lines(older), ...(existsSync(file) ? lines() : [])];
  expect(kept.length).toBeLessThan(40);
  expect(kept.at(-1)).toMatchObject({ seq: 39 });
  expect(readFileSync(older).length).toBeLessThan(700);
  expect(await open().lastSeq(id)).toBe(39);
});

it('T8 numbers go on when the journal has just begun a new file', async () => {
  await open(10).append(id, 0, [progress(0)]);
  expect(existsSync(file)).toBe(false);
  expect(await open().lastSeq(id)).toBe(0);
});

it.each([
  ['append', 'ENOSPC', 'diskFull'],
  ['append', 'EACCES', 'stateUnwritable'],
  ['makeFolder', 'EROFS', 'stateUnwritable'],
] as const)(
  'T1 a journal that cannot be written (%s: %s) says so and goes on when it can',
  async (step, code, expected) => {
    const journal = open();
    files.faults[step] = code;
    await expect(journal.append(id, 0, [progress(0)])).rejects.toMatchObject({ code: expected });
    files.faults[step] = undefined;
    await journal.append(id, 1, [progress(1)]);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)).toContain('"seq":1');
  },
);

it('T1 a storage folder that cannot be made is said', async () => {
  writeFileSync(join(temporary.path, 'journals'), 'a file is in the way');
  await expect(open().append(id, 0, [progress(0)])).rejects.toMatchObject({ code: 'storageMissing' });
});

it('T1 a name that is no session id never becomes a path', async () => {
  mkdirSync(join(temporary.path, 'journals'));
  await expect(async () => open().append('../outside', 0, [progress(0)])).rejects.toThrow('not a session id');
  expect(existsSync(join(temporary.path, 'outside.jsonl'))).toBe(false);
});

it('S6 what waits to be written is written when the window closes', async () => {
  const journal = open();
  const appended = journal.append(id, 0, [progress(0)]);
  await journal.settled();
  expect(lines()).toHaveLength(1);
  await appended;
});
