import { ArborError, type Explanation } from '../../../src/base/errors.js';
import type {
  ConversationPage,
  Journal,
  JournalPage,
  PageUpTo,
  SessionLease,
  SessionLeases,
  StateStore,
  Transcripts,
} from '../../../src/core/storePorts.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';
import { emptyState, type WorkspaceState } from '../../../src/protocol/state/workspaceState.js';

/** Something that happened, in the order of all things, so that a test can ask what came first. */
export type Trace = string[];

/** Journals in memory. */
export class FakeJournal implements Journal {
  readonly entries: { readonly sessionId: string; readonly seq: number; readonly event: SessionEvent }[] = [];
  readonly #trace: Trace;
  /** Called before events are written; what it throws is what writing throws. */
  before: (events: readonly SessionEvent[]) => void | Promise<void> = () => undefined;

  /** What reading events throws. */
  failure: Error | null = null;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  async append(sessionId: string, from: number, events: readonly SessionEvent[]): Promise<void> {
    await this.before(events);
    this.entries.push(...events.map((event, index) => ({ sessionId, seq: from + index, event })));
    for (const { kind } of events) this.#trace.push(`journal ${kind}`);
  }

  lastSeq(sessionId: string): Promise<number> {
    return Promise.resolve(this.entries.findLast((entry) => entry.sessionId === sessionId)?.seq ?? -1);
  }

  read(sessionId: string, from: number, limit: number): Promise<JournalPage> {
    if (this.failure) return Promise.reject(this.failure);
    const all = this.entries.filter((entry) => entry.sessionId === sessionId);
    const end = (all.at(-1)?.seq ?? -1) + 1;
    const entries = all.filter(({ seq }) => seq >= from).slice(0, limit);
    const page = entries.map(({ seq, event }) => ({ seq, at: 0, event }));
    const next = page.length < limit ? Math.max(from, end) : (page.at(-1)?.seq ?? from) + 1;
    return Promise.resolve({ entries: page, next, end, evicted: 0, unreadable: 0 });
  }

  forget(): void {
    // There is nothing but memory here.
  }

  async remove(sessionId: string): Promise<void> {
    await Promise.resolve();
    const kept = this.entries.filter((entry) => entry.sessionId !== sessionId);
    this.entries.splice(0, this.entries.length, ...kept);
  }

  /** The events of a session, in their order. */
  events(sessionId: string): readonly SessionEvent[] {
    return this.entries.filter((entry) => entry.sessionId === sessionId).map(({ event }) => event);
  }
}

/** Transcripts in memory. */
export class FakeTranscripts implements Transcripts {
  readonly conversations = new Map<string, readonly SessionEvent[]>();
  /** The pages before the conversation, the last one first. */
  earlier: readonly (readonly SessionEvent[])[] = [];
  /** What is read up to a message. */
  readonly upTo = new Map<string, readonly SessionEvent[]>();
  /** The UUIDs of messages' lines, where they are others than the messages'. */
  readonly lines = new Map<string, string>();
  /** Sessions whose transcripts are gone. */
  readonly missing = new Set<string>();
  /** Messages that a compaction took out of what the program goes on with. */
  readonly compacted = new Set<string>();
  unreadable = 0;
  /** What reading throws. */
  failure: Error | null = null;

  async exists(_folder: string, sessionId: string): Promise<boolean> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    return this.conversations.has(sessionId);
  }

  async read(
    _folder: string,
    sessionId: string,
  ): Promise<{ readonly events: readonly SessionEvent[]; readonly unreadable: number }> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    return { events: this.conversations.get(sessionId) ?? [], unreadable: this.unreadable };
  }

  async readLast(folder: string, sessionId: string): Promise<ConversationPage> {
    return { ...(await this.read(folder, sessionId)), cursor: this.earlier.length === 0 ? null : '0' };
  }

  async readBefore(cursor: string): Promise<ConversationPage> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    const next = Number(cursor) + 1;
    const events = this.earlier[next - 1] ?? [];
    return { events, cursor: next < this.earlier.length ? String(next) : null, unreadable: this.unreadable };
  }

  async readUpTo(_folder: string, sessionId: string, uuid: string): Promise<PageUpTo> {
    await Promise.resolve();
    if (this.missing.has(sessionId)) throw new ArborError({ code: 'transcriptMissing', what: 'It is gone.' });
    const events = this.upTo.get(uuid);
    if (!events) throw new ArborError({ code: 'notFound', what: 'There is no such message.' });
    return { events, cursor: null, unreadable: 0, at: this.lines.get(uuid) ?? uuid };
  }

  async wasCompacted(_folder: string, _sessionId: string, uuid: string): Promise<boolean> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    return this.compacted.has(uuid);
  }

  async remove(_folder: string, sessionId: string): Promise<void> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    this.conversations.delete(sessionId);
  }
}

/** A workspace's state in memory, as a file would hold it. */
export class FakeStateStore implements StateStore {
  #saved: string;
  problem: Explanation | null = null;
  /** What saving throws. */
  failure: Error | null = null;
  saves = 0;

  constructor(state: WorkspaceState = emptyState()) {
    this.#saved = JSON.stringify(state);
  }

  /** What a new window would find. */
  get state(): WorkspaceState {
    return JSON.parse(this.#saved) as WorkspaceState;
  }

  async load(): Promise<{ readonly state: WorkspaceState; readonly problem: Explanation | null }> {
    await Promise.resolve();
    return { state: this.state, problem: this.problem };
  }

  async update(change: (state: WorkspaceState) => WorkspaceState): Promise<void> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    this.saves += 1;
    this.#saved = JSON.stringify(change(this.state));
  }
}

/** Leases that other windows may have. */
export class FakeLeases implements SessionLeases {
  readonly held = new Set<string>();
  /** What other windows drive. */
  readonly elsewhere = new Set<string>();
  /** What taking one throws. */
  failure: Error | null = null;

  async acquire(sessionId: string): Promise<SessionLease | null> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    if (this.held.has(sessionId)) return null;
    this.held.add(sessionId);
    return { dispose: () => this.held.delete(sessionId) };
  }

  heldElsewhere(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(this.elsewhere));
  }
}
