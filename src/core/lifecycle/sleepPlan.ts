/** What a plan needs to know of a session. */
export interface SleepCandidate {
  readonly id: string;
  /** When it was used last, in milliseconds since 1970. */
  readonly usedAt: number;
  /** Milliseconds after which its process is put to sleep when it is idle; 0 for never. */
  readonly idleMs: number;
  /** Whether it has a process that is to stay, or one that is being started. */
  readonly isLive: boolean;
  /** Whether its process can be ended without anybody missing it. */
  readonly canSleep: boolean;
}

/** Who is to be put to sleep now. */
export interface SleepPlan {
  /** Ids, the least recently used first. */
  readonly sleep: readonly string[];
  /** Milliseconds until there may be something to do although nothing happens; null for never. */
  readonly againMs: number | null;
}

/**
 * Plans who sleeps: those that were idle for too long, then, while there are more than may be, the least recently used. Those
 * that cannot sleep stay, and so does the one that was used last, since the user is at it: where all others are busy there
 * is then one more than may be, until one of them has done its work.
 * @param sessions all sessions of the window; of two that were used at the same time, the later in the list counts as the later
 * @param now milliseconds since 1970
 * @param maxLive how many sessions may have a process; less than 1 counts as 1
 */
export function planSleep(sessions: readonly SleepCandidate[], now: number, maxLive: number): SleepPlan {
  const live = sessions.filter(({ isLive }) => isLive).toSorted((a, b) => a.usedAt - b.usedAt);
  const latest = live.at(-1);
  let excess = live.length - Math.max(1, maxLive);
  const sleep: string[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const session of live) {
    if (!session.canSleep) continue;
    const left = session.idleMs > 0 ? session.usedAt + session.idleMs - now : Number.POSITIVE_INFINITY;
    if (left <= 0 || (excess > 0 && session !== latest)) {
      sleep.push(session.id);
      excess -= 1;
    } else next = Math.min(next, left);
  }
  return { sleep, againMs: Number.isFinite(next) ? next : null };
}
