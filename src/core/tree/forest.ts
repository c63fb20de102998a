import { Batch } from './batch.js';
import { Entry, type Rules } from './entry.js';
import { matches, noFilter, type SessionFilter } from './filter.js';
import type { NodeContent, SessionNode, TreeNode } from './nodes.js';
import { Offspring } from './offspring.js';
import { comparison, type SortOrder } from './order.js';
import { byDepth, findPlaces, Passes } from './placement.js';
import { pageSize, Section } from './section.js';
import { sameList, sameSummary, type SectionFolder, type SessionSummary } from './summary.js';

/** What a change did to the tree that is shown. */
export interface ForestDiff {
  /** The list of what stands at the top is another one. */
  readonly roots: boolean;
  /** The nodes that show something else now or have other children, and no others. */
  readonly nodes: readonly TreeNode[];
}

/** What is known of a session now; undefined when it is gone. */
export type SessionChange = readonly [id: string, summary: SessionSummary | undefined];

/**
 * The tree of sessions: per folder the sessions; under a session the messages that forks left from; under those the forks,
 * to any depth. A change costs work for what it touches, not for all sessions.
 */
export class Forest {
  readonly #entries = new Map<string, Entry>();
  readonly #offspring = new Offspring();
  readonly #passes = new Passes();
  readonly #sections = new Map<string, Section>();
  /** The sessions that stand at the top because their lineage goes in a circle. */
  readonly #circles = new Set<Entry>();
  #folders: readonly SectionFolder[] = [];
  #filter: SessionFilter = noFilter;
  #rules: Rules = { shows: (session) => matches(this.#filter, session), compare: comparison('activity') };
  #roots: readonly TreeNode[] = [];
  #grouped = false;

