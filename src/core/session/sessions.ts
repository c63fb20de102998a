import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { ArborError, explain, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import { noTurnUsage } from '../../protocol/session/events.js';
import type { SessionRecord, WorkspaceState } from '../../protocol/state/workspaceState.js';
import type { SessionLeases, StateStore } from '../storePorts.js';
import { pageSize, unreadableLines } from './history.js';
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
}

/** The sessions of this window: makes them, restores them, keeps their records, and knows which one the chat shows. */
export class Sessions implements Disposable {
  readonly #services: SessionsServices;
  readonly #live = new Map<string, Session>();
  readonly #owned = new DisposableStore();
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
    const record: SessionRecord = {
      id: spare?.sessionId ?? newId(),
      name: '',
      folder,
      model: null,
      mode: 'default',
      appendSystemPrompt: null,
      createdAt: clock.now(),
      activeAt: clock.now(),
      head: null,
      draft: '',
      scroll: null,
      queue: [],
      total: noTurnUsage,
    };
    const session = this.#add(record);
    if (spare) session.adopt({ process: spare, model: null, mode: 'default' });
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
    const [conversation, last] = await Promise.allSettled([
      transcripts.readLast(record.folder, record.id, pageSize),
      journal.lastSeq(record.id),
    ]);
    if (this.#isDisposed()) return null;
    const session = this.#add(record);
    if (last.status === 'rejected') logger.error('The journal could not be read', last.reason);
    const next = last.status === 'fulfilled' ? last.value + 1 : 0;
    if (conversation.status === 'fulfilled') {
      const { unreadable } = conversation.value;
      session.restore(conversation.value, next);
      if (unreadable > 0) session.notice('warning', unreadableLines(unreadable));
    } else {
      logger.error('A transcript could not be read', conversation.reason);
      session.restore({ events: [], cursor: null }, next);
      const notice = explain(conversation.reason, "This conversation's transcript could not be read.");
      session.notice('warning', notice);
    }
    this.#show(session);
    return session;
  }

  async #lease(session: Session): Promise<void> {
    const lease = await this.#services.leases.acquire(session.id);
    if (lease) this.#owned.add(lease);
  }

  #add(record: SessionRecord): Session {
    const session = this.#owned.add(new Session(record, this.#services));
    this.#live.set(session.id, session);
    let saved = record;
    this.#owned.add(
      session.onEvents(({ events }) => {
        if (events.some((event) => event.kind === 'start')) this.#services.spares.plan(record.folder, spareDelayMs);
      }),
    );
    this.#owned.add(
      session.onChange(() => {
        const { record: next } = session;
        if (sameRecord(saved, next)) return;
        const isUsed = next.activeAt !== saved.activeAt;
        saved = next;
        this.#save(next, isUsed && session === this.#open);
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
   * Saves a record.
   * @param opens whether it is the user's last session from now on: shown, or sent to. What else happens to a session, such as
   * its program's end in a window that closes, must not take that from another window's.
   */
  #save(record: SessionRecord, opens: boolean): void {
    const saved = this.#services.store
      .update((state) => withRecord(state, record, opens ? record.id : state.open))
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
  }
}

/** The state with a record in the place of the one that it has, and without sessions that were never used. */
function withRecord(state: WorkspaceState, record: SessionRecord, open: string | null): WorkspaceState {
  const others = state.sessions.filter(({ id }) => id !== record.id);
  const used = others.filter((session) => session.id === open || !isEmpty(session));
  return { ...state, open, sessions: [...used, record] };
}

/** Whether a session holds nothing worth keeping. */
function isEmpty({ name, draft, queue, head }: SessionRecord): boolean {
  return name === '' && draft === '' && queue.length === 0 && head === null;
}

function sameRecord(a: SessionRecord, b: SessionRecord): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
