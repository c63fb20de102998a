import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import { commandNames, type CommandName } from './contributions.js';

/** What each command does; forgetting one does not compile. */
export type Commands = Readonly<Record<CommandName, () => Promise<void>>>;

/**
 * Registers the commands.
 * @param run does what a command does
 * @param onError told when one fails; the user sees what it makes of it
 */
export function registerCommands(
  run: (name: CommandName) => Promise<void>,
  onError: (error: unknown) => void,
): Disposable {
  const registered = new DisposableStore();
  for (const name of commandNames) {
    registered.add(
      vscode.commands.registerCommand(name, async () => {
        try {
          await run(name);
        } catch (error) {
          onError(error);
        }
      }),
    );
  }
  return registered;
}
