import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError, explain, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import type { Logger } from '../../base/logger.js';
import { mergeRecords } from '../../protocol/state/mergeRecords.js';
import { isUnused, type SessionRecord, type WorkspaceState } from '../../protocol/state/workspaceState.js';
import type { StateStore } from '../storePorts.js';

/**
 * What is kept of all sessions of the workspace, as this window knows it: read at the start, and with every change of its
 * own as the file has it then, which brings along what other windows changed.
 */
export class SessionRecords implements Disposable {
  readonly #store: StateStore;
  readonly #logger: Logger;
  readonly #changed: Emitter<readonly string[]>;
  readonly #problems: Emitter<Explanation>;
  /** The record of each live session as this window saved or read it last. */
  readonly #saved = new Map<string, SessionRecord>();
  #all: ReadonlyMap<string, SessionRecord> = new Map();
  #forgotten: ReadonlySet<string> = new Set();
  #saveProblem = false;
  #disposed = false;

  /** Fires with the ids of the records that came, changed or went. */
  readonly onChange: Event<readonly string[]>;
  /** Fires with what the user should be told of reading and writing. */
  readonly onProblem: Event<Explanation>;

  /**
   * @param store where they are kept
   * @param logger told of failures
   */
  constructor(store: StateStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    const onError = (error: unknown): void => {
      logger.error('A listener of the records failed', error);
    };
    this.#changed = new Emitter<readonly string[]>(onError);
    this.#problems = new Emitter<Explanation>(onError);
    this.onChange = this.#changed.event;
    this.onProblem = this.#problems.event;
  }

  /** What is known of all sessions, by their ids. */
  get all(): ReadonlyMap<string, SessionRecord> {
    return this.#all;
  }

  /** Whether the user deleted this session here while its transcript stayed. */
  isForgotten(id: string): boolean {
    return this.#forgotten.has(id);
  }

  /** Reads the newest state. @returns the id of the session that was open last */
  async load(): Promise<string | null> {
    const { state, problem } = await this.#store.load();
    if (this.#disposed) return null;
    this.#take(state);
    if (problem) this.#problems.fire(problem);
    return state.open;
  }

  /** Follows a session that is live from now on. @param saved what the state has of it */
  follow(saved: SessionRecord): void {
    this.#saved.set(saved.id, saved);
  }

  /** A session is not live any more. */
  unfollow(id: string): void {
    this.#saved.delete(id);
  }

  /** The record of a live session as it was saved or read last. */
  saved(id: string): SessionRecord | undefined {
    return this.#saved.get(id);
  }

  /**
   * Saves what this window changed in a live session's record: what another one changed in it meanwhile, such as a star, stays.
   * @param opens whether it is the user's last session from now on: shown, or sent to. What else happens to a session, such as
   * its program's end in a window that closes, must not take that from another window's.
   */
  save(record: SessionRecord, opens: boolean): void {
    const base = this.#saved.get(record.id) ?? record;
    this.#saved.set(record.id, record);
    const saved = this.#update((state) => withRecord(state, base, record, opens ? record.id : state.open));
    this.detach(saved, 'The state could not be saved');
  }

  /**
   * Changes records of sessions that are not live.
   * @param ids those that have no record are left alone
   * @param change gives the next record
   * @throws ArborError as `StateStore.update`
   */
  change(ids: readonly string[], change: (record: SessionRecord) => SessionRecord): Promise<void> {
    const wanted = new Set(ids);
    return this.#update((state) => ({
      ...state,
      sessions: state.sessions.map((record) => (wanted.has(record.id) ? change(record) : record)),
    }));
  }

  /**
   * Adds records of sessions that have none.
   * @throws ArborError as `StateStore.update`
   */
  add(records: readonly SessionRecord[]): Promise<void> {
    return this.#update((state) => {
      const known = new Set(state.sessions.map(({ id }) => id));
      return { ...state, sessions: [...state.sessions, ...records.filter(({ id }) => !known.has(id))] };
    });
  }

  /**
   * Takes records out.
   * @param forget whether the sessions are not to be listed any more although their transcripts stay
   * @throws ArborError as `StateStore.update`
   */
  remove(ids: readonly string[], forget: boolean): Promise<void> {
    const gone = new Set(ids);
    for (const id of ids) this.#saved.delete(id);
    return this.#update((state) => ({
      ...state,
      sessions: state.sessions.filter(({ id }) => !gone.has(id)),
      open: state.open !== null && gone.has(state.open) ? null : state.open,
      ...(forget ? { forgotten: [...new Set([...(state.forgotten ?? []), ...ids])] } : {}),
    }));
  }

  /** Lets work on records go on; its failure is told to the user, once for a run of failures. */
  detach(work: Promise<unknown>, what: string): void {
    detach(work, (error) => {
      this.report(error, what);
    });
  }

  /** Tells the user of something that is no failure of reading or writing. */
  tell(problem: Explanation): void {
    this.#problems.fire(problem);
  }

  /** Tells the user and the log of a failure, the user once for a run of failures. */
  report(error: unknown, what: string): void {
    this.#logger.error(what, error);
    if (this.#saveProblem || this.#disposed) return;
    this.#saveProblem = true;
    this.#problems.fire(error instanceof ArborError ? error.explanation : explain(error, what));
  }

  async #update(change: (state: WorkspaceState) => WorkspaceState): Promise<void> {
    const made: { latest?: WorkspaceState } = {};
    try {
      await this.#store.update((state) => {
        made.latest = change(state);
        return made.latest;
      });
      this.#saveProblem = false;
    } finally {
      // What could not be written is kept in memory, and counts.
      if (made.latest) this.#take(made.latest);
    }
  }

  #take(state: WorkspaceState): void {
    if (this.#disposed) return;
    const before = this.#all;
    const all = new Map(state.sessions.map((record) => [record.id, record]));
    const changed = [...all.values()]
      .filter((record) => !sameRecord(before.get(record.id), record))
      .map(({ id }) => id);
    const removed = [...before.keys()].filter((id) => !all.has(id));
    this.#all = all;
    const forgotten = (state.forgotten ?? []).filter((id) => !this.#forgotten.has(id));
    if (forgotten.length > 0) this.#forgotten = new Set(state.forgotten);
    const ids = [...new Set([...changed, ...removed, ...forgotten])];
    if (ids.length > 0) this.#changed.fire(ids);
  }

  dispose(): void {
    this.#disposed = true;
    this.#changed.dispose();
    this.#problems.dispose();
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

/** Whether two records say the same. */
export function sameRecord(a: SessionRecord | undefined, b: SessionRecord): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
