import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { ArborError, explain, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import { mergeRecords } from '../../protocol/state/mergeRecords.js';
import {
  isUnused,
  newSessionRecord,
  type SessionRecord,
  type WorkspaceState,
} from '../../protocol/state/workspaceState.js';
import { addUsage } from '../../protocol/session/transcript.js';
import { Sleeper } from '../lifecycle/sleeper.js';
import type { SleepLimits } from '../lifecycle/sleepPlan.js';
import type { JournalEntry, SessionLeases, StateStore } from '../storePorts.js';
import { pageSize, unreadableLines } from './history.js';
import { readTail } from './journalTail.js';
import { recover, type Recovery } from './recovery.js';
import type { SessionServices } from './services.js';
import { Session } from './session.js';
import type { SparePool } from './sparePool.js';

/** Milliseconds after a session took the spare in which the next one is not started: the user's turn goes first. */
export const spareDelayMs = 4000;

/** What the sessions of a window need beside what each session does. */
export interface SessionsServices extends SessionServices {
  readonly store: StateStore;
  readonly leases: SessionLeases;
  readonly spares: SparePool;
  /** How long processes may be idle, and how many there may be, as it is set now. */
  readonly sleep: () => SleepLimits;
}

/** The sessions of this window: makes them, restores them, keeps their records, and knows which one the chat shows. */
export class Sessions implements Disposable {
  readonly #services: SessionsServices;
  readonly #live = new Map<string, Session>();
  /** The record of each live session as this window saved or read it last. */
  readonly #saved = new Map<string, SessionRecord>();
  readonly #owned = new DisposableStore();
  readonly #sleeper: Sleeper;
  readonly #opened: Emitter<Session>;
  readonly #problems: Emitter<Explanation>;
  #open: Session | null = null;
  #saveProblem = false;
  #disposed = false;

  /** Fires when the chat is to show another session. */
  readonly onOpen: Event<Session>;
  /** Fires with what the user should be told outside of a conversation, such as a state file that could not be read. */
  readonly onProblem: Event<Explanation>;

  /** @param services what the sessions need */
  constructor(services: SessionsServices) {
    this.#services = services;
    const onError = (error: unknown): void => {
      services.logger.error('A listener of the sessions failed', error);
    };
    this.#opened = this.#owned.add(new Emitter<Session>(onError));
    this.#problems = this.#owned.add(new Emitter<Explanation>(onError));
    this.#sleeper = this.#owned.add(new Sleeper(services.clock, services.sleep));
    this.onOpen = this.#opened.event;
    this.onProblem = this.#problems.event;
  }

  /** The session that the chat shows, or null before one was opened. */
  get open(): Session | null {
    return this.#open;
  }

  /** A session that is live in this window, or undefined. */
  get(id: string): Session | undefined {
    return this.#live.get(id);
  }

  /** Those that are live in this window, the first opened first; their processes may be asleep. */
  get live(): readonly Session[] {
    return [...this.#live.values()];
  }

  /** Puts processes to sleep as the limits say that have changed. */
  applyLimits(): void {
    this.#sleeper.check();
  }

  /**
   * Opens the session that was open when the window was closed or reloaded, or a new one.
   * @param folders absolute paths of the workspace's folders; a new session goes into the first
   * @returns the session, or null when there is no folder
   */
  async restore(folders: readonly string[]): Promise<Session | null> {
    const { state, problem } = await this.#services.store.load();
    if (this.#isDisposed()) return null;
    if (problem) this.#problems.fire(problem);
    const record = state.sessions.find((session) => session.id === state.open && folders.includes(session.folder));
    if (record) {
      const session = await this.#reopen(record);
      if (session || this.#isDisposed()) return session;
    }
    const folder = folders[0];
    if (folder === undefined) return null;
    const session = this.create(folder);
    if (record) {
      session.notice('info', {
        code: 'sessionInUse',
        what: `The conversation “${record.name}” is open in another window of this workspace.`,
        kept: 'It goes on there, with all its messages. This is a new conversation.',
        next: 'Close it there to go on with it here.',
      });
    }
    return session;
  }

  /**
   * Makes a session and shows it. It takes the folder's warm spare where there is one.
   * @param folder absolute path
   */
  create(folder: string): Session {
    const { clock, newId, spares } = this.#services;
    const spare = spares.take(folder);
    const record = newSessionRecord({ id: spare?.process.sessionId ?? newId(), folder, at: clock.now() });
    const session = this.#add(record);
    if (spare) session.adopt({ ...spare, model: null, mode: 'default' });
    this.#detach(this.#lease(session), 'A session could not be leased');
    this.#show(session);
    return session;
  }

  /** Ends the warm spares, because they were started with settings that have changed. */
  dropSpares(): void {
    this.#services.spares.clear();
  }

  async #reopen(record: SessionRecord): Promise<Session | null> {
    const known = this.#live.get(record.id);
    if (known) {
      this.#show(known);
      return known;
    }
    const { leases, journal, transcripts, logger } = this.#services;
    try {
      const lease = await leases.acquire(record.id);
      if (!lease) return null;
      this.#owned.add(lease);
    } catch (error) {
      // Better a session that another window could drive too than none.
      this.#report(error, 'It could not be found out whether this conversation is open in another window.');
    }
    const [conversation, journaled] = await Promise.allSettled([
      transcripts.readLast(record.folder, record.id, pageSize),
      this.#journalEnd(record.id),
    ]);
    if (this.#isDisposed()) return null;
    if (journaled.status === 'rejected') logger.error('The journal could not be read', journaled.reason);
    const { next, tail } = journaled.status === 'fulfilled' ? journaled.value : { next: 0, tail: [] };
    if (conversation.status === 'rejected') {
      const session = this.#add(record);
      logger.error('A transcript could not be read', conversation.reason);
      session.restore({ events: [], cursor: null }, next);
      const notice = explain(conversation.reason, "This conversation's transcript could not be read.");
      session.notice('warning', notice);
      this.#show(session);
      return session;
    }
    const { events, cursor, unreadable } = conversation.value;
    const recovery = recover(
      events,
      tail,
      record.queue.map(({ id }) => id),
    );
    const session = this.#add(recoveredRecord(record, recovery), record);
    const ended = journal.append(record.id, next, recovery.ended);
    this.#detach(ended, 'The end of a turn that was cut off could not be recorded.');
    session.restore({ events: recovery.events, cursor }, next + recovery.ended.length);
    if (unreadable > 0) session.notice('warning', unreadableLines(unreadable));
    this.#show(session);
    return session;
  }

  /** Where the journal goes on, and what it has of the last turn. */
  async #journalEnd(id: string): Promise<{ readonly next: number; readonly tail: readonly JournalEntry[] }> {
    const { journal, logger } = this.#services;
    const last = await journal.lastSeq(id);
    try {
      return { next: last + 1, tail: await readTail(journal, id, last) };
    } catch (error) {
      logger.error('The end of the journal could not be read', error);
      return { next: last + 1, tail: [] };
    }
  }

  async #lease(session: Session): Promise<void> {
    const lease = await this.#services.leases.acquire(session.id);
    if (lease) this.#owned.add(lease);
  }

  /**
   * @param record what the session begins with
   * @param saved what the state has of it
   */
  #add(record: SessionRecord, saved = record): Session {
    const session = this.#owned.add(new Session(record, this.#services));
    this.#live.set(session.id, session);
    this.#saved.set(record.id, saved);
    this.#owned.add(this.#sleeper.watch(session));
    this.#owned.add(
      session.onEvents(({ events }) => {
        if (events.some((event) => event.kind === 'start')) this.#services.spares.plan(record.folder, spareDelayMs);
      }),
    );
    this.#owned.add(
      session.onChange(() => {
        const { record: next } = session;
        const before = this.#saved.get(record.id) ?? record;
        if (sameRecord(before, next)) return;
        this.#save(next, next.activeAt !== before.activeAt && session === this.#open);
      }),
    );
    return session;
  }

  #show(session: Session): void {
    this.#open = session;
    this.#save(session.record, true);
    this.#opened.fire(session);
  }

  /**
   * Saves what this window changed in a record: what another one changed in it meanwhile, such as a star, stays.
   * @param opens whether it is the user's last session from now on: shown, or sent to. What else happens to a session, such as
   * its program's end in a window that closes, must not take that from another window's.
   */
  #save(record: SessionRecord, opens: boolean): void {
    const base = this.#saved.get(record.id) ?? record;
    this.#saved.set(record.id, record);
    const saved = this.#services.store
      .update((state) => withRecord(state, base, record, opens ? record.id : state.open))
      .then(() => {
        this.#saveProblem = false;
      });
    this.#detach(saved, 'The state could not be saved');
  }

  #detach(work: Promise<unknown>, what: string): void {
    detach(work, (error) => {
      this.#report(error, what);
    });
  }

  #report(error: unknown, what: string): void {
    this.#services.logger.error(what, error);
    // One message for a run of failures.
    if (this.#saveProblem || this.#disposed) return;
    this.#saveProblem = true;
    this.#problems.fire(error instanceof ArborError ? error.explanation : explain(error, what));
  }

  /** For code that has waited: the window may have been closed meanwhile. */
  #isDisposed(): boolean {
    return this.#disposed;
  }

  /** The window closes: open permission requests are denied, processes end, leases are given up. */
  dispose(): void {
    this.#disposed = true;
    this.#services.broker.close();
    this.#services.spares.dispose();
    this.#owned.dispose();
    this.#live.clear();
    this.#saved.clear();
  }
}

/** The state with what was changed in a record, and without sessions that were never used. */
function withRecord(
  state: WorkspaceState,
  base: SessionRecord,
  record: SessionRecord,
  open: string | null,
): WorkspaceState {
  const theirs = state.sessions.find(({ id }) => id === record.id);
  const others = state.sessions.filter(({ id }) => id !== record.id);
  const used = others.filter((session) => session.id === open || !isUnused(session));
  return { ...state, open, sessions: [...used, theirs ? mergeRecords(base, record, theirs) : record] };
}

/** The record without prompts that were delivered all the same, and with what a turn that was cut off had used. */
function recoveredRecord(record: SessionRecord, { delivered, usage }: Recovery): SessionRecord {
  return {
    ...record,
    queue: record.queue.filter(({ id }) => !delivered.has(id)),
    total: addUsage(record.total, usage),
  };
}

function sameRecord(a: SessionRecord, b: SessionRecord): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
