import type { SessionState } from '../session/session.js';

/** What a session in the tree is doing. `asleep`: ours, without a process; `foreign`: made by the program itself. */
export type TreeState = SessionState | 'asleep' | 'foreign';

/** Where a session was forked from. */
export interface Lineage {
  /** Id of the session that it was forked from. It may be gone. */
  readonly parent: string;
  /** UUID of the last message that the fork took over; null for the whole conversation as it was. */
  readonly at: string | null;
  readonly kind: 'fork' | 'aside';
}

/** The message that a fork left from, as it is shown. */
export interface ForkPoint {
  /** The message's number in its conversation, from 1; null where it is not known. */
  readonly number: number | null;
  /** The message's first line. Hostile data. */
  readonly text: string;
}

/** What the tree knows of a session. Names, tags and texts are hostile data. */
export interface SessionSummary {
  readonly id: string;
  /** Absolute path, written the same way for all sessions of one folder. */
  readonly folder: string;
  /** Empty until it has one. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970 of the last message. */
  readonly activeAt: number;
  readonly state: TreeState;
  /** It waits for the user: a permission, a question, a plan. */
  readonly waiting: boolean;
  /** Its last turn failed. */
  readonly failed: boolean;
  readonly unread: boolean;
  readonly starred: boolean;
  readonly archived: boolean;
  readonly tags: readonly string[];
  /** What its own turns cost, in US dollars. */
  readonly costUsd: number;
  /** Null for a session that was not forked. */
  readonly lineage: Lineage | null;
  readonly forkPoint: ForkPoint | null;
  /** Who made it: Arbor, or the program by itself. */
  readonly source: 'arbor' | 'program';
  /** Another window or program drives it now. */
  readonly inUseElsewhere: boolean;
}

/** A workspace folder, which is a section of the tree. */
export interface SectionFolder {
  /** Absolute path, as in the summaries. */
  readonly path: string;
  readonly name: string;
  /** The git branch, or null outside of git. */
  readonly branch: string | null;
  /** Absolute paths of the folder's git worktrees, whose sessions belong to this section. */
  readonly worktrees: readonly string[];
}

/** Whether two summaries say the same. */
export function sameSummary(a: SessionSummary, b: SessionSummary): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.folder === b.folder &&
      a.name === b.name &&
      a.createdAt === b.createdAt &&
      a.activeAt === b.activeAt &&
      a.state === b.state &&
      a.waiting === b.waiting &&
      a.failed === b.failed &&
      a.unread === b.unread &&
      a.starred === b.starred &&
      a.archived === b.archived &&
      a.costUsd === b.costUsd &&
      a.source === b.source &&
      a.inUseElsewhere === b.inUseElsewhere &&
      sameList(a.tags, b.tags) &&
      a.lineage?.parent === b.lineage?.parent &&
      a.lineage?.at === b.lineage?.at &&
      a.lineage?.kind === b.lineage?.kind &&
      a.forkPoint?.number === b.forkPoint?.number &&
      a.forkPoint?.text === b.forkPoint?.text)
  );
}

/** Whether two lists hold the same things in the same order. */
export function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((each, index) => each === b[index]));
}
