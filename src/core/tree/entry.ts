import { isWaiting } from './filter.js';
import {
  sameContent,
  type ForkPointContent,
  type ForkPointNode,
  type PlacementNote,
  type SessionContent,
  type SessionNode,
  type SubtreeTotals,
  type TreeNode,
} from './nodes.js';
import { Siblings, type Sibling, type Sortable } from './order.js';
import type { Section } from './section.js';
import { sameList, type SessionSummary } from './summary.js';

/** What an entry is computed with. */
export interface Rules {
  /** Whether the filter by itself shows a session. */
  readonly shows: (session: SessionSummary) => boolean;
  readonly compare: (a: Sortable, b: Sortable) => number;
}

/** A message that forks left from, as the forest keeps it. */
interface Point {
  readonly node: ForkPointNode;
  content: ForkPointContent | null;
  forks: readonly SessionNode[];
}

/** What the forest notes of an entry while it takes in a change. */
interface Marks {
  /** The session is gone. */
  isGone: boolean;
  isMoved: boolean;
  isTouched: boolean;
  isShown: boolean;
  /** The walk along lineages that came by last. */
  walk: number;
  /** The pass in which `depth` was found. */
  pass: number;
  depth: number;
}

/** The sums before they are first made. */
const notSummed: SubtreeTotals = { costMicros: 0, waiting: 0, activeAt: 0, visible: 0 };

const microsPerDollar = 1_000_000;

/** A session in the forest: where it stands, what stands under it, and what is shown of both. */
export class Entry implements Sortable, Sibling<Entry> {
  readonly node: SessionNode;
  summary: SessionSummary;
  /** What it stands under; null at the top of its section. */
  parent: Entry | null = null;
  /** Its section while it stands at the top of one. */
  section: Section | null = null;
  note: PlacementNote | null = null;
  totals: SubtreeTotals = notSummed;
  content: SessionContent | null = null;
  home: Siblings<Entry> | null = null;
  isStale = false;
  /** What the forest notes while it takes in a change. */
  readonly marks: Marks = {
    isGone: false,
    isMoved: false,
    isTouched: false,
    isShown: false,
    walk: 0,
    pass: 0,
    depth: 0,
  };
  /** The messages that shown forks left from, in the order of the conversation. */
  points: readonly ForkPointNode[] = [];
  // Most sessions have no forks, and there are thousands of sessions: what only forks need is made with the first of them.
  #forks: Siblings<Entry> | null = null;
  #points: Map<string | null, Point> | null = null;

  /** @param summary what is known of the session */
  constructor(summary: SessionSummary) {
    this.summary = summary;
    this.node = { kind: 'session', key: `session:${summary.id}`, id: summary.id };
  }

  /** The forks that stand under it, hidden ones as well; null before there were any. */
  get forks(): Siblings<Entry> | null {
    return this.#forks;
  }

  /** Takes a fork that stands under it from now on. */
  addFork(fork: Entry): void {
    this.#forks ??= new Siblings<Entry>();
    this.#forks.add(fork);
  }

  /** What is shown of one of its fork points, or undefined where no shown fork left from there. */
  point(at: string | null): Readonly<Point> | undefined {
    return this.#points?.get(at);
  }

  /**
   * Computes anew what is shown of it and of its fork points. What stands under it has been computed before.
   * @param changed gets the nodes that show something else now, or that have other children
   */
  recompute(rules: Rules, changed: TreeNode[]): void {
    this.totals = this.#sum(rules);
    const { summary, note, totals } = this;
    const above = this.parent?.summary.folder ?? this.section?.path;
    const otherFolder = summary.folder === above ? null : summary.folder;
    const content: SessionContent = { kind: 'session', summary, note, totals, otherFolder };
    const sameSelf = sameContent(this.content, content);
    if (!sameSelf) this.content = content;
    const samePoints = this.#group(rules, changed);
    if (!sameSelf || !samePoints) changed.push(this.node);
  }

  #sum({ shows, compare }: Rules): SubtreeTotals {
    const { costUsd, activeAt } = this.summary;
    const total = {
      costMicros: Math.round(costUsd * microsPerDollar),
      waiting: isWaiting(this.summary) ? 1 : 0,
      activeAt,
      visible: 0,
    };
    for (const { totals } of this.#forks?.sorted(compare) ?? []) {
      total.costMicros += totals.costMicros;
      total.waiting += totals.waiting;
      total.visible += totals.visible;
      if (totals.visible > 0) total.activeAt = Math.max(total.activeAt, totals.activeAt);
    }
    if (total.visible > 0 || shows(this.summary)) total.visible += 1;
    return total;
  }

  /** Puts the shown forks under the messages they left from. @returns whether those messages are the same as before */
  #group({ compare }: Rules, changed: TreeNode[]): boolean {
    if (this.#forks === null) return true;
    this.#points ??= new Map();
    const groups = new Map<string | null, Entry[]>();
    for (const fork of this.#forks.sorted(compare)) {
      if (fork.totals.visible === 0) continue;
      const at = fork.summary.lineage?.at ?? null;
      const group = groups.get(at);
      if (group) group.push(fork);
      else groups.set(at, [fork]);
    }
    for (const at of this.#points.keys()) if (!groups.has(at)) this.#points.delete(at);
    for (const [at, forks] of groups) {
      const point = this.#points.get(at) ?? this.#newPoint(at);
      this.#points.set(at, point);
      const content = pointContent(at, forks);
      const nodes = forks.map(({ node }) => node);
      if (!sameContent(point.content, content) || !sameList(point.forks, nodes)) changed.push(point.node);
      point.content = content;
      point.forks = nodes;
    }
    const points = [...this.#points.values()].sort(inConversation).map(({ node }) => node);
    const same = sameList(this.points, points);
    this.points = points;
    return same;
  }

  #newPoint(at: string | null): Point {
    const { id } = this.summary;
    const key = at === null ? `whole:${id}` : `message:${id}:${at}`;
    return { node: { kind: 'forkPoint', key, parent: id, at }, content: null, forks: [] };
  }
}

function pointContent(at: string | null, forks: readonly Entry[]): ForkPointContent {
  let named: SessionSummary | null = null;
  let waiting = 0;
  for (const { summary, totals } of forks) {
    waiting += totals.waiting;
    // Forks of one message should say the same of it; where they do not, the choice must not depend on their order.
    if (summary.forkPoint && (named === null || summary.id < named.id)) named = summary;
  }
  return { kind: 'forkPoint', point: named?.forkPoint ?? null, whole: at === null, forks: forks.length, waiting };
}

/** Messages in the order of their numbers, those without one behind, the whole conversation last. */
function inConversation(a: Point, b: Point): number {
  if ((a.node.at === null) !== (b.node.at === null)) return a.node.at === null ? 1 : -1;
  const [first, second] = [a.content?.point?.number ?? Infinity, b.content?.point?.number ?? Infinity];
  if (first !== second) return first - second;
  return a.node.key < b.node.key ? -1 : 1;
}
