/** How long processes may be idle, and how many there may be. */
export interface SleepLimits {
  /** Milliseconds after which an idle process is put to sleep; 0 for never. */
  readonly idleMs: number;
  /** How many sessions may have a process; at least 1. */
  readonly maxLive: number;
}

/** What a plan needs to know of a session. */
export interface SleepCandidate {
  readonly id: string;
  /** When it was used last, in milliseconds since 1970. */
  readonly usedAt: number;
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
 */
export function planSleep(sessions: readonly SleepCandidate[], now: number, limits: SleepLimits): SleepPlan {
  const { idleMs } = limits;
  const live = sessions.filter(({ isLive }) => isLive).toSorted((a, b) => a.usedAt - b.usedAt);
  const latest = live.at(-1);
  let excess = live.length - Math.max(1, limits.maxLive);
  const sleep: string[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const session of live) {
    if (!session.canSleep) continue;
    const left = session.usedAt + idleMs - now;
    if ((idleMs > 0 && left <= 0) || (excess > 0 && session !== latest)) {
      sleep.push(session.id);
      excess -= 1;
    } else next = Math.min(next, left);
  }
  return { sleep, againMs: idleMs > 0 && Number.isFinite(next) ? next : null };
}
