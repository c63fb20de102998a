import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Editor } from '../support/editor/startEditor.js';

/**
 * What went wrong in the extension hosts unseen: every error that the hosts themselves logged (errors that nobody caught and
 * rejections that nobody handled land there), and every stack or unhandled rejection in Arbor's own log.
 * @returns the lines; empty when all is well
 */
export async function hostProblems(editor: Editor): Promise<string[]> {
  const logs = path.join(editor.userDataDir, 'logs');
  const names = await readdir(logs, { recursive: true });
  const problems: string[] = [];
  for (const name of names.filter((each) => /exthost\d+/.test(each) && each.endsWith('.log'))) {
    const lines = (await readFile(path.join(logs, name), 'utf8')).split('\n');
    if (path.basename(name) === 'remoteexthost.log') problems.push(...lines.filter(isHostError));
    else if (path.basename(name) === 'Arbor.log') problems.push(...lines.filter(isUnhandled));
  }
  return problems;
}

function isHostError(line: string): boolean {
  // The editor's own lock, which a host that was killed leaves behind.
  if (line.includes('vscode.lock')) return false;
  // The editor closes its channel to the window before it ends the host: what the host still says to it fails there.
  if (/Error: (Channel has been closed|read ECONNRESET)$/.test(line)) return false;
  // What a tree was asked for when the window went.
  if (/Unable to refresh tree view [\w.]+: Canceled$/.test(line)) return false;
  // Extensions of the editor's own that were being activated when the window went.
  if (/Activating extension vscode\.[\w-]+ failed|\[error\] Canceled: Canceled$/.test(line)) return false;
  return / \[error\] /.test(line) || isUnhandled(line);
}

function isUnhandled(line: string): boolean {
  return /unhandled|uncaught|rejected promise|A listener of .* failed/i.test(line);
}
