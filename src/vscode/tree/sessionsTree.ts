import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { Forest, type ForestDiff } from '../../core/tree/forest.js';
import type { TreeNode } from '../../core/tree/nodes.js';
import { present } from '../../core/tree/presentation.js';
import type { DirectoryChange, SessionDirectory } from '../../core/tree/sessionDirectory.js';
import type { SessionCommandName } from '../contributions.js';

/** Milliseconds between two looks at whether ages such as `5 min` are still right. */
const ageInterval = 30_000;

/** Gives the editor the tree of sessions. The directory is asked for when the tree is first needed. */
export class SessionsTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<TreeNode | TreeNode[] | undefined>());
  readonly #forest = new Forest();
  readonly #connect: () => Promise<SessionDirectory>;
  readonly #clock: Clock;
  readonly #onDirectory: (directory: SessionDirectory) => void;
  /** The description that the editor was given of each node. */
  readonly #given = new Map<TreeNode, string>();
  #connecting: Promise<SessionDirectory> | null = null;
  #timer: Disposable | null = null;
  #connected = false;
  #disposed = false;
  /** Nodes have other ids while a filter is on, because the editor remembers by id what is open. */
  #isFiltered = false;

  /** Fires with the nodes that the editor is to ask for again; undefined for all. */
  readonly onDidChangeTreeData = this.#changed.event;

  /**
   * @param connect gives the sessions; called once
   * @param clock tells ages
   * @param onDirectory called once, when the sessions are there
   */
  constructor(
    connect: () => Promise<SessionDirectory>,
    clock: Clock,
    onDirectory: (directory: SessionDirectory) => void,
  ) {
    this.#connect = connect;
    this.#clock = clock;
    this.#onDirectory = onDirectory;
  }

  /** The forest that is shown. What changes it goes through `change`. */
  get forest(): Pick<Forest, 'node' | 'owns' | 'waiting'> {
    return this.#forest;
  }

  /** The sessions; from the first call on the tree follows them. A call after one that failed tries again. */
  connect(): Promise<SessionDirectory> {
    this.#connecting ??= this.#follow().catch((error: unknown) => {
      this.#connecting = null;
      throw error;
    });
    return this.#connecting;
  }

  async #follow(): Promise<SessionDirectory> {
    const directory = await this.#connect();
    if (this.#disposed) return directory;
    this.#forest.setFolders(directory.folders);
    this.#forest.replace(directory.summaries());
    this.#owned.add(
      directory.onChange((change) => {
        this.#take(change, directory);
      }),
    );
    this.#connected = true;
    this.#onDirectory(directory);
    return directory;
  }

  /** What stands under a node, or at the top. */
  getChildren(node?: TreeNode): TreeNode[] | Promise<TreeNode[]> {
    return this.#connected ? this.#children(node) : this.connect().then(() => this.#children(node));
  }

  #children(node: TreeNode | undefined): TreeNode[] {
    return [...(node ? this.#forest.children(node) : this.#forest.roots)];
  }

  /** What a node stands under, so that it can be revealed. */
  getParent(node: TreeNode): TreeNode | undefined {
    return this.#forest.parent(node);
  }

  /** What the editor shows of a node. */
  getTreeItem(node: TreeNode): vscode.TreeItem {
    const content = this.#forest.content(node);
    // Gone since the editor was given it; the list that it was in is asked for again.
    if (!content) return new vscode.TreeItem('');
    const { label, description, tooltip, spoken, look, context } = present(content, this.#clock.now());
    this.#given.set(node, description);
    const item = new vscode.TreeItem(label, this.#collapsible(node));
    item.id = this.#isFiltered ? `${node.key} found` : node.key;
    item.description = description;
    item.tooltip = tooltip;
    item.contextValue = context;
    item.accessibilityInformation = { label: spoken };
    item.iconPath = new vscode.ThemeIcon(
      look.icon,
      look.color === null ? undefined : new vscode.ThemeColor(look.color),
    );
    const command = clickCommand(node);
    if (command) item.command = { ...command, arguments: [node] };
    return item;
  }

  /**
   * Changes what is shown, and tells the editor what is shown differently.
   * @param how changes the forest
   * @param isFiltered whether a filter is on from now on
   * @returns what `how` gave
   */
  change<T extends ForestDiff | null>(how: (forest: Forest) => T, isFiltered = this.#isFiltered): T {
    const diff = how(this.#forest);
    const isOther = isFiltered !== this.#isFiltered;
    this.#isFiltered = isFiltered;
    if (isOther || diff?.roots === true) {
      this.#given.clear();
      this.#changed.fire(undefined);
    } else if (diff && diff.nodes.length > 0) this.#changed.fire([...diff.nodes]);
    return diff;
  }

  /** Says whether the tree can be seen; ages are kept right only then. */
  setVisible(visible: boolean): void {
    this.#timer?.dispose();
    this.#timer = null;
    if (!visible) return;
    this.#renewAges();
    this.#timer = this.#clock.after(ageInterval, () => {
      this.setVisible(true);
    });
  }

  #collapsible(node: TreeNode): vscode.TreeItemCollapsibleState {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    if (node.kind === 'folder') return Expanded;
    if (this.#forest.children(node).length === 0) return None;
    // What a filter finds is to be seen, and so are the forks of a session that was opened.
    return this.#isFiltered || node.kind === 'forkPoint' ? Expanded : Collapsed;
  }

  #take(change: DirectoryChange, directory: SessionDirectory): void {
    if (change !== 'all') {
      this.change((forest) => forest.update(change.sessions.map((id) => [id, directory.summary(id)])));
      return;
    }
    this.change((forest) => {
      const folders = forest.setFolders(directory.folders);
      const sessions = forest.replace(directory.summaries());
      const nodes = new Set([...folders.nodes, ...sessions.nodes].filter((node) => forest.content(node)));
      return { roots: folders.roots || sessions.roots, nodes: [...nodes] };
    });
  }

  #renewAges(): void {
    const now = this.#clock.now();
    const stale: TreeNode[] = [];
    for (const [node, description] of this.#given) {
      const content = this.#forest.content(node);
      if (!content) this.#given.delete(node);
      else if (present(content, now).description !== description) stale.push(node);
    }
    if (stale.length > 0) this.#changed.fire(stale);
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
    this.#timer = null;
    this.#owned.dispose();
  }
}

/** What a click or Enter does. */
function clickCommand(node: TreeNode): { command: SessionCommandName; title: string } | undefined {
  if (node.kind === 'session') return { command: 'arbor.session.open', title: 'Open' };
  return node.kind === 'more' ? { command: 'arbor.sessions.showMore', title: 'Show More' } : undefined;
}
