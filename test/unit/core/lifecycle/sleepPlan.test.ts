import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSleep, type SleepCandidate, type SleepLimits } from '../../../../src/core/lifecycle/sleepPlan.js';

const limits: SleepLimits = { idleMs: 100, maxLive: 3 };

function session(id: string, usedAt: number, given: Partial<SleepCandidate> = {}): SleepCandidate {
  return { id, usedAt, isLive: true, canSleep: true, ...given };
}

describe('The plan of who sleeps', () => {
  it('P3 is those that were idle for so long, and says when to look again', () => {
    const sessions = [session('a', 0), session('b', 1), session('c', 50)];
    expect(planSleep(sessions, 99, limits)).toEqual({ sleep: [], againMs: 1 });
    expect(planSleep(sessions, 100, limits)).toEqual({ sleep: ['a'], againMs: 1 });
    expect(planSleep(sessions, 150, limits)).toEqual({ sleep: ['a', 'b', 'c'], againMs: null });
  });

  it('P3 is nobody where the time is 0', () => {
    expect(planSleep([session('a', 0)], 1e12, { idleMs: 0, maxLive: 3 })).toEqual({ sleep: [], againMs: null });
  });

  it('P3 is the least recently used where there are too many', () => {
    const sessions = [session('d', 40), session('a', 10), session('c', 30), session('b', 20), session('e', 50)];
    expect(planSleep(sessions, 51, limits).sleep).toEqual(['a', 'b']);
  });

  it('P3 counts only those that have a process', () => {
    const off = { isLive: false, canSleep: false };
    const sessions = [session('a', 1, off), session('b', 2), session('c', 3), session('d', 4), session('e', 0, off)];
    expect(planSleep(sessions, 5, limits)).toEqual({ sleep: [], againMs: 97 });
  });

  it('P3 is never one that works or waits: the next one goes', () => {
    const busy = { canSleep: false };
    const sessions = [session('a', 10, busy), session('b', 20), session('c', 30, busy), session('d', 40)];
    expect(planSleep(sessions, 1000, { idleMs: 0, maxLive: 3 }).sleep).toEqual(['b']);
  });

  it('P3 is not the one that the user is at where all others are busy', () => {
    const busy = { canSleep: false };
    const sessions = [session('a', 10, busy), session('b', 20, busy), session('c', 30)];
    expect(planSleep(sessions, 31, { idleMs: 0, maxLive: 2 }).sleep).toEqual([]);
    expect(planSleep([...sessions, session('d', 30)], 31, { idleMs: 0, maxLive: 2 }).sleep).toEqual(['c']);
  });

  it('P3 keeps at least one, whatever the setting says', () => {
    expect(planSleep([session('a', 1), session('b', 2)], 3, { idleMs: 0, maxLive: 0 }).sleep).toEqual(['a']);
  });

  it('P3 leaves no more than may be but for the busy ones and one, and puts none to sleep without need', () => {
    const any = fc.array(fc.record({ usedAt: fc.nat({ max: 50 }), isLive: fc.boolean(), idle: fc.boolean() }));
    fc.assert(
      fc.property(any, fc.nat({ max: 6 }), fc.constantFrom(0, 10, 40), (given, maxLive, idleMs) => {
        const sessions = given.map(({ usedAt, isLive, idle }, index) =>
          session(String(index), usedAt, { isLive, canSleep: isLive && idle }),
        );
        const { sleep, againMs } = planSleep(sessions, 50, { idleMs, maxLive });
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
