import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { ArborError, explain, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import { noTurnUsage } from '../../protocol/session/events.js';
import type { SessionRecord, WorkspaceState } from '../../protocol/state/workspaceState.js';
import type { SessionLeases, StateStore } from '../storePorts.js';
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
    if (problem) this.#problems.fire(problem);
    const record = state.sessions.find((session) => session.id === state.open && folders.includes(session.folder));
    if (record) {
      const session = await this.#reopen(record);
      if (session) return session;
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
    const { leases, transcripts, logger } = this.#services;
    const lease = await leases.acquire(record.id);
    if (!lease) return null;
    this.#owned.add(lease);
    const session = this.#add(record);
    try {
      const { events, unreadable } = await transcripts.read(record.folder, record.id);
      session.restore(events);
      if (unreadable > 0) {
        session.notice('warning', {
          code: 'stateUnreadable',
          what: `${String(unreadable)} lines of this conversation's transcript could not be read.`,
          kept: 'All other messages are shown. The transcript is as it was.',
        });
      }
    } catch (error) {
      logger.error('A transcript could not be read', error);
      session.notice('warning', explain(error, "This conversation's transcript could not be read."));
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
        saved = next;
        this.#save(next);
      }),
    );
    return session;
  }

  #show(session: Session): void {
    this.#open = session;
    this.#save(session.record);
    this.#opened.fire(session);
  }

  #save(record: SessionRecord): void {
    const open = this.#open?.id ?? null;
    const change = (state: WorkspaceState): WorkspaceState => ({
      ...state,
      open: open ?? state.open,
      sessions: [...state.sessions.filter(({ id }) => id !== record.id && !isEmpty(id, state, open)), record],
    });
    const saved = this.#services.store.update(change).then(() => {
      this.#saveProblem = false;
    });
    this.#detach(saved, 'The state could not be saved');
  }

  #detach(work: Promise<unknown>, what: string): void {
    detach(work, (error) => {
      this.#services.logger.error(what, error);
      // One message for a run of failures.
      if (this.#saveProblem || this.#disposed) return;
      this.#saveProblem = true;
      this.#problems.fire(error instanceof ArborError ? error.explanation : explain(error, what));
    });
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

/** Whether a saved session holds nothing worth keeping and is not the one that is open: it was never used. */
function isEmpty(id: string, state: WorkspaceState, open: string | null): boolean {
  const session = state.sessions.find((one) => one.id === id);
  if (!session || id === open) return false;
  return session.name === '' && session.draft === '' && session.queue.length === 0 && session.head === null;
}

function sameRecord(a: SessionRecord, b: SessionRecord): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
