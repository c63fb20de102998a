import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import { parseFilter } from '../../core/tree/filter.js';
import type { TreeNode } from '../../core/tree/nodes.js';
import { sortOrders, type SortOrder } from '../../core/tree/order.js';
import type { SessionDirectory } from '../../core/tree/sessionDirectory.js';
import type { SessionSummary } from '../../core/tree/summary.js';
import { sessionsContext, sessionsViewId } from '../contributions.js';
import { SessionsTree } from './sessionsTree.js';

/** What the view needs. */
export interface SessionsViewServices {
  /** Gives the sessions; called when the view is first needed. */
  readonly connect: () => Promise<SessionDirectory>;
  /** Where the order and whether archived sessions are shown are kept: the workspace's. */
  readonly memory: vscode.Memento;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds; the editor gathers changes for 200. */
const revealDelayMs = 300;

const memoryKeys = { order: 'sessions.order', archived: 'sessions.archived' } as const;

/** The view `Sessions`: the tree, with what is chosen of it, its badge, its filter and its order. */
export class SessionsView implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #services: SessionsViewServices;
  readonly #tree: SessionsTree;
  readonly #view: vscode.TreeView<TreeNode>;
  #filter = '';
  #order: SortOrder = 'activity';
  #showsArchived: boolean;
  /** The session to be revealed, at the latest when the view is next seen. */
  #toReveal: string | null = null;
  #revealing: Disposable | null = null;

  /** @param services what the view needs */
  constructor(services: SessionsViewServices) {
    this.#services = services;
    const { connect, clock, memory } = services;
    this.#tree = this.#owned.add(
      new SessionsTree(connect, clock, (directory) => {
        this.#follow(directory);
      }),
    );
    const order = memory.get<unknown>(memoryKeys.order);
    this.#order = sortOrders.find((known) => known === order) ?? 'activity';
    this.#showsArchived = memory.get<unknown>(memoryKeys.archived) === true;
    this.#tree.change((forest) => forest.setOrder(this.#order));
    this.#view = this.#owned.add(
      vscode.window.createTreeView(sessionsViewId, {
        treeDataProvider: this.#tree,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#owned.add(
      this.#view.onDidChangeVisibility(({ visible }) => {
        this.#tree.setVisible(visible);
        if (visible) this.#revealNow();
      }),
    );
    this.#tree.setVisible(this.#view.visible);
    this.#applyFilter();
  }

  /** The sessions, which the view follows from the first call on. */
  directory(): Promise<SessionDirectory> {
    return this.#tree.connect();
  }

  /** The filter as it was typed; empty for none. */
  get filter(): string {
    return this.#filter;
  }

  get order(): SortOrder {
    return this.#order;
  }

  /** Shows the sessions that a filter finds. @param text as `parseFilter` reads it; empty for all */
  setFilter(text: string): void {
    this.#filter = text.trim();
    this.#applyFilter();
  }

  /** Orders the sessions, and keeps that for the workspace. */
  setOrder(order: SortOrder): void {
    this.#order = order;
    this.#tree.change((forest) => forest.setOrder(order));
    this.#remember(memoryKeys.order, order);
  }

  /** Shows archived sessions or hides them, and keeps that for the workspace. */
  setArchivedShown(shown: boolean): void {
    this.#showsArchived = shown;
    this.#applyFilter();
    this.#remember(memoryKeys.archived, shown);
  }

  /** Shows the next sessions of a folder. @param node what was clicked */
  showMore(node: unknown): void {
    if (!this.#tree.forest.owns(node) || node.kind !== 'more') return;
    this.#tree.change((forest) => forest.showMore(node.folder));
  }

  /**
   * The sessions that a command is for: what was clicked, with the rest of the selection when it is part of that; for a key
   * what has the focus, likewise; from the command palette the session that the chat shows.
   * @param args what the editor gave the command: the node, and the selection when there are several
   */
  async chosen(args: readonly unknown[]): Promise<readonly SessionSummary[]> {
    const directory = await this.directory();
    const ids = args.length === 0 ? [directory.openId] : this.#nodes(args).map((node) => idOf(node));
    return ids.flatMap((id) => (id === null ? [] : (directory.summary(id) ?? [])));
  }

  #nodes([first, several]: readonly unknown[]): readonly TreeNode[] {
    const { forest } = this.#tree;
    if (Array.isArray(several)) return several.filter((node: unknown) => forest.owns(node));
    const { selection } = this.#view;
    // An editor that does not tell a key's command what has the focus leaves the selection.
    if (!forest.owns(first) || selection.includes(first)) return selection.filter((node) => forest.owns(node));
    return [first];
  }

  #follow(directory: SessionDirectory): void {
    this.#owned.add(
      directory.onChange(() => {
        this.#setBadge();
        if (this.#revealing) this.#revealSoon();
      }),
    );
    this.#owned.add(
      directory.onOpen((id) => {
        this.#reveal(id);
      }),
    );
    this.#setBadge();
    this.#reveal(directory.openId);
  }

  #setBadge(): void {
    const { waiting } = this.#tree.forest;
    const tooltip = waiting === 1 ? '1 session waits for you' : `${String(waiting)} sessions wait for you`;
    this.#view.badge = waiting === 0 ? undefined : { value: waiting, tooltip };
  }

  #reveal(id: string | null): void {
    this.#toReveal = id;
    if (id !== null) this.#revealSoon();
  }

  /** The editor cannot find a row while it fetches rows that have just changed: it is asked when that has calmed down. */
  #revealSoon(): void {
    this.#revealing?.dispose();
    this.#revealing = this.#services.clock.after(revealDelayMs, () => {
      this.#revealing = null;
      this.#revealNow();
    });
  }

  #revealNow(): void {
    const id = this.#toReveal;
    // Revealing would open a view that the user has closed.
    if (id === null || !this.#view.visible) return;
    this.#toReveal = null;
    const diff = this.#tree.change((forest) => forest.showUntil(id));
    const node = this.#tree.forest.node(id);
    const { selection } = this.#view;
    // What the user has chosen by themselves stays, such as several rows of which one was opened by a click.
    if (diff === null || !node || selection.includes(node)) return;
    detach(this.#view.reveal(node, { select: selection.length < 2, focus: false, expand: false }), (error) => {
      this.#services.logger.warn(`The open session could not be shown in the tree: ${String(error)}`);
    });
  }

  #applyFilter(): void {
    const isFiltered = this.#filter !== '';
    const { filter } = parseFilter(this.#filter, this.#showsArchived ? 'show' : 'hide');
    this.#tree.change((forest) => forest.setFilter(filter), isFiltered);
    this.#view.description = isFiltered ? `Filter: ${this.#filter}` : '';
    this.#setContext(sessionsContext.filtered, isFiltered);
    this.#setContext(sessionsContext.archivedShown, this.#showsArchived);
  }

  #setContext(key: string, value: boolean): void {
    detach(vscode.commands.executeCommand('setContext', key, value), (error) => {
      this.#services.logger.error('A condition for menus could not be set', error);
    });
  }

  #remember(key: string, value: unknown): void {
    detach(this.#services.memory.update(key, value), (error) => {
      this.#services.logger.error('How the sessions are shown could not be kept', error);
    });
  }

  dispose(): void {
    this.#revealing?.dispose();
    this.#owned.dispose();
  }
}

function idOf(node: TreeNode): string | null {
  return node.kind === 'session' ? node.id : null;
}
