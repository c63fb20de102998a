import * as vscode from 'vscode';
import { makeLineVisible } from '../base/visibleText.js';
import type { FolderView } from '../core/chat/snapshot.js';

/** A folder in a list. */
export interface FolderItem extends vscode.QuickPickItem {
  readonly folder: string;
}

/** What a list shows of folders, in words that a screen reader can read: name, branch, worktree and path. */
export function folderItems(folders: readonly FolderView[]): readonly FolderItem[] {
  return folders.map(({ name, path, branch, worktree }) => ({
    folder: path,
    label: plain(name),
    description: [
      ...(branch === null ? [] : [`branch ${plain(branch)}`]),
      ...(worktree === null ? [] : [`worktree of ${plain(worktree.repository)}`]),
    ].join(', '),
    detail: plain(path),
  }));
}

/** Asks for one of several folders. @returns its absolute path, or null when the user chose none */
export async function pickFolder(folders: readonly FolderView[]): Promise<string | null> {
  const chosen = await vscode.window.showQuickPick(folderItems(folders), {
    placeHolder: 'The folder for the new session',
    matchOnDetail: true,
  });
  return chosen?.folder ?? null;
}

/** An icon in a name stays text. */
function plain(text: string): string {
  return makeLineVisible(text).replaceAll('$(', String.raw`\$(`);
}
