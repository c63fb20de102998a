import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { detach } from './base/detach.js';
import { DisposableStore } from './base/disposable.js';
import type { ErrorAction } from './base/errors.js';
import { PermissionBroker } from './core/permissions/broker.js';
import { toolPrompters } from './core/permissions/toolPrompters.js';
import { Sessions } from './core/session/sessions.js';
import { SparePool } from './core/session/sparePool.js';
import { programEnvironment } from './node/claude/environment.js';
import { createLauncher, type ProgramLauncher } from './node/claude/launcher.js';
import { readBranch } from './node/git/branch.js';
import { hostMachine } from './node/hostMachine.js';
import { openStorage, type Storage } from './node/store/storage.js';
import { systemClock } from './node/systemClock.js';
import { createTranscripts } from './node/transcripts/transcripts.js';
import { ChatChannel } from './vscode/chat/chatChannel.js';
import { ChatController } from './vscode/chat/chatController.js';
import { EditorActions } from './vscode/chat/chatEditor.js';
import type { ChatBackend } from './vscode/chat/chatViewProvider.js';
import type { Commands } from './vscode/commands.js';
import { chatViewId } from './vscode/contributions.js';
import { showExplanation } from './vscode/explanations.js';
import type { OutputLogger } from './vscode/outputLogger.js';
import type { ExtensionParts } from './vscode/registration.js';
import { ModalPrompter } from './vscode/permissions/modalPrompter.js';
import { QuestionPrompter, questionTool } from './vscode/permissions/questionPrompter.js';
import { readSetting } from './vscode/settings.js';
import { sharedStorageFolder } from './vscode/storageFolder.js';
import { TextDocuments } from './vscode/textDocuments.js';
import { Workspace } from './vscode/workspace.js';

/** Set among the program's variables by the demo, so that the chat can say that no real model answers. */
const demoVariable = 'ARBOR_DEMO_MODEL';

/** What the extension's parts share. */
class Parts implements ExtensionParts {
  readonly #owned = new DisposableStore();
  readonly #storage: Storage;
  readonly workspace: Workspace;
  readonly documents: TextDocuments;
  readonly launcher: ProgramLauncher;
  readonly sessions: Sessions;
  readonly actions: EditorActions;
  readonly commands: Commands = {
    'arbor.newSession': async () => {
      await focusChat();
      await this.actions.newSession();
    },
    'arbor.openChat': async () => {
      await focusChat();
      this.channel?.send({ type: 'focus' });
    },
    'arbor.stop': async () => {
      await this.sessions.open?.stop();
    },
    'arbor.addSelection': () => this.actions.addSelection(),
    'arbor.showRawEvents': () => this.actions.showRawEvents(this.sessions.open),
    'arbor.showLog': () => {
      this.output.show();
      return Promise.resolve();
    },
  };
  /** The chat view's channel while there is a view. */
  channel: ChatChannel | null = null;

  constructor(
    context: vscode.ExtensionContext,
    readonly output: OutputLogger,
  ) {
    const clock = systemClock;
    const machine = hostMachine();
    this.workspace = this.#owned.add(new Workspace(readBranch, output));
    this.documents = this.#owned.add(new TextDocuments());
    this.launcher = createLauncher({
      settings: () => ({
        path: readSetting('claude.path'),
        environment: readSetting('claude.environment'),
        transport: readSetting('claude.transport'),
      }),
      isTrusted: () => this.workspace.isTrusted,
      ...machine,
      clock,
      logger: output,
    });
    const storage = this.#owned.add(
      openStorage({
        folder: sharedStorageFolder(context.storageUri ?? context.globalStorageUri),
        clock,
        logger: output,
        newUuid: randomUUID,
      }),
    );
    this.#storage = storage;
    const modal = new ModalPrompter(this.documents, (id) => this.sessions.get(id)?.record.name ?? id);
    const prompter = toolPrompters({ [questionTool]: new QuestionPrompter() }, modal);
    this.sessions = this.#owned.add(
      new Sessions({
        store: storage.store,
        journal: storage.journal,
        leases: storage.leases,
        launcher: this.launcher,
        broker: new PermissionBroker(prompter, storage.audit, clock, output),
        transcripts: createTranscripts({
          environment: () =>
            programEnvironment({
              base: machine.environment,
              settings: readSetting('claude.environment'),
              platform: machine.platform,
            }),
          home: machine.home,
        }),
        spares: new SparePool(this.launcher, randomUUID, clock, output),
        clock,
        newId: randomUUID,
        logger: output,
        inactivityMs: () => readSetting('process.inactivitySeconds') * 1000,
      }),
    );
    this.actions = new EditorActions({
      sessions: this.sessions,
      workspace: this.workspace,
      documents: this.documents,
      output,
      logger: output,
      signInCommand: () => this.launcher.command(this.workspace.folders[0] ?? machine.home),
      send: (message) => this.channel?.send(message),
    });
    this.#listen();
  }

  attach(view: vscode.WebviewView): ChatBackend {
    const { sessions, workspace, actions, output } = this;
    const channel = new ChatChannel(view, {
      clock: systemClock,
      logger: output,
      appState: () => ({
        demo: Boolean(readSetting('claude.environment')[demoVariable]),
        blocked: workspace.blocked,
        folders: workspace.folders.length,
      }),
      folderOf: (session) => workspace.view(session.record.folder),
    });
    this.channel = channel;
    const controller = new ChatController(channel, sessions, actions, output);
    if (sessions.open) channel.show(sessions.open);
    else this.#restore();
    return {
      receive: (message) => {
        controller.receive(message);
      },
      dispose: () => {
        channel.dispose();
        if (this.channel === channel) this.channel = null;
      },
    };
  }

  #restoring = false;

  /** Opens what was open; again when a folder comes where there was none. */
  #restore(): void {
    if (this.#restoring || this.sessions.open) return;
    this.#restoring = true;
    const restored = this.sessions.restore(this.workspace.folders).then((session) => {
      this.#restoring = false;
      if (this.workspace.isTrusted) session?.warm();
    });
    detach(restored, (error) => {
      this.#restoring = false;
      this.output.error('The last session could not be opened', error);
    });
  }

  #listen(): void {
    const { sessions, workspace } = this;
    this.#owned.add(sessions.onOpen((session) => this.channel?.show(session)));
    this.#owned.add(
      sessions.onProblem((problem) => {
        const act = (action: ErrorAction): void => {
          this.actions.act(action, sessions.open);
        };
        detach(showExplanation(problem, act), (error) => {
          this.output.error('A message could not be shown', error);
        });
      }),
    );
    this.#owned.add(
      workspace.onChange(() => {
        this.channel?.sendApp();
        this.channel?.sendHeader();
        this.#restore();
      }),
    );
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration('arbor.claude')) return;
        sessions.dropSpares();
        this.channel?.sendApp();
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async close(): Promise<void> {
    this.dispose();
    await this.#storage.settled();
  }
}

async function focusChat(): Promise<void> {
  await vscode.commands.executeCommand(`${chatViewId}.focus`);
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
