import * as vscode from 'vscode';
import { filterTerms, parseFilter } from '../../core/tree/filter.js';
import { sortOrders, type SortOrder } from '../../core/tree/order.js';
import { sessionLabel } from '../../core/tree/presentation.js';
import type { SessionSummary } from '../../core/tree/summary.js';
import { parseTags } from '../../core/tree/tags.js';
import { counted } from '../../core/tree/words.js';

const orderTitles: Readonly<Record<SortOrder, string>> = {
  activity: 'Newest Activity First',
  created: 'Newest First',
  name: 'By Name',
  cost: 'Dearest First, With Forks',
};

/** Asks for a session's name. @returns null when the user thought better of it */
export async function askName(session: SessionSummary): Promise<string | null> {
  const name = await vscode.window.showInputBox({
    title: 'Rename Session',
    prompt: 'The new name',
    value: session.name,
    validateInput: (text) => (text.trim() === '' ? 'A name has at least one character.' : undefined),
  });
  return name === undefined ? null : name.trim();
}

/**
 * Asks for tags.
 * @param count how many sessions get them
 * @param current what they have in common
 * @returns null when the user thought better of it
 */
export async function askTags(count: number, current: readonly string[]): Promise<readonly string[] | null> {
  const text = await vscode.window.showInputBox({
    title: count === 1 ? 'Tag Session' : `Tag ${String(count)} Sessions`,
    prompt: count === 1 ? 'Tags, with commas between' : 'Tags for all of them, with commas between; other tags stay',
    value: current.join(', '),
  });
  return text === undefined ? null : parseTags(text);
}

/** What the user decided about deleting. */
export type Deletion = 'no' | 'sessions' | 'transcripts';

/** Asks whether sessions are to be deleted, and whether the program's transcripts go too. */
export async function askDelete(sessions: readonly SessionSummary[]): Promise<Deletion> {
  const [first] = sessions;
  if (!first) return 'no';
  const only = sessions.length === 1;
  const busy = sessions.filter(
    ({ state }) => state === 'running' || state === 'waiting' || state === 'starting',
  ).length;
  const stops =
    busy === 0
      ? []
      : [only ? 'It is running and will be stopped.' : `${String(busy)} are running and will be stopped.`];
  const detail = [
    ...stops,
    `“Delete” leaves the ${only ? 'transcript' : 'transcripts'} of Claude Code on the disk.`,
    '“Delete With Transcript” deletes that too, and cannot be undone.',
    'Forks stay.',
  ].join(' ');
  const question = only ? `Delete “${sessionLabel(first.name)}”?` : `Delete ${counted(sessions.length, 'session')}?`;
  const keep: vscode.MessageItem = { title: 'Delete' };
  const all: vscode.MessageItem = { title: only ? 'Delete With Transcript' : 'Delete With Transcripts' };
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, keep, all);
  if (chosen === undefined) return 'no';
  return chosen === all ? 'transcripts' : 'sessions';
}

/** Asks for an order. @returns null when the user thought better of it */
export async function askOrder(current: SortOrder): Promise<SortOrder | null> {
  const items = sortOrders.map((order) => ({
    order,
    label: orderTitles[order],
    ...(order === current ? { description: 'now' } : {}),
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Sort Sessions' });
  return chosen?.order ?? null;
}

/**
 * Asks for a filter, which works while it is typed. Resolves when the user is done; leaving with Escape brings the filter
 * back that was there before.
 * @param current the filter that is on
 * @param apply shows what a filter finds
 */
export function askFilter(current: string, apply: (text: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    input.title = 'Filter Sessions';
    input.placeholder = 'Words, tag:name, is:waiting …';
    input.prompt = `Words of the name, tag:name, is:${filterTerms.join(', is:')}`;
    input.value = current;
    let accepted = false;
    input.onDidChangeValue((text) => {
      const { unknown } = parseFilter(text);
      input.validationMessage = unknown.length === 0 ? undefined : `Not known: ${unknown.join(', ')}`;
      apply(text);
    });
    input.onDidAccept(() => {
      accepted = true;
      input.hide();
    });
    input.onDidHide(() => {
      if (!accepted) apply(current);
      input.dispose();
      resolve();
    });
    input.show();
  });
}
