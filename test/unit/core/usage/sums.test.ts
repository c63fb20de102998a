import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noUsage } from '../../../../src/protocol/session/events.js';
import { dayBefore, daysOf } from '../../../../src/core/usage/days.js';
import { distinct, foldDays } from '../../../../src/core/usage/fold.js';
import { sumForks } from '../../../../src/core/usage/forkSums.js';
import {
  addSums,
  dayOfEntry,
  noSum,
  sumBy,
  sumByModel,
  totalOf,
  type UsageSum,
} from '../../../../src/core/usage/sums.js';
import { turnEntry } from '../../../../src/core/usage/turnEntry.js';
import type { TurnUsage } from '../../../../src/protocol/session/events.js';
import { newSessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { anyEntries, anyZone, day, turn, used } from './anyUsage.js';

function all(sums: Iterable<UsageSum>): UsageSum {
  return [...sums].reduce(addSums, noSum);
}

describe('Sums of usage', () => {
  it('M1 add up to the same total by session, fork subtree, folder, day and model', () => {
    fc.assert(
      fc.property(anyEntries, anyZone, (entries, zone) => {
        const total = totalOf(entries);
        const { dayOf } = daysOf(zone);
        expect(all(sumBy(entries, ({ session }) => session).values())).toEqual(total);
        expect(all(sumBy(entries, ({ folder }) => folder).values())).toEqual(total);
        expect(all(sumBy(entries, (entry) => dayOfEntry(entry, dayOf)).values())).toEqual(total);
        const models = [...sumByModel(entries).values()].map((sum) => ({ ...noSum, ...sum }));
        expect(all(models)).toEqual({ ...total, turns: 0, durationMs: 0 });
        const forks = sumForks(entries, () => null);
        expect(all(forks.map(({ own }) => own))).toEqual(total);
        expect(all(forks.filter(({ depth }) => depth === 0).map(({ withForks }) => withForks))).toEqual(total);
        const names = forks.map(({ session }) => session);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('M1 stay what they were when turns are summed up by days, once or again', () => {
    fc.assert(
      fc.property(anyEntries, anyZone, fc.nat({ max: 30 }), (entries, zone, cut) => {
        const { dayOf } = daysOf(zone);
        const folded = foldDays(entries, dayOf);
        const twice = foldDays([...foldDays(entries.slice(0, cut), dayOf), ...entries.slice(cut)], dayOf);
        for (const keyOf of [
          (entry: (typeof entries)[number]) => entry.session,
          (entry: (typeof entries)[number]) => entry.folder,
          (entry: (typeof entries)[number]) => dayOfEntry(entry, dayOf),
        ]) {
          expect(sorted(sumBy(folded, keyOf))).toEqual(sorted(sumBy(entries, keyOf)));
          expect(sorted(sumBy(twice, keyOf))).toEqual(sorted(sumBy(entries, keyOf)));
        }
        expect(sorted(sumByModel(folded))).toEqual(sorted(sumByModel(entries)));
      }),
    );
  });

  it('M1 a turn that was written twice counts once, a day as often as it is there', () => {
    const entries = [turn('1'), day(), turn('2'), turn('1'), day()];
    expect(totalOf(distinct(entries)).turns).toBe(2 + 3 + 3);
  });
});

function sorted<T>(sums: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('Days', () => {
  it('M1 are those of the time zone', () => {
    const at = Date.UTC(2026, 0, 31, 23, 50);
    expect(daysOf('UTC').dayOf(at)).toBe('2026-01-31');
    expect(daysOf('Europe/Berlin').dayOf(at)).toBe('2026-02-01');
    expect(daysOf('Pacific/Pago_Pago').dayOf(at)).toBe('2026-01-31');
    // Quarter past six: the day begins at 18:15 UTC.
    const { dayOf } = daysOf('Asia/Kathmandu');
    const midnight = Date.UTC(2026, 0, 31, 18, 15);
    expect([midnight - 1, midnight].map(dayOf)).toEqual(['2026-01-31', '2026-02-01']);
  });

  it('M1 are each a stretch of time without holes, also where clocks are changed', () => {
    const zone = fc.tuple(anyZone, fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2035, 0, 1) }));
    fc.assert(
      fc.property(zone, fc.nat({ max: 48 * 60 * 60_000 }), ([name, at], later) => {
        const { dayOf } = daysOf(name);
        expect(dayOf(at) <= dayOf(at + later)).toBe(true);
        expect(dayOf(at)).toMatch(/^\d{4}-\d\d-\d\d$/);
      }),
    );
  });

  it('M1 go back over the ends of months and the changing of clocks', () => {
    expect(dayBefore('2026-03-02', 6)).toBe('2026-02-24');
    expect(dayBefore('2026-03-30', 1)).toBe('2026-03-29');
    expect(dayBefore('2028-03-01', 1)).toBe('2028-02-29');
  });
});

describe('Fork subtrees', () => {
  it('M1 a session is followed by its forks, and has their sum; the most expensive comes first', () => {
    const entries = [
      turn('1', { session: 'cheap', models: [used('opus', 1, 0.125)] }),
      turn('2', { session: 'root', models: [used('opus', 1, 0.25)] }),
      turn('3', { session: 'fork', models: [used('opus', 1, 1)] }),
      turn('4', { session: 'deeper', models: [used('opus', 1, 2)] }),
      turn('5', { session: 'other fork', models: [used('opus', 1, 4)] }),
    ];
    const parents: Readonly<Record<string, string>> = { fork: 'root', deeper: 'fork', 'other fork': 'root' };
    const sums = sumForks(entries, (id) => parents[id] ?? null);
    expect(sums.map(({ session, depth, own, withForks }) => [session, depth, own.costUsd, withForks.costUsd])).toEqual([
      ['root', 0, 0.25, 7.25],
      ['other fork', 1, 4, 4],
      ['fork', 1, 1, 3],
      ['deeper', 2, 2, 2],
      ['cheap', 0, 0.125, 0.125],
    ]);
  });

  it('M1 a parent that used nothing is there all the same, and one that is gone is known from the record', () => {
    const sums = sumForks([turn('1', { session: 'fork', parent: 'gone' })], () => null);
    expect(sums.map(({ session, depth, own }) => [session, depth, own.turns])).toEqual([
      ['gone', 0, 0],
      ['fork', 1, 1],
    ]);
  });

  it('M1 sessions that say to be forks of each other are each counted once', () => {
    const entries = [
      turn('1', { session: 'a', parent: 'b' }),
      turn('2', { session: 'b', parent: 'a' }),
      turn('3', { session: 'c', parent: 'c' }),
    ];
    const sums = sumForks(entries, () => null);
    expect(sums.map(({ session }) => session).sort()).toEqual(['a', 'b', 'c']);
  });

  it('M1 a chain of 20,000 forks takes no time that grows with its square', () => {
    const entries = Array.from({ length: 20_000 }, (_, index) =>
      turn(String(index), { session: String(index), parent: index === 0 ? null : String(index - 1) }),
    );
    const [first] = sumForks(entries, () => null);
    expect(first).toMatchObject({ session: '0', withForks: { turns: 20_000 } });
  });
});

describe('The entry of a turn', () => {
  const record = newSessionRecord({ id: '00000000-0000-4000-8000-000000000001', folder: '/ws', at: 0 });
  const entryOf = (usage: TurnUsage): ReturnType<typeof turnEntry> =>
    turnEntry(record, { kind: 'complete', turn: 't', usage }, 5);

  it('M1 holds what was used by model, and no more than that', () => {
    const models = [used('opus', 7, 0.25), used('haiku', 3, 0.125)];
    const entry = entryOf({ tokens: { ...noUsage, input: 10 }, costUsd: 0.375, durationMs: 9, models });
    expect(entry).toEqual({
      v: 1,
      at: 5,
      turn: 't',
      session: record.id,
      parent: null,
      folder: '/ws',
      durationMs: 9,
      models,
    });
  });

  it('M1 what no model is told of has no name, and is not lost', () => {
    const models = [used('opus', 7, 0.25)];
    const usage = { tokens: { ...noUsage, input: 10, output: 2 }, costUsd: 0.5, durationMs: 9, models };
    expect(entryOf(usage).models).toEqual([
      ...models,
      { model: '', tokens: { ...noUsage, input: 3, output: 2 }, costUsd: 0.25 },
    ]);
    expect(entryOf({ tokens: noUsage, costUsd: 0, durationMs: 4 })).toMatchObject({ durationMs: 4, models: [] });
  });

  it('M1 the noise of floating-point numbers is no cost', () => {
    const models = [used('opus', 0, 0.1), used('haiku', 0, 0.2)];
    expect(entryOf({ tokens: noUsage, costUsd: 0.1 + 0.2, durationMs: 0, models }).models).toEqual(models);
    expect(entryOf({ tokens: noUsage, costUsd: 0.3, durationMs: 0, models }).models).toEqual(models);
  });
});
