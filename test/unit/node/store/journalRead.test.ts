import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalPage } from '../../../../src/core/storePorts.js';
import { FileJournal } from '../../../../src/node/store/journal.js';
import { sessionEventSchema } from '../../../../src/protocol/session/eventSchema.js';
import type { SessionEvent } from '../../../../src/protocol/session/events.js';
import { anyEvents } from '../../core/session/anyEvents.js';
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

/** A journal that has nothing in memory. */
function open(fileBytes?: number): FileJournal {
  return new FileJournal(temporary.path, files, leapingClock(1000), fileBytes);
}

function said(text: string): SessionEvent {
  return { kind: 'text', block: { parent: null, message: 'm', index: 0 }, text, whole: false };
}

function saidMany(from: number, count: number, length = 1): SessionEvent[] {
  return Array.from({ length: count }, (_, index) => said(String(from + index).padEnd(length, '.')));
}

function seqs(page: JournalPage): number[] {
  return page.entries.map(({ seq }) => seq);
}

describe('Reading events', () => {
  it('T8 gives a page, the number to go on from, and where the session ends', async () => {
    const journal = open();
    await journal.append(id, 0, saidMany(0, 10));
    for (const from of [journal, open()]) {
      const page = await from.read(id, 3, 4);
      expect(page).toEqual({
        entries: [3, 4, 5, 6].map((seq) => ({ seq, at: 1000, event: said(String(seq)) })),
        next: 7,
        end: 10,
        evicted: 0,
        unreadable: 0,
      });
      expect(await from.read(id, page.next, 100)).toMatchObject({ next: 10, end: 10 });
      expect(await from.read(id, 10, 100)).toMatchObject({ entries: [], next: 10, end: 10, evicted: 0 });
      expect(await from.read(id, 99, 100)).toMatchObject({ entries: [], next: 99, end: 10, evicted: 0 });
    }
  });

  it('T8 gives nothing of a session that has no journal', async () => {
    const nothing = { entries: [], next: 0, end: 0, evicted: 0, unreadable: 0 };
    expect(await open().read(id, 0, 10)).toEqual(nothing);
  });

  it('T8 an event can be read the moment it was appended', async () => {
    const journal = open();
    const appended = journal.append(id, 0, saidMany(0, 3));
    expect(seqs(await journal.read(id, 1, 10))).toEqual([1, 2]);
    await appended;
  });

  it('T8 memory and disk give the same pages, whatever is asked for, also where memory begins in the middle', async () => {
    const journal = open(200_000);
    const events = 5000;
    for (let from = 0; from < events; from += 100) await journal.append(id, from, saidMany(from, 100));
    const ask = fc.tuple(fc.nat({ max: events + 10 }), fc.integer({ min: 1, max: 300 }));
    await fc.assert(
      fc.asyncProperty(ask, async ([from, limit]) => {
        expect(await journal.read(id, from, limit)).toEqual(await open().read(id, from, limit));
      }),
      { numRuns: 150 },
    );
  });

  it('T8 any event comes back from the disk as it was', async () => {
    let next = 0;
    await fc.assert(
      fc.asyncProperty(anyEvents, async (events) => {
        await open().append(id, next, events);
        const page = await open().read(id, next, 100);
        expect(page.entries.map(({ event }) => event)).toEqual(events);
        next += events.length;
      }),
      { numRuns: 100 },
    );
  });

  it('T8 reads in the middle of a long journal without reading what is before it', async () => {
    const journal = open();
    for (let from = 0; from < 20_000; from += 1000) await journal.append(id, from, saidMany(from, 1000, 200));
    expect(readFileSync(file).length).toBeGreaterThan(5_000_000);
    files.bytesRead = 0;
    for (const from of [0, 9_999, 15_000, 19_990])
      expect(seqs(await open().read(id, from, 2))).toEqual([from, from + 1]);
    expect(files.bytesRead).toBeLessThan(4 * 300_000);
  });

  it('T8 finds its way among lines of very different lengths', async () => {
    const journal = open();
    const events = Array.from({ length: 300 }, (_, n) => said('x'.repeat(n % 10 === 0 ? 20_000 : n)));
    await journal.append(id, 0, events);
    for (let from = 0; from < 300; from += 1) expect(seqs(await open().read(id, from, 2))[0]).toBe(from);
  });
});

