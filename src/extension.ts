import type * as vscode from 'vscode';
import { compose } from './compose.js';

/**
 * Called by the editor when the chat is first shown or a command is run.
 * @param context owns everything that Arbor registers
 */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(compose(context));
}

/** Called by the editor at its end. Everything is owned by the context's subscriptions, which the editor disposes. */
export function deactivate(): void {
  // Nothing is held outside of the context.
}
