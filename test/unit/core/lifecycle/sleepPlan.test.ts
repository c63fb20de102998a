import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSleep, type SleepCandidate, type SleepPlan } from '../../../../src/core/lifecycle/sleepPlan.js';

interface Limits {
  readonly idleMs: number;
  readonly maxLive: number;
}

const limits: Limits = { idleMs: 100, maxLive: 3 };

type Candidate = Omit<SleepCandidate, 'idleMs'> & { readonly idleMs?: number };

/** Plans for sessions of which those that say nothing else have the same time. */
function plan(sessions: readonly Candidate[], now: number, { idleMs, maxLive }: Limits): SleepPlan {
  return planSleep(
    sessions.map((each) => ({ idleMs, ...each })),
    now,
    maxLive,
  );
}

function session(id: string, usedAt: number, given: Partial<SleepCandidate> = {}): Candidate {
  return { id, usedAt, isLive: true, canSleep: true, ...given };
}

describe('The plan of who sleeps', () => {
  it('P3 is those that were idle for so long, and says when to look again', () => {
    const sessions = [session('a', 0), session('b', 1), session('c', 50)];
    expect(plan(sessions, 99, limits)).toEqual({ sleep: [], againMs: 1 });
    expect(plan(sessions, 100, limits)).toEqual({ sleep: ['a'], againMs: 1 });
    expect(plan(sessions, 150, limits)).toEqual({ sleep: ['a', 'b', 'c'], againMs: null });
  });

  it('P3 is nobody where the time is 0', () => {
    expect(plan([session('a', 0)], 1e12, { idleMs: 0, maxLive: 3 })).toEqual({ sleep: [], againMs: null });
  });

  it('S9 P3 is after the time that each one’s folder has', () => {
    const sessions = [session('a', 0, { idleMs: 50 }), session('b', 0), session('c', 0, { idleMs: 0 })];
    expect(plan(sessions, 50, limits)).toEqual({ sleep: ['a'], againMs: 50 });
    expect(plan(sessions, 100, limits)).toEqual({ sleep: ['a', 'b'], againMs: null });
  });

  it('P3 is the least recently used where there are too many', () => {
    const sessions = [session('d', 40), session('a', 10), session('c', 30), session('b', 20), session('e', 50)];
    expect(plan(sessions, 51, limits).sleep).toEqual(['a', 'b']);
  });

  it('P3 counts only those that have a process', () => {
    const off = { isLive: false, canSleep: false };
    const sessions = [session('a', 1, off), session('b', 2), session('c', 3), session('d', 4), session('e', 0, off)];
    expect(plan(sessions, 5, limits)).toEqual({ sleep: [], againMs: 97 });
  });

  it('P3 is never one that works or waits: the next one goes', () => {
    const busy = { canSleep: false };
    const sessions = [session('a', 10, busy), session('b', 20), session('c', 30, busy), session('d', 40)];
    expect(plan(sessions, 1000, { idleMs: 0, maxLive: 3 }).sleep).toEqual(['b']);
  });

  it('P3 is not the one that the user is at where all others are busy', () => {
    const busy = { canSleep: false };
    const sessions = [session('a', 10, busy), session('b', 20, busy), session('c', 30)];
    expect(plan(sessions, 31, { idleMs: 0, maxLive: 2 }).sleep).toEqual([]);
    expect(plan([...sessions, session('d', 30)], 31, { idleMs: 0, maxLive: 2 }).sleep).toEqual(['c']);
  });

  it('P3 keeps at least one, whatever the setting says', () => {
    expect(plan([session('a', 1), session('b', 2)], 3, { idleMs: 0, maxLive: 0 }).sleep).toEqual(['a']);
  });

  it('P3 leaves no more than may be but for the busy ones and one, and puts none to sleep without need', () => {
    const any = fc.array(fc.record({ usedAt: fc.nat({ max: 50 }), isLive: fc.boolean(), idle: fc.boolean() }));
    fc.assert(
      fc.property(any, fc.nat({ max: 6 }), fc.constantFrom(0, 10, 40), (given, maxLive, idleMs) => {
        const sessions = given.map(({ usedAt, isLive, idle }, index) =>
          session(String(index), usedAt, { isLive, canSleep: isLive && idle }),
        );
        const { sleep, againMs } = plan(sessions, 50, { idleMs, maxLive });
        const most = Math.max(1, maxLive);
        const live = sessions.filter(({ isLive }) => isLive);
        const busy = live.filter(({ canSleep }) => !canSleep).length;
        expect(new Set(sleep).size).toBe(sleep.length);
        expect(live.length - sleep.length).toBeLessThanOrEqual(Math.max(most, busy + 1));
        const due = live.filter(({ canSleep, usedAt }) => canSleep && idleMs > 0 && 50 - usedAt >= idleMs).length;
        expect(sleep.length).toBeLessThanOrEqual(Math.max(due, live.length - most));
        for (const id of sleep) expect(sessions[Number(id)]).toMatchObject({ isLive: true, canSleep: true });
        if (againMs !== null) expect(againMs).toBeGreaterThan(0);
      }),
    );
  });
});
