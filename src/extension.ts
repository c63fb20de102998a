import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';
import { systemClock } from './node/systemClock.js';
import { registerExtension, type Registration } from './vscode/registration.js';

/** Holds what runs between `activate` and `deactivate`, because the editor gives `deactivate` nothing. */
class Extension {
  #running: Registration | null = null;

  activate(context: vscode.ExtensionContext): void {
    this.#running = registerExtension(context, newNonce, systemClock, async (output) => {
      const { compose } = await import('./compose.js');
      return compose(context, output);
    });
    context.subscriptions.push(this.#running);
  }

  async deactivate(): Promise<void> {
    await this.#running?.close();
    this.#running = null;
  }
}

const extension = new Extension();

/** A value that nobody can guess, for one page's policy. */
function newNonce(): string {
  return randomBytes(18).toString('base64');
}

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
