import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { detach } from '../base/detach.js';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import type { Logger } from '../base/logger.js';
import { ProcessHealth } from '../core/lifecycle/processHealth.js';
import { PermissionBroker, type PermissionPrompter } from '../core/permissions/broker.js';
import type { ProgramInfo } from '../core/ports.js';
import { knownProgram } from '../core/session/knownProgram.js';
import { Sessions } from '../core/session/sessions.js';
import { SparePool } from '../core/session/sparePool.js';
import { SessionTitles } from '../core/session/titles.js';
import { Streams } from '../core/streams/streams.js';
import { WorkspaceDirectory } from '../core/tree/workspaceDirectory.js';
import { daysOf } from '../core/usage/days.js';
import { UsageRecorder } from '../core/usage/recorder.js';
import { programEnvironment } from '../node/claude/environment.js';
import { createLauncher, type ProgramLauncher } from '../node/claude/launcher.js';
import { processMeter } from '../node/claude/processMemory.js';
import { createProgramRegistry } from '../node/claude/programRegistry.js';
import { ProcessRecords } from '../node/claude/processRecords.js';
import { hostMachine } from '../node/hostMachine.js';
import { systemProcesses } from '../node/store/processIdentity.js';
import { openStorage, type Storage } from '../node/store/storage.js';
import { systemClock } from '../node/systemClock.js';
import { TranscriptIndex } from '../node/transcriptIndex/transcriptIndex.js';
import { configFolder, locateTranscript } from '../node/transcripts/locate.js';
import { createTranscripts } from '../node/transcripts/transcripts.js';
import { readSetting } from '../vscode/settings.js';
import type { TextDocuments } from '../vscode/textDocuments.js';
import { showUsage } from '../vscode/usage/usageCommand.js';
import type { Workspace } from '../vscode/workspace.js';

/** What the core of a window is made with. */
export interface CoreOptions {
  /** The workspace's storage folder, absolute. */
  readonly folder: string;
  readonly workspace: Workspace;
  /** Makes what asks the user for permissions. @param nameOf names a session */
  readonly prompter: (nameOf: (sessionId: string) => string) => PermissionPrompter;
  /** Brings the chat to the front. */
  readonly showChat: () => Promise<void>;
  readonly logger: Logger;
}