  /** How many sessions there are, hidden ones as well. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many sessions wait for the user, hidden ones as well. */
  get waiting(): number {
    let sum = 0;
    for (const { content } of this.#sections.values()) sum += content.waiting;
    return sum;
  }

  /** What stands at the top: folders where there are several, else sessions. */
  get roots(): readonly TreeNode[] {
    return this.#roots;
  }

  /** The node of a session, or undefined when there is none with that id. */
  node(id: string): SessionNode | undefined {
    return this.#entries.get(id)?.node;
  }

  /** What is known of a session, or undefined when there is none with that id. */
  summary(id: string): SessionSummary | undefined {
    return this.#entries.get(id)?.summary;
  }

  /** Whether something is a node of this tree. */
  owns(something: unknown): something is TreeNode {
    if (typeof something !== 'object' || something === null) return false;
    if ('id' in something && typeof something.id === 'string') return this.node(something.id) === something;
    if ('folder' in something && typeof something.folder === 'string') {
      const section = this.#sections.get(something.folder);
      return section?.node === something || section?.more === something;
    }
    if (!('parent' in something) || typeof something.parent !== 'string') return false;
    return this.#entries.get(something.parent)?.points.some((node) => node === something) ?? false;
  }

  /** What stands under a node, in order. Nothing under one that is gone. */
  children(node: TreeNode): readonly TreeNode[] {
    switch (node.kind) {
      case 'folder':
        return this.#sections.get(node.folder)?.children ?? [];
      case 'session':
        return this.#entries.get(node.id)?.points ?? [];
      case 'forkPoint':
        return this.#entries.get(node.parent)?.point(node.at)?.forks ?? [];
      case 'more':
        return [];
    }
  }

  /** What a node stands under; undefined for one at the top. */
  parent(node: TreeNode): TreeNode | undefined {
    if (node.kind === 'folder') return undefined;
    if (node.kind === 'more') return this.#header(this.#sections.get(node.folder));
    if (node.kind === 'forkPoint') return this.#entries.get(node.parent)?.node;
    const entry = this.#entries.get(node.id);
    if (!entry?.parent) return this.#header(entry?.section);
    return entry.parent.point(entry.summary.lineage?.at ?? null)?.node;
  }

  /** What is shown of a node; undefined when it is gone. */
  content(node: TreeNode): NodeContent | undefined {
    switch (node.kind) {
      case 'folder':
        return this.#sections.get(node.folder)?.content;
      case 'session':
        return this.#entries.get(node.id)?.content ?? undefined;
      case 'forkPoint':
        return this.#entries.get(node.parent)?.point(node.at)?.content ?? undefined;
      case 'more':
        return this.#sections.get(node.folder)?.moreContent;
    }
  }

  /** Takes in all sessions; those that are not among them are gone. */
  replace(summaries: readonly SessionSummary[]): ForestDiff {
    const batch = new Batch();
    const gone = new Set(this.#entries.keys());
    for (const summary of summaries) {
      gone.delete(summary.id);
      this.#take(summary.id, summary, batch);
    }
    for (const id of gone) this.#take(id, undefined, batch);
    return this.#settle(batch);
  }

  /** Takes in what changed. Of several changes of one session the last counts. */
  update(changes: Iterable<SessionChange>): ForestDiff {
    const batch = new Batch();
    for (const [id, summary] of new Map(changes)) this.#take(id, summary, batch);
    return this.#settle(batch);
  }

  /** Names the folders of the workspace, in their order. Other folders that have sessions stand behind them. */
  setFolders(folders: readonly SectionFolder[]): ForestDiff {
    this.#folders = folders;
    const known = new Map(folders.map((folder) => [folder.path, folder]));
    for (const { path } of folders) this.#section(path);
    for (const section of this.#sections.values()) section.folder = known.get(section.path) ?? null;
    // Which section a session belongs to may be another one, because of the worktrees.
    const batch = new Batch(this.#sections.values());
    for (const entry of this.#entries.values()) if (!entry.parent) batch.move(entry);
    return this.#settle(batch);
  }

  /** Shows those sessions that a filter shows, and what they stand under. */
  setFilter(filter: SessionFilter): ForestDiff {
    this.#filter = filter;
    return this.#recomputeAll();
  }

  /** Orders sessions that stand side by side. */
  setOrder(order: SortOrder): ForestDiff {
    this.#rules = { ...this.#rules, compare: comparison(order) };
    for (const { forks } of this.#entries.values()) forks?.touchAll();
    for (const { members } of this.#sections.values()) members.touchAll();
    return this.#recomputeAll();
  }

  /** Shows the next sessions of a folder. */
  showMore(folder: string): ForestDiff {
    const section = this.#sections.get(folder);
    if (!section) return { roots: false, nodes: [] };
    section.limit += pageSize;
    return this.#settle(new Batch([section]));
  }

  /**
   * Shows as many sessions as it takes to see one of them.
   * @returns null when the filter hides it or there is none with that id
   */
  showUntil(id: string): ForestDiff | null {
    let top = this.#entries.get(id);
    if (!top || top.totals.visible === 0) return null;
    while (top.parent) top = top.parent;
    const { section } = top;
    const place = section?.place(top, this.#rules) ?? -1;
    if (!section || place < 0) return null;
    if (place < section.limit) return { roots: false, nodes: [] };
    section.limit = (Math.floor(place / pageSize) + 1) * pageSize;
    return this.#settle(new Batch([section]));
  }

  #recomputeAll(): ForestDiff {
    const batch = new Batch(this.#sections.values());
    for (const entry of this.#entries.values()) batch.touch(entry);
    return this.#settle(batch);
  }

  #take(id: string, summary: SessionSummary | undefined, batch: Batch): void {
    const entry = this.#entries.get(id);
    if (!entry) {
      if (summary) this.#add(summary, batch);
    } else if (!summary) this.#remove(entry, batch);
    else if (!sameSummary(entry.summary, summary)) this.#change(entry, summary, batch);
  }

  #add(summary: SessionSummary, batch: Batch): void {
    const entry = new Entry(summary);
    this.#entries.set(summary.id, entry);
    this.#offspring.add(entry);
    batch.move(entry);
    for (const child of this.#offspring.of(summary.id)) batch.move(child);
  }

  #remove(entry: Entry, batch: Batch): void {
    this.#entries.delete(entry.summary.id);
    this.#offspring.delete(entry);
    this.#circles.delete(entry);
    entry.marks.isGone = true;
    batch.detach(entry);
    for (const child of this.#offspring.of(entry.summary.id)) batch.move(child);
  }

  #change(entry: Entry, summary: SessionSummary, batch: Batch): void {
    const before = entry.summary;
    this.#offspring.delete(entry);
    entry.summary = summary;
    this.#offspring.add(entry);
    batch.touch(entry);
    const isPlaced = before.lineage?.parent === summary.lineage?.parent && before.createdAt === summary.createdAt;
    if (!isPlaced || before.folder !== summary.folder) batch.move(entry);
    // They say in which folder they are when it is another one than this one's.
    if (before.folder !== summary.folder) for (const fork of this.#offspring.of(summary.id)) batch.touch(fork);
  }

  /** Puts the moved sessions in their places, computes anew what is touched, and says what is shown differently. */
  #settle(batch: Batch): ForestDiff {
    if (batch.moved.length > 0) for (const entry of this.#circles) batch.move(entry);
    const find = (id: string): Entry | undefined => this.#entries.get(id);
    findPlaces(batch.moved, find, this.#passes, (entry, parent, isCircle) => {
      batch.detach(entry);
      batch.touch(entry);
      this.#place(entry, parent, isCircle);
    });
    const levels = byDepth(batch.touched, this.#passes);
    const changed: TreeNode[] = [];
    for (const level of levels.toReversed()) {
      for (const entry of level) {
        entry.recompute(this.#rules, changed);
        entry.home?.touch(entry);
      }
    }
    for (const { section } of levels[0] ?? []) if (section) batch.sections.add(section);
    batch.end();
    const ofSections = [...batch.sections].flatMap((section) => section.recompute(this.#rules));
    const roots = this.#setRoots();
    markShown(levels);
    return { roots, nodes: [...changed, ...ofSections].filter((node) => this.#isShown(node)) };
  }

  #place(entry: Entry, parent: Entry | null, isCircle: boolean): void {
    entry.parent = parent;
    entry.note = isCircle ? 'cycle' : parent === null && entry.summary.lineage !== null ? 'parentGone' : null;
    if (isCircle) this.#circles.add(entry);
    else this.#circles.delete(entry);
    entry.section = parent ? null : this.#section(this.#sectionPath(entry.summary.folder));
    if (parent) parent.addFork(entry);
    else entry.section?.members.add(entry);
  }

  #section(path: string): Section {
    const known = this.#sections.get(path);
    if (known) return known;
    const made = new Section(path);
    this.#sections.set(path, made);
    return made;
  }

  #sectionPath(folder: string): string {
    if (this.#folders.some(({ path }) => path === folder)) return folder;
    return this.#folders.find(({ worktrees }) => worktrees.includes(folder))?.path ?? folder;
  }

  /** The workspace's folders in their order, then others that have something to show. */
  #setRoots(): boolean {
    const ours = new Set(this.#folders.map(({ path }) => path));
    const all = [...this.#sections.values()];
    for (const { path, members } of all) if (members.size === 0 && !ours.has(path)) this.#sections.delete(path);
    const others = all.filter(({ path, children }) => !ours.has(path) && children.length > 0);
    others.sort((a, b) => (a.path < b.path ? -1 : 1));
    const shown = [...[...ours].flatMap((path) => this.#sections.get(path) ?? []), ...others];
    this.#grouped = shown.length > 1;
    const roots = this.#grouped ? shown.map(({ node }) => node) : (shown[0]?.children ?? []);
    const changed = !sameList(this.#roots, roots);
    this.#roots = roots;
    return changed;
  }

  /** Whether a node that has just been computed is among what is shown now. */
  #isShown(node: TreeNode): boolean {
    switch (node.kind) {
      case 'folder':
        return this.#grouped && this.#roots.includes(node);
      case 'more':
        return this.#sections.get(node.folder)?.children.includes(node) ?? false;
      case 'session':
        return this.#entries.get(node.id)?.marks.isShown ?? false;
      case 'forkPoint':
        return this.#entries.get(node.parent)?.marks.isShown ?? false;
    }
  }

  #header(section: Section | null | undefined): TreeNode | undefined {
    return this.#grouped ? section?.node : undefined;
  }
}

/** Marks those that are shown. Everything that one of them stands under is in the levels above it. */
function markShown(levels: readonly (readonly Entry[])[]): void {
  for (const level of levels) {
    for (const entry of level) {
      const above = entry.parent ? entry.parent.marks.isShown : (entry.section?.shows(entry) ?? false);
      entry.marks.isShown = above && entry.totals.visible > 0;
    }
  }
}
