import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import { makeLineVisible } from '../../base/visibleText.js';
import { speakerOf, type SessionHits } from '../../core/search/groups.js';
import type { MessageOpener, SearchHit } from '../../core/search/search.js';
import { searchResultsContext, searchViewId } from '../contributions.js';
import { dateText } from './dateText.js';

/** The editor's own name for the command behind a hit; it is in no menu, so it is not declared. */
const openCommand = '_arbor.openSearchHit';

type Node = SessionHits | SearchHit;

/** The view `Search Results`: what a search found, by session, until it is cleared. It is there only while it has something. */
export class SearchView implements vscode.TreeDataProvider<Node>, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #tree: vscode.TreeView<Node>;
  #groups: readonly SessionHits[] = [];

  readonly onDidChangeTreeData = this.#changed.event;

  /**
   * @param opener shows the message of a hit
   * @param logger told when that fails
   */
  constructor(opener: MessageOpener, logger: Logger) {
    this.#owned.add(this.#changed);
    this.#tree = this.#owned.add(
      vscode.window.createTreeView<Node>(searchViewId, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#owned.add(
      vscode.commands.registerCommand(openCommand, async (sessionId: unknown, messageUuid: unknown) => {
        if (typeof sessionId !== 'string' || typeof messageUuid !== 'string') return;
        try {
          await opener.openAt(sessionId, messageUuid);
        } catch (error) {
          logger.error('A search result could not be opened', error);
        }
      }),
    );
  }

  /**
   * Shows what was found and moves the focus there.
   * @param query what was typed
   * @param groups what was found
   * @param truncated whether there is more
   */
  async show(query: string, groups: readonly SessionHits[], truncated: boolean): Promise<void> {
    this.#groups = groups;
    const count = groups.reduce((sum, { hits }) => sum + hits.length, 0);
    const matches = count === 1 ? '1 match' : `${truncated ? 'first ' : ''}${String(count)} matches`;
    this.#tree.description = `${matches} for “${makeLineVisible(query)}”`;
    this.#changed.fire(undefined);
    await vscode.commands.executeCommand('setContext', searchResultsContext, count > 0);
    if (count > 0) await vscode.commands.executeCommand(`${searchViewId}.focus`);
  }

  /** Forgets what was found; the view goes. */
  async clear(): Promise<void> {
    this.#groups = [];
    this.#changed.fire(undefined);
    await vscode.commands.executeCommand('setContext', searchResultsContext, false);
  }

  /** Asked by the editor. */
  getChildren(node?: Node): Node[] {
    if (!node) return [...this.#groups];
    return 'hits' in node ? [...node.hits] : [];
  }

  /** Asked by the editor. */
  getTreeItem(node: Node): vscode.TreeItem {
    return 'hits' in node ? groupItem(node) : hitItem(node);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

function groupItem({ name, newestAt, hits, sessionId }: SessionHits): vscode.TreeItem {
  const item = new vscode.TreeItem(makeLineVisible(name), vscode.TreeItemCollapsibleState.Expanded);
  const matches = hits.length === 1 ? '1 match' : `${String(hits.length)} matches`;
  item.id = sessionId;
  item.description = [matches, dateText(newestAt)].filter((text) => text !== '').join(', ');
  item.iconPath = new vscode.ThemeIcon('comment-discussion');
  return item;
}

function hitItem(hit: SearchHit): vscode.TreeItem {
  const highlights = hit.ranges.map(({ start, end }): [number, number] => [start, end]);
  const item = new vscode.TreeItem({ label: hit.excerpt, highlights });
  const speaker = speakerOf(hit);
  item.description = [speaker, dateText(hit.at)].filter((text) => text !== '').join(', ');
  item.accessibilityInformation = { label: `${speaker}: ${hit.excerpt}` };
  item.tooltip = hit.excerpt;
  item.command = { command: openCommand, title: 'Open', arguments: [hit.sessionId, hit.messageUuid] };
  return item;
}
