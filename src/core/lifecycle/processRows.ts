import type { LifecycleName } from './machine.js';

/** What can be done with a process from the list. */
export type ProcessAction = 'stop' | 'restart' | 'resume';

/** What is known of a process, or of a session that has none right now. */
export interface ProcessFacts {
  /** The session's id; a spare has one as well. */
  readonly id: string;
  /** The session's name; empty for one that has none yet. */
  readonly name: string;
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly state: LifecycleName | 'spare';
  /** Null without a process. */
  readonly pid: number | null;
  /** When the process was started, in milliseconds since 1970; null without one. */
  readonly startedAt: number | null;
  /** When the session was used last, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** A row of the list. */
export interface ProcessRow extends Omit<ProcessFacts, 'startedAt' | 'usedAt'> {
  /** How long the process has run, in milliseconds; null without one. */
  readonly ageMs: number | null;
  /** Resident memory in bytes; null without a process, or where the system does not tell. */
  readonly memoryBytes: number | null;
  readonly actions: readonly ProcessAction[];
}

/** The whole list: what runs, and what it takes together. */
export interface ProcessList {
  readonly rows: readonly ProcessRow[];
  /** How many processes there are. */
  readonly processes: number;
  /** What those take together whose memory is known, in bytes. */
  readonly memoryBytes: number;
}

const actions: Readonly<Record<ProcessFacts['state'], readonly ProcessAction[]>> = {
  asleep: ['resume'],
  failed: ['resume'],
  starting: ['stop'],
  ready: ['stop', 'restart'],
  background: ['stop', 'restart'],
  running: ['stop', 'restart'],
  waiting: ['stop', 'restart'],
  stopping: ['stop', 'restart'],
  ending: [],
  closed: [],
  spare: ['stop', 'restart'],
};

/** What concerns the user most comes first. */
const order: readonly ProcessFacts['state'][] = [
  ...(['waiting', 'running', 'stopping', 'background', 'starting', 'ready'] as const),
  ...(['ending', 'spare', 'failed', 'asleep', 'closed'] as const),
];

/**
 * The list of processes, and of the sessions that could have one.
 * @param facts what is known of each
 * @param memory resident memory in bytes by process number
 * @param now milliseconds since 1970
 */
export function processList(
  facts: readonly ProcessFacts[],
  memory: ReadonlyMap<number, number>,
  now: number,
): ProcessList {
  const sorted = facts
    .filter(({ state }) => state !== 'closed')
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.usedAt - a.usedAt);
  const rows = sorted.map(({ id, name, folder, state, pid, startedAt }): ProcessRow => {
    const memoryBytes = pid === null ? null : (memory.get(pid) ?? null);
    const ageMs = startedAt === null ? null : Math.max(0, now - startedAt);
    return { id, name, folder, state, pid, ageMs, memoryBytes, actions: actions[state] };
  });
  return {
    rows,
    processes: rows.filter(({ pid }) => pid !== null).length,
    memoryBytes: rows.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0),
  };
}
