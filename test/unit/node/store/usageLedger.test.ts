import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UsageHistory } from '../../../../src/core/storePorts.js';
import { daysOf } from '../../../../src/core/usage/days.js';
import { totalOf, type UsageSum } from '../../../../src/core/usage/sums.js';
import { FileUsageLedger } from '../../../../src/node/store/usageLedger.js';
import type { TurnUsageEntry } from '../../../../src/protocol/usage/usageEntry.js';
import { turn } from '../../core/usage/anyUsage.js';
import { FaultyFiles, keepingLogger, storeParts, temporaryFolder } from './storeParts.js';

let temporary: ReturnType<typeof temporaryFolder>;
let folder: string;
let file: string;

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, 'storage');
  file = join(folder, 'usage.jsonl');
});
afterEach(() => {
  temporary.dispose();
});

/** About so many bytes has the line of a turn; four make a file full here. */
const lineBytes = JSON.stringify(turn('10')).length + 1;

function ledgerOf(files = new FaultyFiles(), logger = keepingLogger()): FileUsageLedger {
  const { dayOf } = daysOf('UTC');
  return new FileUsageLedger(folder, { ...storeParts({ files, logger }), dayOf }, lineBytes * 4 - 10);
}

/** Turns on days of their own. */
function turns(from: number, to: number): readonly TurnUsageEntry[] {
  const at = (index: number): number => Date.UTC(2026, 0, 1 + index, 12);
  return Array.from({ length: to - from }, (_, index) => turn(String(from + index), { at: at(from + index) }));
}

async function append(ledger: FileUsageLedger, entries: readonly TurnUsageEntry[]): Promise<void> {
  for (const entry of entries) await ledger.append(entry);
}

function sumOf({ entries }: UsageHistory): UsageSum {
  return totalOf(entries);
}

