import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { nodeFileSystem } from '../../../src/node/store/fileSystem.js';
import { FileJournal } from '../../../src/node/store/journal.js';
import { systemClock } from '../../../src/node/systemClock.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';
import type { BenchContext } from '../context.js';
import type { Finding, Measure } from '../finding.js';
import { median } from '../statistics.js';

const events = 50_000;
const before = 1_000_000;
const batch = 10;
const pageEvents = 100;
/** 50,000 events a second. */
const limitMs = 1000;
/** Constant, but for what a machine does besides. */
const limitFactor = 1.5;

/** Appending to a session's journal, in a young session and in an old one, and reading in the middle of it. */
export function journal(context: BenchContext): Measure {
  return {
    name: 'journal',
    title: 'Journal: append and read',
    async run() {
      const folder = await mkdtemp(path.join(tmpdir(), 'arbor-bench-journal-'));
      try {
        return await measure(context, folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function measure(context: BenchContext, folder: string): Promise<readonly Finding[]> {
  const written = new FileJournal(folder, nodeFileSystem, systemClock);
  const old = randomUUID();
  let next = 0;
  for (; next < before; next += events) await append(written, old, next);
  const young: number[] = [];
  const late: number[] = [];
  const middle: number[] = [];
  const first: number[] = [];
  await context.each(async () => {
    young.push(await timed(() => append(written, randomUUID(), 0)));
    late.push(await timed(() => append(written, old, next)));
    next += events;
    const reader = new FileJournal(folder, nodeFileSystem, systemClock);
    const kept = (await reader.read(old, 0, 1)).evicted;
    first.push(await timed(() => page(reader, old, kept)));
    middle.push(await timed(() => page(reader, old, kept + Math.floor((next - kept) / 2))));
  });
  const ratio = late.map((value, index) => value / (young[index] ?? NaN));
  return [
    {
      title: `Journal: ${events} events appended to a new session`,
      measured: { name: 'Arbor', unit: 'ms', samples: young },
      reference: null,
      limit: { value: limitMs, rule: '50,000 events/s' },
    },
    {
      title: `Journal: ${events} events appended behind ${before}`,
      measured: { name: 'Arbor', unit: 'ms', samples: late },
      reference: null,
      limit: { value: limitMs, rule: '50,000 events/s' },
    },
    {
      title: 'Journal: the second against the first',
      measured: { name: 'Arbor', unit: '×', samples: [median(ratio)] },
      reference: null,
      limit: { value: limitFactor, rule: 'constant per event' },
    },
    {
      title: `Journal: ${pageEvents} events from the middle of a long session`,
      measured: { name: 'from the middle', unit: 'ms', samples: middle },
      reference: { name: 'from the first that is kept', unit: 'ms', samples: first },
      limit: null,
    },
  ];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Appends events as a fast answer brings them, and waits until the file has them. */
async function append(to: FileJournal, session: string, from: number): Promise<void> {
  const appended: Promise<void>[] = [];
  for (let seq = from; seq < from + events; seq += batch) {
    appended.push(
      to.append(
        session,
        seq,
        Array.from({ length: batch }, (_, index) => delta(seq + index)),
      ),
    );
    if (appended.length % 50 === 0) await turn();
  }
  await to.settled();
  await Promise.all(appended);
}

async function page(from: FileJournal, session: string, seq: number): Promise<void> {
  const { entries } = await from.read(session, seq, pageEvents);
  if (entries.length !== pageEvents || entries[0]?.seq !== seq) throw new Error('The journal gave another page');
}

function delta(seq: number): SessionEvent {
  return { kind: 'text', block: { parent: null, message: 'msg_01', index: 0 }, text: `word ${seq} `, whole: false };
}
