import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import { commandNames, type CommandName } from './contributions.js';

/** What each of some commands does, with the arguments that the editor gives; forgetting one does not compile. */
export type CommandTable<Name extends string> = Readonly<Record<Name, (...args: readonly unknown[]) => Promise<void>>>;

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
  return registerNamed(commandNames, run, onError);
}

/**
 * Registers some commands.
 * @param names their names
 * @param run does what a command does, with the arguments that the editor gives it
 * @param onError told when one fails
 */
export function registerNamed<Name extends string>(
  names: readonly Name[],
  run: (name: Name, ...args: readonly unknown[]) => Promise<void>,
  onError: (error: unknown) => void,
): Disposable {
  const registered = new DisposableStore();
  for (const name of names) {
    registered.add(
      vscode.commands.registerCommand(name, async (...args: readonly unknown[]) => {
        try {
          await run(name, ...args);
        } catch (error) {
          onError(error);
        }
      }),
    );
  }
  return registered;
}
