import type * as vscode from 'vscode';
import { compose, type Composition } from './compose.js';

/** The editor gives `deactivate` nothing, so what `activate` made is kept here. */
const running = new Set<Composition>();

/**
 * Called by the editor when the chat is first shown or a command is run.
 * @param context owns everything that Arbor registers
 */
export function activate(context: vscode.ExtensionContext): void {
  const composition = compose(context);
  running.add(composition);
  context.subscriptions.push(composition);
}

/** Called by the editor at its end: programs are ended, and what is to be kept is written before it goes. */
export async function deactivate(): Promise<void> {
  const ending = [...running].map((composition) => composition.close());
  running.clear();
  await Promise.all(ending);
}
