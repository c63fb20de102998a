import fc from 'fast-check';
import { noUsage, type ModelUsage } from '../../../../src/protocol/session/events.js';
import {
  usageVersion,
  type DayUsageEntry,
  type TurnUsageEntry,
  type UsageEntry,
} from '../../../../src/protocol/usage/usageEntry.js';

/** What was used of a model. */
export function used(model: string, input: number, costUsd = 0): ModelUsage {
  return { model, tokens: { ...noUsage, input }, costUsd };
}

/** A turn that has ended. */
export function turn(id: string, given: Partial<TurnUsageEntry> = {}): TurnUsageEntry {
  return {
    v: usageVersion,
    at: Date.UTC(2026, 0, 31, 12),
    turn: id,
    session: 'a',
    parent: null,
    folder: '/work/one',
    durationMs: 1000,
    models: [used('opus', 10, 0.5)],
    ...given,
  };
}

/** A session's day. */
export function day(given: Partial<DayUsageEntry> = {}): DayUsageEntry {
  const { v, session, parent, folder, durationMs, models } = turn('');
  return { v, session, parent, folder, durationMs, models, day: '2025-12-24', turns: 3, ...given };
}

// Costs are sums of powers of two, so that adding them in any order gives the same.
const costUsd = fc.nat({ max: 1 << 20 }).map((units) => units / 1024);
const count = fc.nat({ max: 1_000_000 });
const modelUsage = fc.record({
  model: fc.constantFrom('', 'opus', 'haiku', '__proto__', 'constructor'),
  tokens: fc.record({ input: count, output: count, cacheRead: count, cacheWrite: count }),
  costUsd,
});
const sessions = ['a', 'b', 'c', 'd', '__proto__'];
const shared = {
  v: fc.constant(usageVersion),
  session: fc.constantFrom(...sessions),
  // Also itself, one that comes after it, and one that is nowhere: what is written down may be anything.
  parent: fc.constantFrom(null, ...sessions, 'gone'),
  folder: fc.constantFrom('/work/one', '/work/two', 'C:\\work'),
  durationMs: count,
  models: fc.uniqueArray(modelUsage, { selector: ({ model }) => model, maxLength: 3 }),
};
const anyTurn: fc.Arbitrary<TurnUsageEntry> = fc.record({
  ...shared,
  turn: fc.uuid(),
  // Around the days on which clocks are changed, and far away, as after a clock was set wrong.
  at: fc.oneof(
    fc.integer({ min: Date.UTC(2026, 2, 28), max: Date.UTC(2026, 2, 31) }),
    fc.integer({ min: Date.UTC(2026, 9, 24), max: Date.UTC(2026, 9, 27) }),
    fc.integer({ min: 0, max: 8_000_000_000_000 }),
  ),
});
const anyDay: fc.Arbitrary<DayUsageEntry> = fc.record({
  ...shared,
  day: fc.constantFrom('2026-03-29', '2026-03-30', '2020-01-01'),
  turns: fc.nat({ max: 50 }),
});

/** Turns and days' sums. */
export const anyEntries: fc.Arbitrary<readonly UsageEntry[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: anyTurn }, { weight: 1, arbitrary: anyDay }),
  { maxLength: 30 },
);

/** Time zones: with and without daylight saving, off by quarters of an hour, at both ends of the day. */
export const anyZone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Australia/Lord_Howe',
);
