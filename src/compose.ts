import * as vscode from 'vscode';
import { detach } from './base/detach.js';
import { DisposableStore } from './base/disposable.js';
import { ArborError, explain, type ErrorAction, type Explanation } from './base/errors.js';
import { Core } from './compose/core.js';
import { Finding } from './compose/finding.js';
import { toolPrompters } from './core/permissions/toolPrompters.js';
import type { SessionDirectory } from './core/tree/sessionDirectory.js';
import { readGitPlace } from './node/git/branch.js';
import { systemClock } from './node/systemClock.js';
import { ChatChannel } from './vscode/chat/chatChannel.js';
import { ChatController } from './vscode/chat/chatController.js';
import { EditorActions } from './vscode/chat/chatEditor.js';
import type { ChatBackend } from './vscode/chat/chatViewProvider.js';
import type { Commands } from './vscode/commands.js';
import { chatViewId } from './vscode/contributions.js';
import { showExplanation } from './vscode/explanations.js';
import { askNewSession } from './vscode/newSession/newSessionWith.js';
import type { OutputLogger } from './vscode/outputLogger.js';
import { ModalPrompter } from './vscode/permissions/modalPrompter.js';
import { QuestionPrompter, questionTool } from './vscode/permissions/questionPrompter.js';
import { ProcessPicker } from './vscode/processes/processPicker.js';
import type { ExtensionParts } from './vscode/registration.js';
import { readSetting } from './vscode/settings.js';
import { sharedStorageFolder } from './vscode/storageFolder.js';
import { TextDocuments } from './vscode/textDocuments.js';
import { openSession } from './vscode/tree/openSession.js';
import { Workspace } from './vscode/workspace.js';

/** Set among the program's variables by the demo, so that the chat can say that no real model answers. */
const demoVariable = 'ARBOR_DEMO_MODEL';

/** What the extension's parts share. */
class Parts implements ExtensionParts {
  readonly #owned = new DisposableStore();
  readonly #core: Core;
  readonly #finding: Finding;
  readonly #workspace: Workspace;
  readonly #documents = this.#owned.add(new TextDocuments());
  readonly #actions: EditorActions;
  readonly #processes: ProcessPicker;
  readonly #output: OutputLogger;
  /** The chat view's channel while there is a view. */
  #channel: ChatChannel | null = null;
  readonly commands: Commands = {
    'arbor.newSession': async () => {
      await focusChat();
      await this.#actions.newSession();
    },
    'arbor.newSessionWith': () => this.#newSessionWith(),
    'arbor.openSession': async () => openSession(await this.directory(), systemClock),
    'arbor.openChat': async () => {
      await focusChat();
      this.#channel?.send({ type: 'focus' });
    },
    'arbor.stop': async () => {
      await this.#core.sessions.open?.stop();
    },
    'arbor.addSelection': () => this.#actions.addSelection(),
    'arbor.showProcesses': () => this.#processes.show(),
    'arbor.showRawEvents': () => this.#actions.showRawEvents(this.#core.sessions.open),
    'arbor.showLog': () => {
      this.#output.show();
      return Promise.resolve();
    },
    'arbor.searchSessions': () => {
      this.#finding.search();
      return Promise.resolve();
    },
    'arbor.clearSearchResults': () => this.#finding.clear(),
    'arbor.exportSession': () => this.#finding.export(),
    'arbor.importSession': () => this.#finding.import(),
    'arbor.askAside': () => this.#told(() => this.#actions.askAside()),
    'arbor.showUsage': () => this.#told(() => this.#core.showUsage(this.#documents)),
  };

