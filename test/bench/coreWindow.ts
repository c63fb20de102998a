import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { silentLogger } from '../../src/base/logger.js';

import { PermissionBroker } from '../../src/core/permissions/broker.js';
import type { Session } from '../../src/core/session/session.js';
import { Sessions } from '../../src/core/session/sessions.js';
import { SparePool } from '../../src/core/session/sparePool.js';
import type { SessionIndex } from '../../src/core/storePorts.js';
import { Streams } from '../../src/core/streams/streams.js';
import { UsageRecorder } from '../../src/core/usage/recorder.js';
import { createLauncher } from '../../src/node/claude/launcher.js';
import { ProcessRecords } from '../../src/node/claude/processRecords.js';
import { createProgramRegistry } from '../../src/node/claude/programRegistry.js';
import { systemProcesses } from '../../src/node/store/processIdentity.js';
import { openStorage, type Storage } from '../../src/node/store/storage.js';
import { systemClock } from '../../src/node/systemClock.js';
import { createTranscripts } from '../../src/node/transcripts/transcripts.js';
import { isOutcome } from '../../src/protocol/session/events.js';
import type { BenchStage } from './stage.js';

const clock = systemClock;
const logger = silentLogger;
const { platform } = process;

/** What a window needs of the stage. */
export interface CoreStage {
  readonly program: BenchStage['program'];
  readonly environment: Pick<BenchStage['environment'], 'root' | 'home' | 'temporary' | 'workspace' | 'env'>;
}

/** What a window of the benchmark can be given besides. */
export interface CoreWindowOptions {
  /** How long processes may be idle, and how many there may be. */
  readonly limits: { readonly idleMs: number; readonly maxLive: number };
  /** The storage folder; by default a new one. */
  readonly folder?: string;
  /** What knows the transcripts that others made; by default there are none. */
  readonly index?: Pick<SessionIndex, 'get' | 'settled'>;
}

/** All of Arbor but the editor: the window's sessions, with the real program, store, transcripts and records. */
export class CoreWindow {
  readonly sessions: Sessions;
  readonly spares: SparePool;
  readonly #storage: Storage;
  readonly #records: ProcessRecords;

  /**
   * @param stage the program and its environment
   * @param options how the window is
   */
  constructor(
    private readonly stage: CoreStage,
    { limits, folder: given, index }: CoreWindowOptions,
  ) {
    const { program, environment } = stage;
    const folder = given ?? path.join(environment.root, `storage-${randomUUID()}`);
    const processes = systemProcesses(platform);
    this.#storage = openStorage({ folder, clock, logger, newUuid: randomUUID });
    this.#records = new ProcessRecords({
      folder: path.join(folder, 'processes'),
      ...{ platform, processes, newUuid: randomUUID, clock, logger },
    });
    const launcher = createLauncher({
      settings: () => ({ path: program, environment: {}, transport: 'auto' }),
      isTrusted: () => true,
      environment: environment.env,
      home: environment.home,
      temporary: environment.temporary,
      records: this.#records,
      ...{ platform, clock, logger },
    });
    const nobody = { prompt: () => Promise.reject(new Error('Nobody is there to be asked')) };
    this.spares = new SparePool(launcher, randomUUID, clock, logger);
    this.sessions = new Sessions({
      ...{ launcher, clock, logger, newId: randomUUID },
      store: this.#storage.store,
      journal: this.#storage.journal,
      leases: this.#storage.leases,
      registry: createProgramRegistry({ configFolder: () => path.join(environment.home, '.claude'), platform, logger }),
      broker: new PermissionBroker(nobody, this.#storage.audit, clock, logger),
      transcripts: createTranscripts({ environment: () => environment.env, home: environment.home }),
      spares: this.spares,
      streams: new Streams(this.#storage.journal, clock),
      index: index ?? { get: () => undefined, settled: () => Promise.resolve() },
      usage: new UsageRecorder(this.#storage.usage, clock, logger),
      inactivityMs: () => 60_000,
      sleep: () => ({ idleMs: () => limits.idleMs, maxLive: limits.maxLive }),
    });
  }

  /** Who drives which session. */
  get leases(): Storage['leases'] {
    return this.#storage.leases;
  }

  /** A new session in the workspace. */
  create(): Session {
    return this.sessions.create(this.stage.environment.workspace);
  }

  /**
   * Has a turn and waits for its end.
   * @returns milliseconds to the first text
   * @throws Error when it does not complete
   */
  turn(session: Session, text: string): Promise<number> {
    const start = performance.now();
    let first = 0;
    return new Promise((resolve, reject) => {
      const listening = session.onEvents(({ events }) => {
        for (const event of events) {
          if (event.kind === 'text' && first === 0) first = performance.now() - start;
          if (!isOutcome(event)) continue;
          listening.dispose();
          if (event.kind === 'complete') resolve(first);
          else reject(new Error(`The turn ended as ${event.kind}`));
        }
      });
      session.send(text);
    });
  }

  /** Ends every process. */
  async close(): Promise<void> {
    await Promise.all(this.sessions.live.map((session) => session.endProcess()));
    await Promise.all(this.spares.list().map(({ folder }) => this.spares.end(folder)));
    this.sessions.dispose();
    await Promise.all([this.#storage.settled(), this.#records.settled()]);
    this.#storage.dispose();
  }
}
