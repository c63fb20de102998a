import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { detach } from './base/detach.js';
import { DisposableStore } from './base/disposable.js';
import { ArborError, explain, type ErrorAction, type Explanation } from './base/errors.js';
import { AddressResolver } from './core/address/resolve.js';
import { Exporter } from './core/export/exporter.js';
import { markdownExport } from './core/export/markdownExport.js';
import { ProcessHealth } from './core/lifecycle/processHealth.js';
import { PermissionBroker } from './core/permissions/broker.js';
import { toolPrompters } from './core/permissions/toolPrompters.js';
import type { MessageOpener } from './core/search/search.js';
import { Sessions } from './core/session/sessions.js';
import { SparePool } from './core/session/sparePool.js';
import { Streams } from './core/streams/streams.js';
import { createMessageSource } from './node/address/messageSource.js';
import { programEnvironment } from './node/claude/environment.js';
import { createLauncher, type ProgramLauncher } from './node/claude/launcher.js';
import { processMeter } from './node/claude/processMemory.js';
import { ProcessRecords } from './node/claude/processRecords.js';
import { createProgramRegistry } from './node/claude/programRegistry.js';
import { createExportSource } from './node/export/exportSource.js';
import { createExportTarget } from './node/export/exportTarget.js';
import { createImporter } from './node/export/importer.js';
import { readBranch } from './node/git/branch.js';
import { hostMachine } from './node/hostMachine.js';
import { locateRipgrep } from './node/search/locateRipgrep.js';
import { createSessionSearch } from './node/search/sessionSearch.js';
import { transcriptFolders } from './node/search/transcriptFolders.js';
import { systemProcesses } from './node/store/processIdentity.js';
import { openStorage, type Storage } from './node/store/storage.js';
import { systemClock } from './node/systemClock.js';
import { TranscriptIndex } from './node/transcriptIndex/transcriptIndex.js';
import { configFolder, locateTranscript } from './node/transcripts/locate.js';
import { createTranscripts } from './node/transcripts/transcripts.js';
import { openLink } from './vscode/address/links.js';
import { MessageDocuments } from './vscode/address/messageDocuments.js';
import { ChatChannel } from './vscode/chat/chatChannel.js';
import { ChatController } from './vscode/chat/chatController.js';
import { EditorActions } from './vscode/chat/chatEditor.js';
import type { ChatBackend } from './vscode/chat/chatViewProvider.js';
import type { Commands } from './vscode/commands.js';
import { chatViewId } from './vscode/contributions.js';
import { exportSession } from './vscode/export/exportCommand.js';
import { importSession } from './vscode/export/importCommand.js';
import type { SessionChoice } from './vscode/export/sessionChoice.js';
import { showExplanation } from './vscode/explanations.js';
import type { OutputLogger } from './vscode/outputLogger.js';
import type { ExtensionParts } from './vscode/registration.js';
import { ModalPrompter } from './vscode/permissions/modalPrompter.js';
import { QuestionPrompter, questionTool } from './vscode/permissions/questionPrompter.js';
import { ProcessPicker } from './vscode/processes/processPicker.js';
import { showSearchPick } from './vscode/search/searchPick.js';
import { SearchView } from './vscode/search/searchView.js';
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
  readonly #index: TranscriptIndex;
  readonly workspace: Workspace;
  readonly documents: TextDocuments;
  readonly launcher: ProgramLauncher;
  readonly sessions: Sessions;
  readonly actions: EditorActions;
  readonly processes: ProcessPicker;
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
    'arbor.showProcesses': () => this.processes.show(),
    'arbor.showRawEvents': () => this.actions.showRawEvents(this.sessions.open),
    'arbor.showLog': () => {
      this.output.show();
      return Promise.resolve();
    },
    'arbor.searchSessions': () => {
      this.#search();
      return Promise.resolve();
    },
    'arbor.clearSearchResults': () => this.#searchView.clear(),
    'arbor.exportSession': () => this.#told(() => this.#export()),
    'arbor.importSession': () => this.#told(() => this.#import()),
  };
  readonly #machine = hostMachine();
  readonly #messages: MessageDocuments;
  readonly #searchView: SearchView;
  /** Shows a message; what goes wrong is told to the user. */
  readonly #opener: MessageOpener = {
    openAt: (sessionId, messageUuid) => this.#told(() => this.#openAt(sessionId, messageUuid)),
  };
  /** The chat view's channel while there is a view. */
  channel: ChatChannel | null = null;

  constructor(
    context: vscode.ExtensionContext,
    readonly output: OutputLogger,
  ) {
    const clock = systemClock;
    const machine = this.#machine;
    this.workspace = this.#owned.add(new Workspace(readBranch, output));
    this.documents = this.#owned.add(new TextDocuments());
    const folder = sharedStorageFolder(context.storageUri ?? context.globalStorageUri);
    this.launcher = createLauncher({
      records: new ProcessRecords({
        folder: join(folder, 'processes'),
        platform: machine.platform,
        processes: systemProcesses(machine.platform),
        newUuid: randomUUID,
        clock,
        logger: output,
      }),
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
        folder,
        clock,
        logger: output,
        newUuid: randomUUID,
      }),
    );
    this.#storage = storage;
    this.#index = this.#owned.add(
      new TranscriptIndex({
        configFolder: () => this.#configFolder(),
        storage: join(folder, 'index'),
        clock,
        logger: output,
        newUuid: randomUUID,
      }),
    );
    const spares = new SparePool(this.launcher, randomUUID, clock, output);
    const modal = new ModalPrompter(this.documents, (id) => this.sessions.get(id)?.record.name ?? id);
    const prompter = toolPrompters({ [questionTool]: new QuestionPrompter() }, modal);
    this.sessions = this.#owned.add(
      new Sessions({
        store: storage.store,
        journal: storage.journal,
        leases: storage.leases,
        launcher: this.launcher,
        registry: createProgramRegistry({ configFolder: () => this.#configFolder(), ...machine, logger: output }),
        broker: new PermissionBroker(prompter, storage.audit, clock, output),
        transcripts: createTranscripts({
          environment: () => this.#environment(),
          home: machine.home,
        }),
        spares,
        streams: new Streams(storage.journal, clock),
        index: this.#index,
        clock,
        newId: randomUUID,
        logger: output,
        inactivityMs: () => readSetting('process.inactivitySeconds') * 1000,
        sleep: () => ({
          idleMs: readSetting('process.sleepSeconds') * 1000,
          maxLive: readSetting('process.maxLive'),
        }),
      }),
    );
    const health = new ProcessHealth({
      sessions: this.sessions,
      spares,
      meter: processMeter(machine.platform),
      clock,
    });
    this.processes = this.#owned.add(new ProcessPicker({ health, clock, onError: (error) => this.#tell(error) }));
    this.actions = new EditorActions({
      sessions: this.sessions,
      workspace: this.workspace,
      documents: this.documents,
      output,
      logger: output,
      signInCommand: () => this.launcher.command(this.workspace.folders[0] ?? machine.home),
      send: (message) => this.channel?.send(message),
    });
    this.#messages = this.#owned.add(
      new MessageDocuments(
        new AddressResolver(
          createMessageSource((sessionId) => this.#locate('', sessionId)),
          (id) => this.sessions.get(id)?.record.name ?? '',
        ),
      ),
    );
    this.#searchView = this.#owned.add(new SearchView(this.#opener, output));
    this.#listen();
  }

  openLink(uri: vscode.Uri): Promise<void> {
    return this.#told(() => openLink(uri, this.#opener));
  }

  /** The environment that the program is started with, at this moment. */
  #environment(): Readonly<Record<string, string>> {
    const { environment: base, platform } = this.#machine;
    return programEnvironment({ base, settings: readSetting('claude.environment'), platform });
  }

  #configFolder(): string {
    return configFolder(this.#environment(), this.#machine.home);
  }

  #locate(folder: string, sessionId: string): Promise<string | undefined> {
    return locateTranscript(this.#configFolder(), folder, sessionId);
  }

  async #choices(): Promise<readonly SessionChoice[]> {
    const { state } = await this.#storage.store.load();
    return state.sessions.map(({ id, name, folder, total, activeAt }) => {
      return { id, name, folder, activeAt, costUsd: total.costUsd > 0 ? total.costUsd : null };
    });
  }

  #search(): void {
    const { workspace, output } = this;
    const { environment, platform, arch } = this.#machine;
    showSearchPick({
      search: createSessionSearch({
        isTrusted: () => workspace.isTrusted,
        ripgrep: () =>
          locateRipgrep({ appRoot: vscode.env.appRoot, platform, arch, searchPath: environment['PATH'] ?? '' }),
        folders: () => transcriptFolders(this.#configFolder(), workspace.folders),
      }),
      names: async () => new Map((await this.#choices()).map(({ id, name }) => [id, name])),
      clock: systemClock,
      logger: output,
      opener: this.#opener,
      view: this.#searchView,
      act: (action) => {
        this.actions.act(action, this.sessions.open);
      },
    });
  }

  #export(): Promise<void> {
    const source = createExportSource((folder, sessionId) => this.#locate(folder, sessionId));
    return exportSession({
      exporter: new Exporter(source, createExportTarget(randomUUID)),
      clock: systemClock,
      sessions: () => this.#choices(),
      openId: () => this.sessions.open?.id ?? null,
    });
  }

  async #import(): Promise<void> {
    const known = new Set((await this.#choices()).map(({ id }) => id));
    await importSession({
      importer: createImporter({
        configFolder: () => this.#configFolder(),
        newUuid: randomUUID,
        isKnown: (id) => known.has(id),
      }),
      opener: this.#opener,
      chooseFolder: () => this.workspace.chooseFolder(),
    });
  }

  /** Shows a message as a document, a session as its Markdown: the chat cannot open any session at any place yet. */
  async #openAt(sessionId: string, messageUuid: string | null): Promise<void> {
    if (messageUuid !== null) {
      await this.#messages.show(sessionId, messageUuid);
      return;
    }
    const source = createExportSource((folder, id) => this.#locate(folder, id));
    const { model, ...session } = await source.open('', sessionId);
    const name = (await this.#choices()).find(({ id }) => id === sessionId)?.name ?? '';
    const head = { id: sessionId, name, folder: '', model, costUsd: null, exportedAt: systemClock.now() };
    const pieces = Array.from(markdownExport({ ...session, head }), ({ text }) => text);
    await this.documents.show(`${sessionId}.md`, pieces.join(''));
  }

  /** Does something whose errors the user is told, each with its next step. */
  async #told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ArborError)) throw error;
      this.output.error('What the user asked for could not be done', error);
      await showExplanation(error.explanation, (action) => {
        this.actions.act(action, this.sessions.open);
      });
    }
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
    this.#index.setFolders(workspace.folders);
    this.#index.start();
    this.#owned.add(this.#index.onChange((change) => sessions.transcriptsChanged(change)));
    this.#owned.add(sessions.onOpen((session) => this.channel?.show(session)));
    this.#owned.add(sessions.onProblem((problem) => this.#show(problem)));
    this.#owned.add(
      workspace.onChange(() => {
        this.#index.setFolders(workspace.folders);
        this.channel?.sendApp();
        this.channel?.sendHeader();
        this.#restore();
      }),
    );
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('arbor.process')) sessions.applyLimits();
        if (!change.affectsConfiguration('arbor.claude')) return;
        sessions.dropSpares();
        this.channel?.sendApp();
      }),
    );
  }

  #tell(error: unknown): void {
    this.output.error('An action on a process failed', error);
    this.#show(explain(error, 'This could not be done with the process.'));
  }

  /** Shows a message of the extension, outside of any conversation. */
  #show(explanation: Explanation): void {
    const act = (action: ErrorAction): void => {
      this.actions.act(action, this.sessions.open);
    };
    detach(showExplanation(explanation, act), (error) => {
      this.output.error('A message could not be shown', error);
    });
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
