import * as vscode from 'vscode';
import { CancellationError, CancellationSource } from '../../base/cancellation.js';
import type { Clock } from '../../base/clock.js';
import { makeLineVisible } from '../../base/visibleText.js';
import type { Exporter, ExportFormat } from '../../core/export/exporter.js';
import { dateText } from '../search/dateText.js';
import type { SessionChoice } from './sessionChoice.js';

/** What the command needs. */
export interface ExportCommandParts {
  readonly exporter: Exporter;
  readonly clock: Clock;
  /** The sessions of the workspace, in any order. */
  readonly sessions: () => Promise<readonly SessionChoice[]>;
  /** The session that the chat shows, or null. */
  readonly openId: () => string | null;
}

/**
 * Asks for a session and a file, and writes it there as Markdown or, where the file's name ends with `.json`, as JSON.
 * @throws ArborError `exportFailed`
 */
export async function exportSession(parts: ExportCommandParts): Promise<void> {
  const session = await chooseSession(parts);
  if (!session) return;
  const target = await vscode.window.showSaveDialog({
    title: 'Export Session',
    saveLabel: 'Export',
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(session.folder), `${fileName(session)}.md`),
    filters: { Markdown: ['md'], JSON: ['json'] },
  });
  if (!target) return;
  if (target.scheme !== 'file') {
    await vscode.window.showWarningMessage(
      'A session can only be exported to a file on the machine that Arbor runs on.',
    );
    return;
  }
  const format: ExportFormat = target.path.toLowerCase().endsWith('.json') ? 'json' : 'markdown';
  if (!(await write(parts, session, format, target.fsPath))) return;
  const open = 'Open';
  const chosen = await vscode.window.showInformationMessage(`The session was exported to ${target.fsPath}.`, open);
  if (chosen === open) await vscode.commands.executeCommand('vscode.open', target);
}

async function chooseSession({ sessions, openId }: ExportCommandParts): Promise<SessionChoice | undefined> {
  const all = (await sessions()).toSorted((a, b) => b.activeAt - a.activeAt);
  const open = all.find(({ id }) => id === openId());
  const items = (open ? [open, ...all.filter((one) => one !== open)] : all).map((session) => ({
    label: makeLineVisible(session.name || session.id.slice(0, 8)),
    description: [session === open ? 'open' : '', dateText(session.activeAt)].filter((text) => text !== '').join(', '),
    detail: session.folder,
    session,
  }));
  if (items.length === 0) {
    await vscode.window.showInformationMessage('This workspace has no sessions yet.');
    return undefined;
  }
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Export Session',
    placeHolder: 'The session to export',
    matchOnDescription: true,
  });
  return chosen?.session;
}

/** @returns false when the user gave it up */
async function write(
  { exporter, clock }: ExportCommandParts,
  { id, name, folder, costUsd }: SessionChoice,
  format: ExportFormat,
  path: string,
): Promise<boolean> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Exporting the session…',
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, editorToken) => {
    const source = new CancellationSource();
    const subscription = editorToken.onCancellationRequested(() => {
      source.cancel();
    });
    let shown = 0;
    try {
      const head = { id, name, folder, model: null, costUsd, exportedAt: clock.now() };
      await exporter.export(head, format, path, source.token, (share) => {
        progress.report({ increment: (share - shown) * 100 });
        shown = share;
      });
      return true;
    } catch (error) {
      if (error instanceof CancellationError) return false;
      throw error;
    } finally {
      subscription.dispose();
    }
  });
}

/** A name that every system takes for a file. */
function fileName({ name, id }: SessionChoice): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{N} _-]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 60)
    .trim();
  return plain === '' ? `session-${id.slice(0, 8)}` : plain;
}