describe('What is not kept any more', () => {
  it('T8 rotation stays within two files, and says how many events fell out', async () => {
    const journal = open(50_000);
    for (let from = 0; from < 5000; from += 50) await journal.append(id, from, saidMany(from, 50));
    const page = await open(50_000).read(id, 0, 10);
    expect(page.evicted).toBe(page.entries[0]?.seq);
    expect(page.evicted).toBeGreaterThan(3000);
    expect(page.end).toBe(5000);
    expect(seqs(await open(50_000).read(id, page.evicted - 5, 1))).toEqual([page.evicted]);
    expect((await open(50_000).read(id, page.evicted - 5, 1)).evicted).toBe(5);
    expect((await open(50_000).read(id, page.evicted, 1)).evicted).toBe(0);
    // Over the border between the two files.
    let [next, count] = [page.evicted, 0];
    for (let piece = page; piece.entries.length > 0; piece = await open(50_000).read(id, next, 70)) {
      expect(piece.entries[0]?.seq).toBe(count === 0 ? page.evicted : next);
      next = piece.next;
      count += piece.entries.length;
    }
    expect(count).toBe(5000 - page.evicted);
  });

  it('T8 memory holds so many of the newest events, whatever their number and length', async () => {
    const journal = open();
    await journal.append(id, 0, saidMany(0, 2500));
    files.bytesRead = 0;
    await journal.read(id, 500, 10);
    expect(files.bytesRead).toBe(0);
    await journal.read(id, 499, 10);
    expect(files.bytesRead).toBeGreaterThan(0);
    await journal.append(id, 2500, saidMany(2500, 10, 500_000));
    files.bytesRead = 0;
    expect(seqs(await journal.read(id, 2507, 10))).toEqual([2507, 2508, 2509]);
    expect(files.bytesRead).toBeGreaterThan(1_000_000);
    await journal.append(id, 2510, saidMany(2510, 1, 2_000_000));
    expect(seqs(await journal.read(id, 2510, 10))).toEqual([2510]);
  });

  it('T8 what could not be written can still be read while it is in memory', async () => {
    const journal = open();
    await journal.append(id, 0, saidMany(0, 2));
    files.faults.append = 'EACCES';
    await expect(journal.append(id, 2, saidMany(2, 2))).rejects.toMatchObject({ code: 'stateUnwritable' });
    expect(seqs(await journal.read(id, 0, 10))).toEqual([0, 1, 2, 3]);
    files.faults.append = undefined;
    await journal.append(id, 4, saidMany(4, 2));
    expect(await open().read(id, 2, 10)).toMatchObject({
      next: 6,
      end: 6,
      evicted: 0,
      entries: [{ seq: 4 }, { seq: 5 }],
    });
  });

  it('T8 S8 what another window wrote meanwhile is read from the disk once this one has let go', async () => {
    const journal = open();
    const appended = journal.append(id, 0, saidMany(0, 2));
    await journal.settled();
    await appended;
    await open().append(id, 2, saidMany(2, 2));
    journal.forget(id);
    expect(seqs(await journal.read(id, 0, 10))).toEqual([0, 1, 2, 3]);
  });
});

describe('A journal that is damaged', () => {
  const line = (seq: unknown, event: unknown = said('x')): string => `${JSON.stringify({ seq, at: 5, event })}\n`;

  it('S5 T8 lines that are no events are skipped and counted', async () => {
    mkdirSync(join(temporary.path, 'journals'));
    const bad = [
      '{"seq":1,"at":5,"ev\n',
      'noise\n',
      '\n',
      line('2'),
      line(3, { kind: 'somethingNew' }),
      line(4, null),
      '7\n',
    ];
    writeFileSync(file, [line(0), ...bad, line(5), line(5), line(3), line(6)].join(''));
    const page = await open().read(id, 0, 10);
    expect(seqs(page)).toEqual([0, 5, 6]);
    expect(page).toMatchObject({ next: 7, end: 7, evicted: 0, unreadable: bad.length });
  });

  it('T8 a last line that is just being written is no damage', async () => {
    await open().append(id, 0, saidMany(0, 2));
    appendFileSync(file, '{"seq":2,"at":1000,"ev');
    expect(await open().read(id, 0, 10)).toMatchObject({ next: 2, end: 2, unreadable: 0, entries: [{}, {}] });
  });

  it('T8 is never an error and never without an end, whatever the file holds', async () => {
    mkdirSync(join(temporary.path, 'journals'));
    const piece = fc.oneof(
      fc.nat({ max: 60 }).map((seq) => line(seq)),
      fc.string(),
      fc.constantFrom('\n', '{"seq":', line(9).slice(0, 20), 'x'.repeat(80_000), line(10, said('y'.repeat(70_000)))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        writeFileSync(file, pieces.join(''));
        let reads = 0;
        for (let next = 0; ; reads += 1) {
          const page = await open().read(id, next, 7);
          const numbers = seqs(page);
          expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
          if (page.entries.length === 0) break;
          expect(page.next).toBeGreaterThan(next);
          next = page.next;
        }
        expect(reads).toBeLessThanOrEqual(61);
      }),
      { numRuns: 100 },
    );
  });

  it('T8 a journal that may not be read says so', async () => {
    await open().append(id, 0, saidMany(0, 2));
    files.faults.openToRead = 'EACCES';
    await expect(open().read(id, 0, 10)).rejects.toMatchObject({ code: 'stateUnreadable' });
    files.faults.openToRead = undefined;
    files.faults.readTail = 'EIO';
    await expect(open().lastSeq(id)).rejects.toMatchObject({ code: 'stateUnreadable' });
  });

  it('T4 what a newer release adds to an event stays; codes it has alone are said as unexpected', () => {
    const notice = { code: 'somethingNew', what: 'It happened.', actions: ['retry', 'somethingNew'], more: 1 };
    expect(v.parse(sessionEventSchema, { kind: 'notice', level: 'info', notice, extra: true })).toEqual({
      kind: 'notice',
      level: 'info',
      notice: { code: 'unexpected', what: 'It happened.', actions: ['retry'], more: 1 },
      extra: true,
    });
  });
});
