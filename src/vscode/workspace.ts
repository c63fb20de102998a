import * as vscode from 'vscode';
import { URI, Utils } from 'vscode-uri';
import { detach } from '../base/detach.js';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import type { Explanation } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import { folderNames } from '../core/chat/folderNames.js';
import type { FolderView } from '../core/chat/snapshot.js';
import type { GitPlace } from '../core/ports.js';
import type { SectionFolder } from '../core/tree/summary.js';
import { pickFolder } from './folderPick.js';

/** The workspace as Arbor sees it: its folders on the disk, their branches, and whether it is trusted. */
export class Workspace implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed: Emitter<undefined>;
  readonly #readGit: (folder: string) => Promise<GitPlace | null>;
  readonly #logger: Logger;
  readonly #places = new Map<string, GitPlace | null>();
  /** Files of git outside of a folder that are watched for it. */
  readonly #heads = new Map<string, string>();
  readonly #watched = new Set<string>();

  /** Fires when the folders, their branches or the trust changed. */
  readonly onChange: Event<undefined>;

  /**
   * @param readGit tells where a folder is in git
   * @param logger told when that fails
   */
  constructor(readGit: (folder: string) => Promise<GitPlace | null>, logger: Logger) {
    this.#readGit = readGit;
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

  /**
   * What is shown of a folder. Its branch and worktree are read in the background and follow when they change.
   * @param folder absolute path
   */
  view(folder: string): FolderView {
    this.#watch(folder);
    const { branch, worktree } = this.#places.get(folder) ?? { branch: null, worktree: null };
    const name = this.#names().get(folder) ?? Utils.basename(URI.file(folder));
    return { name, path: folder, branch, worktree };
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
    return folders.length <= 1 ? (folders[0] ?? null) : pickFolder(folders.map((folder) => this.view(folder)));
  }

  #names(): ReadonlyMap<string, string> {
    const own = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    return folderNames(own.map(({ name, uri }) => ({ name, path: uri.fsPath })));
  }

  #watch(folder: string): void {
    if (this.#watched.has(folder)) return;
    this.#watched.add(folder);
    this.#lookOn(folder, new vscode.RelativePattern(vscode.Uri.file(folder), '.git/HEAD'));
    this.#look(folder);
  }

  /** Watches the file that says the branch where that is not in the folder: of a worktree, or of a folder further up. */
  #watchHead(folder: string, { head }: GitPlace): void {
    const uri = URI.file(head);
    if (uri.path === Utils.joinPath(URI.file(folder), '.git/HEAD').path || this.#heads.get(folder) === head) return;
    this.#heads.set(folder, head);
    this.#lookOn(folder, new vscode.RelativePattern(Utils.dirname(uri).fsPath, 'HEAD'));
  }

  #lookOn(folder: string, pattern: vscode.RelativePattern): void {
    const watcher = this.#owned.add(vscode.workspace.createFileSystemWatcher(pattern));
    const look = (): void => {
      this.#look(folder);
    };
    this.#owned.add(watcher.onDidChange(look));
    this.#owned.add(watcher.onDidCreate(look));
  }

  #look(folder: string): void {
    detach(this.#refresh(folder), (error) => {
      this.#logger.error('The branch could not be read', error);
    });
  }

  async #refresh(folder: string): Promise<void> {
    const place = await this.#readGit(folder);
    if (place) this.#watchHead(folder, place);
    const before = this.#places.get(folder) ?? null;
    if (JSON.stringify(before) === JSON.stringify(place)) return;
    this.#places.set(folder, place);
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
