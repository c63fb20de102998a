import type { Explanation } from '../../../src/base/errors.js';
import { PermissionBroker } from '../../../src/core/permissions/broker.js';
import { Session } from '../../../src/core/session/session.js';
import type { SessionsServices } from '../../../src/core/session/services.js';
import { Sessions } from '../../../src/core/session/sessions.js';
import type { SessionIndexEntry } from '../../../src/core/sessionIndex.js';
import { Streams } from '../../../src/core/streams/streams.js';
import type { OtherProgram } from '../../../src/core/ports.js';
import { SparePool } from '../../../src/core/session/sparePool.js';
import { isOutcome, type SessionEvent, type TurnOutcome } from '../../../src/protocol/session/events.js';
import type { Block, Transcript } from '../../../src/protocol/session/transcript.js';
import {
  emptyState,
  newSessionRecord,
  type SessionRecord,
  type WorkspaceState,
} from '../../../src/protocol/state/workspaceState.js';
import { FakeLauncher } from './fakeClaude.js';
import { FakeAudit } from './fakePermission.js';
import { FakePrompter } from './fakePrompter.js';
import { FakeJournal, FakeLeases, FakeStateStore, FakeTranscripts, type Trace } from './fakeStores.js';
import { ManualClock } from './manualClock.js';
import { RecordingLogger } from './recordingLogger.js';

/** A UUID that says which one it is. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A window with fakes for all that is outside of core. */
export class World {
  readonly trace: Trace = [];
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  readonly launcher = new FakeLauncher();
  readonly prompter = new FakePrompter();
  readonly audit = new FakeAudit();
  readonly journal = new FakeJournal(this.trace);
  readonly transcripts = new FakeTranscripts();
  readonly leases = new FakeLeases();
  /** What the index knows, by id. */
  readonly foreign = new Map<string, SessionIndexEntry>();
  /** Programs of others, by the session that they work on. */
  readonly others = new Map<string, readonly OtherProgram[]>();
  readonly store: FakeStateStore;
  inactivityMs = 300_000;
  sleep: { readonly idleMs: number; readonly maxLive: number } = { idleMs: 900_000, maxLive: 8 };
  /** What differs in a folder. */
  readonly folderIdleMs = new Map<string, number>();
  /** What the record of usage was told. */
  readonly turnEnds: { readonly record: SessionRecord; readonly outcome: TurnOutcome; readonly at: number }[] = [];
  #ids = 0;

  /** @param state what an earlier window left */
  constructor(state: WorkspaceState = emptyState()) {
    this.store = new FakeStateStore(state);
  }

  readonly newId = (): string => {
    this.#ids += 1;
    return uuid(this.#ids);
  };

  readonly services: SessionsServices = this.#makeServices();

  /** A session of its own, outside of any list. */
  session(given: Partial<SessionRecord> = {}): Session {
    return new Session({ ...newRecord(), ...given }, this.services);
  }

  /** The window's sessions, with the problems that they tell. */
  sessions(): { readonly sessions: Sessions; readonly problems: Explanation[] } {
    const sessions = new Sessions({ ...this.services, store: this.store });
    const problems: Explanation[] = [];
    sessions.onProblem((problem) => problems.push(problem));
    return { sessions, problems };
  }

  #makeServices(): SessionsServices {
    const { launcher, journal, transcripts, clock, logger, newId, leases } = this;
    return {
      launcher,
      registry: { othersOn: (id) => Promise.resolve(this.others.get(id) ?? []) },
      broker: new PermissionBroker(this.prompter, this.audit, clock, logger),
      journal,
      transcripts,
      clock,
      newId,
      logger,
      inactivityMs: () => this.inactivityMs,
      store: new FakeStateStore(),
      leases,
      index: { get: (id) => this.foreign.get(id), settled: () => Promise.resolve() },
      streams: new Streams(journal, clock),
      spares: new SparePool(launcher, newId, clock, logger),
      usage: { turnEnded: (record, outcome, at) => this.turnEnds.push({ record, outcome, at: at ?? clock.now() }) },
      sleep: () => ({
        idleMs: (folder) => this.folderIdleMs.get(folder) ?? this.sleep.idleMs,
        maxLive: this.sleep.maxLive,
      }),
    };
  }
}

/** A record of a session that was never used. */
export function newRecord(): SessionRecord {
  return newSessionRecord({ id: uuid(900_001), folder: '/ws', at: 0 });
}

/** How the turns ended, in their order. */
export function outcomes(events: readonly SessionEvent[]): readonly TurnOutcome[] {
  return events.filter(isOutcome);
}

/** A conversation as a person would tell it: who said what, and what became of each tool. */
export function tell(transcript: Transcript): readonly string[] {
  return transcript.messages.map((message) =>
    message.role === 'user'
      ? `you: ${message.text}`
      : `claude (${message.state}): ${message.blocks.map(tellBlock).join(' | ')}`,
  );
}

function tellBlock(block: Block): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'thinking':
      return `(${block.text})`;
    case 'tool':
      return `${block.name} ${block.state}${block.children.length > 0 ? ` [${block.children.map(tellBlock).join(' | ')}]` : ''}`;
    case 'error':
    case 'notice':
      return `${block.type} ${block.explanation.code}`;
  }
}
