import type { Entry, Rules } from './entry.js';
import {
  sameContent,
  type FolderContent,
  type FolderNode,
  type MoreContent,
  type MoreNode,
  type TreeNode,
} from './nodes.js';
import { Siblings } from './order.js';
import { sameList, type SectionFolder } from './summary.js';

/** How many sessions of a folder are shown at first, and how many more at each "Show More". */
export const pageSize = 200;

/** The sessions of a folder that stand under no other, as the forest keeps them. */
export class Section {
  readonly path: string;
  readonly node: FolderNode;
  readonly more: MoreNode;
  readonly members = new Siblings<Entry>();
  /** The workspace folder, or null for a folder that is not in the workspace. */
  folder: SectionFolder | null = null;
  /** How many sessions are shown at most. */
  limit = pageSize;
  content: FolderContent;
  moreContent: MoreContent = { kind: 'more', hidden: 0 };
  /** The sessions that are shown, and "Show More" where there are others. */
  children: readonly TreeNode[] = [];
  #shown: ReadonlySet<Entry> = new Set();

  /** @param path absolute path of the folder */
  constructor(path: string) {
    this.path = path;
    this.node = { kind: 'folder', key: `folder:${path}`, folder: path };
    this.more = { kind: 'more', key: `more:${path}`, folder: path };
    this.content = { kind: 'folder', path, name: lastName(path), branch: null, sessions: 0, waiting: 0 };
  }

  /** Whether one of its sessions is among those shown, and not behind "Show More". */
  shows(entry: Entry): boolean {
    return this.#shown.has(entry);
  }

  /** The place of one of its sessions among those that the filter shows, from 0; -1 when it shows it not. */
  place(entry: Entry, { compare }: Rules): number {
    return visible(this.members.sorted(compare)).indexOf(entry);
  }

  /**
   * Computes anew what is shown. Its sessions have been computed before.
   * @returns the nodes of its own that show something else now, or that have other children
   */
  recompute({ compare }: Rules): readonly TreeNode[] {
    const changed: TreeNode[] = [];
    const entries = visible(this.members.sorted(compare));
    const shown = entries.slice(0, this.limit);
    this.#shown = new Set(shown);
    const hidden = entries.length - shown.length;
    const children: TreeNode[] = shown.map(({ node }) => node);
    if (hidden > 0) children.push(this.more);
    let waiting = 0;
    for (const { totals } of this.members.sorted(compare)) waiting += totals.waiting;
    const { path, folder } = this;
    const name = folder?.name ?? lastName(path);
    const branch = folder?.branch ?? null;
    const content: FolderContent = { kind: 'folder', path, name, branch, sessions: entries.length, waiting };
    if (!sameContent(this.content, content) || !sameList(this.children, children)) changed.push(this.node);
    const more: MoreContent = { kind: 'more', hidden };
    if (!sameContent(this.moreContent, more)) changed.push(this.more);
    this.content = content;
    this.moreContent = more;
    this.children = children;
    return changed;
  }
}

function visible(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ totals }) => totals.visible > 0);
}

/** The last name in a path of either kind. */
function lastName(path: string): string {
  return path.split(/[\\/]/u).findLast((part) => part !== '') ?? path;
}