  constructor(context: vscode.ExtensionContext, output: OutputLogger) {
    this.#output = output;
    const workspace = this.#owned.add(new Workspace(readGitPlace, output));
    this.#workspace = workspace;
    const core = this.#owned.add(
      new Core({
        folder: sharedStorageFolder(context.storageUri ?? context.globalStorageUri),
        workspace,
        prompter: (nameOf) =>
          toolPrompters({ [questionTool]: new QuestionPrompter() }, new ModalPrompter(this.#documents, nameOf)),
        showChat: () => focusChat({ preserveFocus: true }),
        logger: output,
      }),
    );
    this.#core = core;
    this.#processes = this.#owned.add(
      new ProcessPicker({
        health: core.health,
        clock: systemClock,
        onError: (error) => {
          this.#tell(error);
        },
      }),
    );
    this.#actions = new EditorActions({
      sessions: core.sessions,
      workspace,
      documents: this.#documents,
      output,
      logger: output,
      signInCommand: () => core.launcher.command(workspace.folders[0] ?? core.machine.home),
      send: (message) => this.#channel?.send(message),
    });
    this.#finding = this.#owned.add(
      new Finding({
        core,
        workspace,
        logger: output,
        restored: () => this.#restored(),
        told: (work) => this.#told(work),
        act: (action) => {
          this.act(action);
        },
      }),
    );
    this.#listen();
  }

  async #newSessionWith(): Promise<void> {
    const { sessions } = this.#core;
    const wanted = await askNewSession({
      folders: this.#workspace.folders.map((folder) => this.#workspace.view(folder)),
      preferred: sessions.open?.record.folder ?? null,
      program: (folder) => this.#core.programFor(folder),
    });
    if (!wanted) return;
    await focusChat();
    sessions.create(wanted.folder, wanted.options).warm();
    this.#channel?.send({ type: 'focus' });
  }

  openLink(uri: vscode.Uri): Promise<void> {
    return this.#finding.openLink(uri);
  }

  directory(): Promise<SessionDirectory> {
    return this.#core.directory();
  }

  act(action: ErrorAction): void {
    this.#actions.act(action, this.#core.sessions.open);
  }

  /** Does something whose errors the user is told, each with its next step. */
  async #told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ArborError)) throw error;
      this.#output.error('What the user asked for could not be done', error);
      await showExplanation(error.explanation, (action) => {
        this.act(action);
      });
    }
  }

  attach(view: vscode.WebviewView): ChatBackend {
    const output = this.#output;
    const workspace = this.#workspace;
    const actions = this.#actions;
    const { sessions } = this.#core;
    const channel = new ChatChannel(view, {
      clock: systemClock,
      logger: output,
      appState: () => ({
        demo: Boolean(readSetting('claude.environment')[demoVariable]),
        blocked: workspace.blocked,
        folders: workspace.folders.length,
      }),
      reveals: this.#finding.reveals,
      folderOf: (session) => workspace.view(session.record.folder),
      nameOf: (id) => sessions.nameOf(id),
    });
    this.#channel = channel;
    const controller = new ChatController(channel, sessions, actions, output);
    if (sessions.open) channel.show(sessions.open);
    else this.#restore();
    return {
      receive: (message) => {
        controller.receive(message);
      },
      dispose: () => {
        channel.dispose();
        if (this.#channel === channel) this.#channel = null;
      },
    };
  }

  #restoring: Promise<void> | null = null;

  /** Opens what was open; again when a folder comes where there was none. */
  #restore(): void {
    if (this.#restoring || this.#core.sessions.open) return;
    this.#restoring = this.#core.sessions.restore(this.#workspace.folders).then((session) => {
      this.#restoring = null;
      if (this.#workspace.isTrusted) session?.warm();
    });
    detach(this.#restoring, (error) => {
      this.#restoring = null;
      this.#output.error('The last session could not be opened', error);
    });
  }

  /** Opens what was open, where nothing is yet; resolves when that is done, whatever came of it. */
  async #restored(): Promise<void> {
    this.#restore();
    await Promise.allSettled([this.#restoring]);
  }

  #listen(): void {
    const { sessions } = this.#core;
    const workspace = this.#workspace;
    this.#owned.add(sessions.onOpen((session) => this.#channel?.show(session)));
    // The name of the session that the shown one was forked from may have changed, or that session may be gone.
    this.#owned.add(sessions.records.onChange(() => this.#channel?.sendHeader()));
    this.#owned.add(sessions.onProblem((problem) => this.#show(problem)));
    this.#owned.add(this.#core.usage.onProblem((problem) => this.#show(problem)));
    this.#owned.add(
      workspace.onChange(() => {
        this.#channel?.sendApp();
        this.#channel?.sendHeader();
        this.#restore();
      }),
    );
    this.#owned.add(
      vscode.window.onDidChangeWindowState(({ focused }) => {
        // Other windows of the workspace and other programs may have changed something meanwhile.
        if (focused) this.#core.lookElsewhere();
      }),
    );
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('arbor.process')) sessions.applyLimits();
        if (!change.affectsConfiguration('arbor.claude')) return;
        this.#core.dropSpares();
        this.#channel?.sendApp();
      }),
    );
  }

  #tell(error: unknown): void {
    this.#output.error('An action on a process failed', error);
    this.#show(explain(error, 'This could not be done with the process.'));
  }

  /** Shows a message of the extension, outside of any conversation. */
  #show(explanation: Explanation): void {
    const act = (action: ErrorAction): void => {
      this.act(action);
    };
    detach(showExplanation(explanation, act), (error) => {
      this.#output.error('A message could not be shown', error);
    });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async close(): Promise<void> {
    this.dispose();
    await this.#core.settled();
  }
}

async function focusChat(options?: { readonly preserveFocus: boolean }): Promise<void> {
  await vscode.commands.executeCommand(`${chatViewId}.focus`, options);
}

/**
 * Puts the extension together, when something of it is first used: all that activation does not need is loaded with this
 * file.
 * @param context the editor's context of this extension
 * @param output the log
 */
export function compose(context: vscode.ExtensionContext, output: OutputLogger): ExtensionParts {
  return new Parts(context, output);
}
