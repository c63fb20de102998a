import * as vscode from 'vscode';
import { URI, Utils } from 'vscode-uri';
import { detach } from '../base/detach.js';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import type { Explanation } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { FolderView } from '../core/chat/snapshot.js';
import type { SectionFolder } from '../core/tree/summary.js';

/** The workspace as Arbor sees it: its folders on the disk, their branches, and whether it is trusted. */
export class Workspace implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed: Emitter<undefined>;
  readonly #readBranch: (folder: string) => Promise<string | null>;
  readonly #logger: Logger;
  readonly #branches = new Map<string, string | null>();
  readonly #watched = new Set<string>();

  /** Fires when the folders, their branches or the trust changed. */
  readonly onChange: Event<undefined>;

  /**
   * @param readBranch tells the git branch of a folder
   * @param logger told when that fails
   */
  constructor(readBranch: (folder: string) => Promise<string | null>, logger: Logger) {
    this.#readBranch = readBranch;
    this.#logger = logger;
    this.#changed = this.#owned.add(
      new Emitter<undefined>((error) => {
        logger.error('A listener of the workspace failed', error);
      }),
    );
    this.onChange = this.#changed.event;
    const fire = (): void => {
      this.#changed.fire(undefined);
    };
    this.#owned.add(vscode.workspace.onDidChangeWorkspaceFolders(fire));
    this.#owned.add(vscode.workspace.onDidGrantWorkspaceTrust(fire));
  }

  /** Absolute paths of the folders that are on this machine's disk. */
  get folders(): readonly string[] {
    return (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath);
  }

  get isTrusted(): boolean {
    return vscode.workspace.isTrusted;
  }

  /** Why nothing can be sent now, or null. */
  get blocked(): Explanation | null {
    if (this.folders.length === 0) {
      return {
        code: 'folderMissing',
        what: 'No folder is open.',
        next: 'Open a folder: Claude Code works in it.',
        actions: ['openFolder'],
      };
    }
    if (this.isTrusted) return null;
    return {
      code: 'workspaceUntrusted',
      what: 'This workspace is not trusted, so Claude Code is not started in it.',
      kept: 'You can read earlier conversations.',
      next: 'Trust the workspace if you know where its files come from.',
      actions: ['manageTrust'],
    };
  }

  /** What is shown of a folder. Its branch is read in the background and follows when it changes. */
  view(folder: string): FolderView {
    this.#watch(folder);
    const named = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === folder);
    return {
      name: named?.name ?? Utils.basename(URI.file(folder)),
      path: folder,
      branch: this.#branches.get(folder) ?? null,
    };
  }

  /** The folders as sections of a list of sessions. */
  sections(): readonly SectionFolder[] {
    return this.folders.map((folder) => {
      const { name, path, branch } = this.view(folder);
      return { name, path, branch, worktrees: [] };
    });
  }

  /** Asks for a folder where there are several. @returns its absolute path, or null when the user chose none */
  async chooseFolder(): Promise<string | null> {
    const { folders } = this;
    if (folders.length <= 1) return folders[0] ?? null;
    const chosen = await vscode.window.showWorkspaceFolderPick({ placeHolder: 'The folder for the new session' });
    return chosen?.uri.fsPath ?? null;
  }

  #watch(folder: string): void {
    if (this.#watched.has(folder)) return;
    this.#watched.add(folder);
    const watcher = this.#owned.add(
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), '.git/HEAD')),
    );
    const refresh = (): void => {
      detach(this.#refresh(folder), (error) => {
        this.#logger.error('The branch could not be read', error);
      });
    };
    this.#owned.add(watcher.onDidChange(refresh));
    this.#owned.add(watcher.onDidCreate(refresh));
    refresh();
  }

  async #refresh(folder: string): Promise<void> {
    const branch = await this.#readBranch(folder);
    if (this.#branches.get(folder) === branch) return;
    this.#branches.set(folder, branch);
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
