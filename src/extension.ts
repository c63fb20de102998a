import type * as vscode from 'vscode';
import { compose, type Composition } from './compose.js';

/** Holds what runs between `activate` and `deactivate`, because the editor gives `deactivate` nothing. */
class Extension {
  #running: Composition | null = null;

  activate(context: vscode.ExtensionContext): void {
    this.#running = compose(context);
    context.subscriptions.push(this.#running);
  }

  async deactivate(): Promise<void> {
    await this.#running?.close();
    this.#running = null;
  }
}

const extension = new Extension();

/**
 * Called by the editor when the chat is first shown or a command is run.
 * @param context owns everything that Arbor registers
 */
export function activate(context: vscode.ExtensionContext): void {
  extension.activate(context);
}

/** Called by the editor at its end: programs are ended, and what is to be kept is written before it goes. */
export function deactivate(): Promise<void> {
  return extension.deactivate();
}