/** A window's sessions with all that they run on: the program, what is kept, the transcripts. */
export class Core implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #options: CoreOptions;
  readonly #storage: Storage;
  readonly #index: TranscriptIndex;
  readonly #days = daysOf(Intl.DateTimeFormat().resolvedOptions().timeZone);
  readonly #spares: SparePool;
  #directory: Promise<WorkspaceDirectory> | null = null;

  readonly machine = hostMachine();
  readonly launcher: ProgramLauncher;
  readonly sessions: Sessions;
  readonly health: ProcessHealth;
  /** Writes down what turns used. */
  readonly usage: UsageRecorder;

  /** @param options what it is made with */
  constructor(options: CoreOptions) {
    this.#options = options;
    const { folder, workspace, logger } = options;
    const { machine } = this;
    const clock = systemClock;
    this.launcher = createLauncher({
      records: new ProcessRecords({
        folder: join(folder, 'processes'),
        platform: machine.platform,
        processes: systemProcesses(machine.platform),
        newUuid: randomUUID,
        clock,
        logger,
      }),
      settings: () => ({
        path: readSetting('claude.path'),
        environment: readSetting('claude.environment'),
        transport: readSetting('claude.transport'),
      }),
      isTrusted: () => workspace.isTrusted,
      ...machine,
      clock,
      logger,
    });
    const storage = this.#owned.add(
      openStorage({ folder, clock, logger, newUuid: randomUUID, dayOf: this.#days.dayOf }),
    );
    this.#storage = storage;
    this.#index = this.#owned.add(
      new TranscriptIndex({
        configFolder: () => this.configFolder(),
        storage: join(folder, 'index'),
        clock,
        logger,
        newUuid: randomUUID,
      }),
    );
    this.usage = this.#owned.add(new UsageRecorder(storage.usage, clock, logger));
    const spares = new SparePool(this.launcher, randomUUID, clock, logger);
    this.#spares = spares;
    const prompter = options.prompter((id) => this.nameOf(id));
    this.sessions = this.#owned.add(
      new Sessions({
        store: storage.store,
        journal: storage.journal,
        leases: storage.leases,
        launcher: this.launcher,
        registry: createProgramRegistry({ configFolder: () => this.configFolder(), ...machine, logger }),
        broker: new PermissionBroker(prompter, storage.audit, clock, logger),
        transcripts: createTranscripts({ environment: () => this.environment(), home: machine.home }),
        spares,
        streams: new Streams(storage.journal, clock),
        index: this.#index,
        usage: this.usage,
        clock,
        newId: randomUUID,
        logger,
        inactivityMs: (folder) => readSetting('process.inactivitySeconds', folder) * 1000,
        sleep: () => ({
          idleMs: (folder) => readSetting('process.sleepSeconds', folder) * 1000,
          maxLive: readSetting('process.maxLive'),
        }),
      }),
    );
    this.#owned.add(
      new SessionTitles({
        sessions: this.sessions,
        index: this.#index,
        mayAsk: (folder) => readSetting('sessions.generateTitles', folder),
        logger,
      }),
    );
    const meter = processMeter(machine.platform);
    this.health = new ProcessHealth({ sessions: this.sessions, spares, meter, clock });
    this.#owned.add(
      this.#index.onChange((change) => {
        this.sessions.outside.transcriptsChanged(change);
      }),
    );
    this.#index.setFolders(workspace.folders);
    this.#index.start();
    this.#owned.add(
      workspace.onChange(() => {
        this.#index.setFolders(workspace.folders);
        detach(this.sessions.setFolders(workspace.folders), (error) => {
          logger.error('Sessions of a folder that is gone could not be ended', error);
        });
      }),
    );
  }

  /** What the program says of itself in a folder, or elsewhere; null before it was started. @param folder absolute path */
  programFor(folder: string): ProgramInfo | null {
    return knownProgram(this.sessions.live, this.#spares, folder);
  }

  /** Ends the warm spares, because they were started with settings that have changed. */
  dropSpares(): void {
    this.#spares.clear();
  }

  /** All sessions of the workspace. Made at the first call. */
  directory(): Promise<WorkspaceDirectory> {
    this.#directory ??= this.#makeDirectory().catch((error: unknown) => {
      this.#directory = null;
      throw error;
    });
    return this.#directory;
  }

  /** Looks for what other windows of the workspace have changed, where somebody looks at the sessions. */
  lookElsewhere(): void {
    const looked = this.#directory?.then((directory) => directory.lookElsewhere());
    if (!looked) return;
    detach(looked, (error) => {
      this.#options.logger.error('The sessions could not be looked at again', error);
    });
  }

  /** Compares what is known of transcripts with the disk. */
  refreshIndex(): Promise<void> {
    return this.#index.refresh();
  }

  /** Shows what was used. @throws ArborError when the record of it cannot be read */
  showUsage(documents: TextDocuments): Promise<void> {
    const directory = (): Promise<WorkspaceDirectory> => this.directory();
    return showUsage({ ledger: this.#storage.usage, directory, documents, days: this.#days, clock: systemClock });
  }

  /** The environment that the program is started with, at this moment. */
  environment(): Readonly<Record<string, string>> {
    const { environment: base, platform } = this.machine;
    return programEnvironment({ base, settings: readSetting('claude.environment'), platform });
  }

  /** The program's configuration folder, at this moment. */
  configFolder(): string {
    return configFolder(this.environment(), this.machine.home);
  }

  /**
   * Finds a session's transcript.
   * @param folder absolute path of the folder that it belongs to; empty to look in all
   */
  async transcriptOf(folder: string, sessionId: string): Promise<string | undefined> {
    return this.#index.get(sessionId)?.path ?? locateTranscript(this.configFolder(), folder, sessionId);
  }

  /** The name of a session; its id where it has none. */
  nameOf(id: string): string {
    const record = this.sessions.get(id)?.record ?? this.sessions.records.all.get(id);
    return record?.name ?? id;
  }

  async #makeDirectory(): Promise<WorkspaceDirectory> {
    const { workspace, showChat, logger } = this.#options;
    await this.sessions.load();
    const directory = new WorkspaceDirectory({
      sessions: this.sessions,
      index: this.#index,
      leases: this.#storage.leases,
      folders: () => workspace.sections(),
      onFolders: workspace.onChange,
      showChat,
      logger,
    });
    this.#owned.add(directory);
    await directory.lookElsewhere();
    return directory;
  }

  /** Resolves when everything that was to be kept is written. */
  settled(): Promise<void> {
    return this.#storage.settled();
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
