import type { ForkPoint, SessionSummary } from './summary.js';

/** A folder; shown when there are several. */
export interface FolderNode {
  readonly kind: 'folder';
  readonly key: string;
  /** Absolute path. */
  readonly folder: string;
}

/** A session. */
export interface SessionNode {
  readonly kind: 'session';
  readonly key: string;
  readonly id: string;
}

/** A message that forks left from; its children are those forks. */
export interface ForkPointNode {
  readonly kind: 'forkPoint';
  readonly key: string;
  /** Id of the session that the message is in. */
  readonly parent: string;
  /** The message's UUID; null for forks of the whole conversation. */
  readonly at: string | null;
}

/** Stands for the sessions of a folder that are not shown yet. */
export interface MoreNode {
  readonly kind: 'more';
  readonly key: string;
  readonly folder: string;
}

/**
 * A node of the tree: the same object for as long as its session, message or folder is there, so that a view can hold on to
 * it. What is shown of it is its content. `key` is unique in the tree.
 */
export type TreeNode = FolderNode | SessionNode | ForkPointNode | MoreNode;

/** Sums over a session and its forks of any depth. */
export interface SubtreeTotals {
  /** Millionths of a US dollar: whole numbers, so that sums do not depend on their order. */
  readonly costMicros: number;
  /** How many sessions wait for the user, also those that the filter hides. */
  readonly waiting: number;
  /** The newest activity among those shown; milliseconds since 1970. */
  readonly activeAt: number;
  /** How many sessions the filter shows, with those that are shown only for the sake of their forks; 0 hides it. */
  readonly visible: number;
}

/** Why a fork does not stand under the session that it was forked from. */
export type PlacementNote = 'parentGone' | 'cycle';

/** What is shown of a session. */
export interface SessionContent {
  readonly kind: 'session';
  readonly summary: SessionSummary;
  readonly note: PlacementNote | null;
  readonly totals: SubtreeTotals;
  /** Its folder where that is not the folder of what it stands under, such as a worktree; else null. */
  readonly otherFolder: string | null;
}

/** What is shown of a message that forks left from. */
export interface ForkPointContent {
  readonly kind: 'forkPoint';
  /** Null where nothing is known of the message. */
  readonly point: ForkPoint | null;
  /** The whole conversation was forked. */
  readonly whole: boolean;
  /** How many forks stand under it. */
  readonly forks: number;
  /** How many sessions under it wait for the user. */
  readonly waiting: number;
}

/** What is shown of a folder. */
export interface FolderContent {
  readonly kind: 'folder';
  readonly path: string;
  readonly name: string;
  readonly branch: string | null;
  /** How many sessions stand directly under it, shown or not yet. */
  readonly sessions: number;
  readonly waiting: number;
}

/** What is shown in the place of sessions that are not shown yet. */
export interface MoreContent {
  readonly kind: 'more';
  /** How many there are. */
  readonly hidden: number;
}

/** What is shown of a node. */
export type NodeContent = FolderContent | SessionContent | ForkPointContent | MoreContent;

/** Whether a node shows the same. Summaries are compared by identity. */
export function sameContent(a: NodeContent | null, b: NodeContent): boolean {
  if (a === null) return false;
  if (a.kind === 'session' && b.kind === 'session') {
    return (
      a.summary === b.summary && a.note === b.note && a.otherFolder === b.otherFolder && sameTotals(a.totals, b.totals)
    );
  }
  if (a.kind === 'forkPoint' && b.kind === 'forkPoint') {
    return (
      a.point?.number === b.point?.number &&
      a.point?.text === b.point?.text &&
      a.whole === b.whole &&
      a.forks === b.forks &&
      a.waiting === b.waiting
    );
  }
  if (a.kind === 'folder' && b.kind === 'folder') {
    return (
      a.path === b.path &&
      a.name === b.name &&
      a.branch === b.branch &&
      a.sessions === b.sessions &&
      a.waiting === b.waiting
    );
  }
  return a.kind === 'more' && b.kind === 'more' && a.hidden === b.hidden;
}

function sameTotals(a: SubtreeTotals, b: SubtreeTotals): boolean {
  return (
    a.costMicros === b.costMicros && a.waiting === b.waiting && a.activeAt === b.activeAt && a.visible === b.visible
  );
}
