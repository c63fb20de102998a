import * as vscode from 'vscode';
import type { ImportResult, SessionImporter } from '../../core/export/importer.js';
import type { MessageOpener } from '../../core/search/search.js';

/** What the command needs. */
export interface ImportCommandParts {
  readonly importer: SessionImporter;
  readonly opener: MessageOpener;
  /** Asks for a workspace folder where there are several; its absolute path, or null when there is none or none was chosen. */
  readonly chooseFolder: () => Promise<string | null>;
}

/**
 * Asks for a file, makes a session of it, says what came of it, and offers to open it.
 * @throws ArborError `importFailed`
 */
export async function importSession({ importer, opener, chooseFolder }: ImportCommandParts): Promise<void> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: 'Import Session',
      openLabel: 'Import',
      canSelectMany: false,
      filters: { 'Transcripts and exported sessions': ['jsonl', 'json'] },
    })) ?? [];
  if (!file) return;
  if (file.scheme !== 'file') {
    await vscode.window.showWarningMessage('Only a file on the machine that Arbor runs on can be imported.');
    return;
  }
  const folder = await chooseFolder();
  if (folder === null) return;
  const options = { location: vscode.ProgressLocation.Notification, title: 'Importing the session…' };
  const result = await vscode.window.withProgress(options, () => importer.import(file.fsPath, folder));
  const open = 'Open';
  const show = result.skipped > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  if ((await show(report(result), open)) === open) await opener.openAt(result.sessionId, null);
}

function report({ messages, skipped, hasNewId }: ImportResult): string {
  const sentences = [
    `The session was imported with ${messages === 1 ? '1 message line' : `${String(messages)} message lines`}.`,
  ];
  if (skipped > 0) sentences.push(`${String(skipped)} lines could not be read and were skipped; all others are there.`);
  if (hasNewId)
    sentences.push('It got an id of its own, since there is a session with the id in the file, or the file has none.');
  return sentences.join(' ');
}