describe('The record of usage', () => {
  it('M1 has a line for each turn, in a file for its owner only, and none before the first', async () => {
    const ledger = ledgerOf();
    expect(await ledger.read()).toEqual({ entries: [], unreadable: 0 });
    expect(existsSync(folder)).toBe(false);
    await Promise.all(turns(0, 3).map((entry) => ledger.append(entry)));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(turns(0, 3));
    expect(await ledgerOf().read()).toEqual({ entries: turns(0, 3), unreadable: 0 });
  });

  it('M1 lines that are torn, foreign or of a newer release are counted, and the next ones are whole', async () => {
    const ledger = ledgerOf();
    await ledger.append(turn('1'));
    appendFileSync(file, `nonsense\n${JSON.stringify({ ...turn('2'), v: 2 })}\n{"v":1,"at":-5}\n{"torn`);
    // The last one may be on its way.
    expect(await ledger.read()).toEqual({ entries: [turn('1')], unreadable: 3 });
    await ledger.append(turn('3'));
    expect(await ledger.read()).toEqual({ entries: [turn('1'), turn('3')], unreadable: 4 });
  });

  it('M1 on a full disk nothing is lost: what waits counts, and is written once when there is room', async () => {
    const files = new FaultyFiles();
    const ledger = ledgerOf(files);
    await ledger.append(turn('1'));
    files.faults.append = 'ENOSPC';
    await expect(ledger.append(turn('2'))).rejects.toMatchObject({ code: 'diskFull' });
    await expect(ledger.append(turn('3'))).rejects.toMatchObject({ code: 'diskFull' });
    expect(sumOf(await ledger.read()).turns).toBe(3);
    files.faults.append = undefined;
    await ledger.append(turn('4'));
    expect(sumOf(await ledger.read()).turns).toBe(4);
    expect(sumOf(await ledgerOf().read()).turns).toBe(4);
  });

  it('M1 a folder that cannot be written or read says so, and to which', async () => {
    const files = new FaultyFiles();
    const ledger = ledgerOf(files);
    files.faults.append = 'EROFS';
    const failure = ledger.append(turn('1'));
    await expect(failure).rejects.toMatchObject({ code: 'stateUnwritable' });
    files.faults.openToRead = 'EACCES';
    await expect(ledger.read()).rejects.toMatchObject({ code: 'stateUnreadable' });
  });

  it('M1 old turns become sums by day; two files of turns are kept, and no sum changes', async () => {
    const ledger = ledgerOf();
    await append(ledger, turns(0, 14));
    expect(readdirSync(folder).sort()).toEqual(['usage.3.jsonl', 'usage.days.jsonl', 'usage.jsonl']);
    const history = await ledger.read();
    expect(history.unreadable).toBe(0);
    expect(sumOf(history)).toEqual(totalOf(turns(0, 14)));
    const days = history.entries.filter((entry) => 'day' in entry).map(({ day }) => day);
    expect(days).toEqual(Array.from({ length: 8 }, (_, index) => `2026-01-0${String(index + 1)}`));
  });

  it('M1 several windows append and begin new files at once, and every turn counts once', async () => {
    const windows = Array.from({ length: 4 }, () => ledgerOf());
    const all = turns(0, 80);
    await Promise.all(
      windows.map((window, index) =>
        append(
          window,
          all.filter((_, number) => number % windows.length === index),
        ),
      ),
    );
    for (const window of windows) expect(sumOf(await window.read())).toEqual(totalOf(all));
  });

  it('M1 reading while files move misses nothing and counts nothing twice', async () => {
    const [writer, reader] = [ledgerOf(), ledgerOf()];
    const all = turns(0, 60);
    let written = 0;
    const writing = (async () => {
      for (const entry of all) {
        await writer.append(entry);
        written += 1;
      }
    })();
    while (written < all.length) {
      const before = written;
      const { turns: seen } = sumOf(await reader.read());
      expect(seen).toBeGreaterThanOrEqual(before);
      expect(seen).toBeLessThanOrEqual(written + 1);
    }
    await writing;
  });

  it('M1 a window that dies between any two steps of summing up leaves nothing out and counts nothing twice', async () => {
    for (const step of ['write', 'rename', 'remove'] as const) {
      rmSync(folder, { recursive: true, force: true });
      await append(ledgerOf(), turns(0, 7));
      const [files, logger] = [new FaultyFiles(), keepingLogger()];
      const dying = ledgerOf(files, logger);
      files.faults[step] = 'EIO';
      await append(dying, turns(7, 10));
      expect(sumOf(await ledgerOf().read())).toEqual(totalOf(turns(0, 10)));
      // Whoever comes next goes on from there; a lock that a dead window left is not the ledger's matter.
      if (existsSync(join(folder, 'usage.lock'))) rmSync(join(folder, 'usage.lock'));
      await append(ledgerOf(), turns(10, 24));
      expect(sumOf(await ledgerOf().read())).toEqual(totalOf(turns(0, 24)));
      expect(readdirSync(folder).filter((name) => name.startsWith('usage.') && name.endsWith('.tmp'))).toEqual([]);
    }
  });

  it('M1 sums that are damaged or of a newer release are never written over', async () => {
    for (const head of ['damaged', JSON.stringify({ v: 2, folded: 1 })]) {
      rmSync(folder, { recursive: true, force: true });
      const logger = keepingLogger();
      await append(ledgerOf(), turns(0, 9));
      const days = join(folder, 'usage.days.jsonl');
      const damaged = readFileSync(days, 'utf8').replace(/^.*\n/, `${head}\n`);
      writeFileSync(days, damaged);
      await append(ledgerOf(new FaultyFiles(), logger), turns(9, 20));
      expect(readFileSync(days, 'utf8')).toBe(damaged);
      expect(logger.lines.join()).toContain('cannot be read');
      const history = await ledgerOf().read();
      expect(history.unreadable).toBeGreaterThan(0);
    }
  });

  it('M1 lines that cannot be summed up are kept in a file beside', async () => {
    const foreign = JSON.stringify({ v: 2, turn: 'of a newer release' });
    const ledger = ledgerOf();
    await ledger.append(turn('first'));
    appendFileSync(file, `${foreign}\n`);
    await append(ledger, turns(0, 12));
    const kept = readdirSync(folder).filter((name) => name.endsWith('.kept.jsonl'));
    expect(kept).toHaveLength(1);
    expect(readFileSync(join(folder, kept[0] ?? ''), 'utf8')).toContain(foreign);
  });
});
