import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.js';

/**
 * Every command that Arbor declares, with what it is given. Forgetting one in the table that `registerCommands` takes does
 * not compile; a test holds the names against the manifest.
 */
export interface Commands {
  'arbor.newSession': () => Promise<void>;
  'arbor.openChat': () => Promise<void>;
  'arbor.stop': () => Promise<void>;
  'arbor.addSelection': () => Promise<void>;
  'arbor.showRawEvents': () => Promise<void>;
  'arbor.showLog': () => Promise<void>;
}

/**
 * Registers the commands.
 * @param table what each does
 * @param onError told when one fails; the user sees what it makes of it
 */
export function registerCommands(table: Commands, onError: (error: unknown) => void): Disposable {
  const registered = new DisposableStore();
  for (const [name, run] of Object.entries<() => Promise<void>>({ ...table })) {
    registered.add(
      vscode.commands.registerCommand(name, async () => {
        try {
          await run();
        } catch (error) {
          onError(error);
        }
      }),
    );
  }
  return registered;
}
