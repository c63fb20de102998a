import * as vscode from 'vscode';
import type { Clock } from '../base/clock.js';
import { detach } from '../base/detach.js';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import { ArborError, type ErrorAction } from '../base/errors.js';
import { Lazy } from '../base/lazy.js';
import type { SessionDirectory } from '../core/tree/sessionDirectory.js';
import { ChatViewProvider, type ChatBackend } from './chat/chatViewProvider.js';
import { registerCommands, type Commands } from './commands.js';
import { chatViewId } from './contributions.js';
import { showExplanation } from './explanations.js';
import { OutputLogger } from './outputLogger.js';
import { registerSessionCommands } from './tree/sessionCommands.js';
import { SessionsView } from './tree/sessionsView.js';

/** All of the extension but what the editor is told at activation. */
export interface ExtensionParts extends Disposable {
  /** What each command does. */
  readonly commands: Commands;
  /** What is behind a chat view that the editor has just made. */
  attach(view: vscode.WebviewView): ChatBackend;
  /** All sessions of the workspace, for the view of them. */
  directory(): Promise<SessionDirectory>;
  /** Opens what a link to the editor names. */
  openLink(uri: vscode.Uri): Promise<void>;
  /** Does what an error's button says. */
  act(action: ErrorAction): void;
  /** Ends everything and waits until what was to be kept is written. */
  close(): Promise<void>;
}

/** Milliseconds after the first use in which the sessions are not listed unless somebody looks at them. */
const badgeDelayMs = 2000;

/** The extension as it runs. */
export interface Registration extends Disposable {
  /** Ends everything and waits until what was to be kept is written. */
  close(): Promise<void>;
}

/**
 * Registers what the editor may call. The rest is loaded when something is first used, so that activation stays short.
 * @param context the editor's context of this extension
 * @param newNonce makes a random value for one page
 * @param clock tells the time
 * @param load loads and makes the rest; called once
 */
export function registerExtension(
  context: vscode.ExtensionContext,
  newNonce: () => string,
  clock: Clock,
  load: (output: OutputLogger) => Promise<ExtensionParts>,
): Registration {
  const owned = new DisposableStore();
  const output = owned.add(new OutputLogger());
  const parts = owned.add(
    new Lazy(async () => {
      const made = await load(output);
      // The number of sessions that wait for the user shows also while nobody looks at the tree; but first things first.
      owned.add(
        clock.after(badgeDelayMs, () => {
          detach(sessions.directory(), (error) => {
            output.error('The sessions could not be listed', error);
          });
        }),
      );
      return made;
    }),
  );
  const act = (action: ErrorAction): void => {
    detach(
      parts.get().then((made) => {
        made.act(action);
      }),
      (cause) => {
        output.error(`The action ${action} failed`, cause);
      },
    );
  };
  const tell = async (error: unknown): Promise<void> => {
    if (error instanceof ArborError) await showExplanation(error.explanation, act);
    else await vscode.window.showErrorMessage('Arbor: the command failed. See the log for the cause.');
  };
  const onError = (error: unknown): void => {
    output.error('A command failed', error);
    detach(tell(error), (cause) => {
      output.error('A message could not be shown', cause);
    });
  };
  const provider = owned.add(
    new ChatViewProvider(context.extensionUri, newNonce, async (view) => (await parts.get()).attach(view), onError),
  );
  owned.add(
    vscode.window.registerWebviewViewProvider(chatViewId, provider, {
      webviewOptions: { retainContextWhenHidden: true },
    }),
  );
  owned.add(
    vscode.window.registerUriHandler({
      handleUri: async (uri) => {
        try {
          await (await parts.get()).openLink(uri);
        } catch (error) {
          onError(error);
        }
      },
    }),
  );
  const sessions = owned.add(
    new SessionsView({
      connect: async () => (await parts.get()).directory(),
      memory: context.workspaceState,
      clock,
      logger: output,
    }),
  );
  owned.add(registerSessionCommands(sessions, onError));
  owned.add(registerCommands(async (name) => (await parts.get()).commands[name](), onError));
  return {
    async close() {
      const made = await parts.made;
      owned.dispose();
      await made?.close();
    },
    dispose: () => {
      owned.dispose();
    },
  };
}
