import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { ArborError, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import { isOutcome } from '../../protocol/session/events.js';
import { newSessionRecord, type SessionRecord } from '../../protocol/state/workspaceState.js';
import { Sleeper } from '../lifecycle/sleeper.js';
import { forkRecord, isAside, keptRecord, readFork, type ForkPlace } from './forks.js';
import { Outside } from './outside.js';
import { SessionRecords, sameRecord } from './records.js';
import { foreignRecord, readSession } from './reopening.js';
import type { SessionsServices } from './services.js';
import { Session, type ChangeableField } from './session.js';
import { fitsSpare, withOptions, type SessionOptions } from './sessionOptions.js';
import { folderGone, inUse, notFound } from './sessionProblems.js';

/** Milliseconds after a session took the spare in which the next one is not started: the user's turn goes first. */
export const spareDelayMs = 4000;

interface Live {
  readonly session: Session;
  /** What ends with the session: its listeners, its lease, itself. */
  readonly owned: DisposableStore;
}

/** The sessions of this window: makes them, opens and forks them, and knows which one the chat shows. */
export class Sessions implements Disposable {
  readonly #services: SessionsServices;
  readonly #live = new Map<string, Live>();
  readonly #owned = new DisposableStore();
  readonly #sleeper: Sleeper;
  readonly #opened: Emitter<Session>;
  readonly #changed: Emitter<string>;
  #open: Session | null = null;
  #loaded: Promise<string | null> | null = null;
  #following: Promise<void> = Promise.resolve();
  #disposed = false;

  /** What happens to their transcripts outside of this window. */
  readonly outside: Outside;
  /** What is kept of all sessions of the workspace. */
  readonly records: SessionRecords;
  /** Fires when the chat is to show another session. */
  readonly onOpen: Event<Session>;
  /** Fires with the id of a session that is live and changed, or that is live from now on, or not any more. */
  readonly onChange: Event<string>;
  /** Fires with what the user should be told outside of a conversation, such as a state file that could not be read. */
  readonly onProblem: Event<Explanation>;

  /** @param services what the sessions need */
  constructor(services: SessionsServices) {
    this.#services = services;
    this.outside = new Outside(services);
    const onError = (error: unknown): void => {
      services.logger.error('A listener of the sessions failed', error);
    };
    this.records = this.#owned.add(new SessionRecords(services.store, services.logger));
    this.#opened = this.#owned.add(new Emitter<Session>(onError));
    this.#changed = this.#owned.add(new Emitter<string>(onError));
    this.#sleeper = this.#owned.add(new Sleeper(services.clock, services.sleep));
    this.onOpen = this.#opened.event;
    this.onChange = this.#changed.event;
    this.onProblem = this.records.onProblem;
  }

  /** The session that the chat shows, or null before one was opened. */
  get open(): Session | null {
    return this.#open;
  }

  /** A session that is live in this window, or undefined. */
  get(id: string): Session | undefined {
    return this.#live.get(id)?.session;
  }

  /** Those that are live in this window, the first opened first; their processes may be asleep. */
  get live(): readonly Session[] {
    return [...this.#live.values()].map(({ session }) => session);
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
    const open = await this.load();
    if (this.#isDisposed()) return null;
    const last = open === null ? undefined : this.records.all.get(open);
    await this.#purgeAsides(folders);
    if (this.#isDisposed()) return null;
    const record = last && this.#leftOf(last);
    if (record && (await this.#belongs(record, folders))) {
      const session = await this.#reopen(record);
      if (session || this.#isDisposed()) return session;
    }
    const folder = folders[0];
    if (folder === undefined) return null;
    const session = this.create(folder);
    if (record) {
      const next = 'This is a new conversation. Close the other one there to go on with it here.';
      session.notice('info', inUse(record.name, next));
    }
    return session;
  }

  /** Reads what is kept of the sessions. Called again, it does nothing. @returns the id of the session that was open last */
  load(): Promise<string | null> {
    this.#loaded ??= this.records.load();
    return this.#loaded;
  }

  /** Whether a session is one of the folders', or of one of their worktrees. */
  async #belongs({ id, folder }: SessionRecord, folders: readonly string[]): Promise<boolean> {
    if (folders.includes(folder)) return true;
    await this.#services.index.settled();
    return this.#services.index.get(id) !== undefined;
  }

  /** What a session is called, whoever made it; undefined when it is gone. A session that is new has an empty name. */
  nameOf(id: string): string | undefined {
    const isGone = this.records.isForgotten(id) && !this.get(id);
    return isGone ? undefined : this.#recordOf(id)?.name;
  }

  /**
   * Makes a session and shows it. It takes the folder's warm spare where there is one that can be made to fit.
   * @param folder absolute path
   */
  create(folder: string, options: SessionOptions = {}): Session {
    const { clock, newId, spares } = this.#services;
    const spare = fitsSpare(options) ? spares.take(folder) : null;
    const record = newSessionRecord({ id: spare?.process.sessionId ?? newId(), folder, at: clock.now() });
    const session = this.#add(withOptions(record, options));
    if (spare) session.adopt({ ...spare, model: null, mode: 'default' });
    this.#leaseNew(session);
    this.#show(session);
    return session;
  }

  /**
   * Shows a session in the chat: one of this window's, one that an earlier window left, or one that the program made.
   * @throws ArborError `notFound` when there is none, `sessionInUse` when another window drives it
   */
  async openSession(id: string): Promise<Session> {
    const record = this.#recordOf(id);
    if (!record) throw notFound();
    const session = await this.#reopen(record);
    if (!session) throw new ArborError(inUse(record.name, 'Close it there to go on with it here.'));
    return session;
  }

  /**
   * Makes a session that begins with what another one holds, and shows it. The other one stays as it is, also while a turn
   * runs in it; but an aside that is forked stays as a fork, since its fork may need it.
   * @param id the session that is forked
   * @param place where the fork leaves it
   * @param kind a fork goes on by itself; an aside goes when it is closed
   * @throws ArborError `notFound` when there is no such session, else as `readFork`
   */
  async fork(id: string, place: ForkPlace, kind: 'fork' | 'aside' = 'fork'): Promise<Session> {
    const parent = this.#recordOf(id);
    if (!parent) throw notFound();
    const { transcripts, newId, clock } = this.#services;
    const { page, ...taken } = await readFork(parent, this.get(id) ?? null, place, transcripts);
    if (this.#isDisposed()) throw notFound();
    const session = this.#add(forkRecord(parent, { ...taken, id: newId(), kind, now: clock.now() }));
    session.restore(page);
    this.#leaseNew(session);
    if (kind === 'fork') this.#keep(parent);
    this.#show(session);
    return session;
  }

  /** Closes an aside, which leaves nothing behind, and shows what it was asked beside. */
  async closeAside(aside: Session): Promise<void> {
    const { id, lineage } = aside.record;
    if (lineage?.kind !== 'aside') return;
    if (this.#open === aside && this.#recordOf(lineage.parent)) await this.openSession(lineage.parent);
    await this.delete([id], true);
  }

  /**
   * Ends what runs in sessions and takes them out, together with what is kept of them; their forks stay.
   * @param transcripts whether the program's transcripts go as well; else they stay and are not listed any more
   * @throws ArborError when the state cannot be written or a transcript cannot be deleted
   */
  async delete(ids: readonly string[], transcripts: boolean): Promise<void> {
    const folders = new Map(ids.map((id) => [id, this.#recordOf(id)?.folder ?? '']));
    const shown = this.#open && ids.includes(this.#open.id) ? this.#open.record.folder : null;
    for (const id of ids) await this.#close(id);
    if (shown !== null && !this.#open && !this.#disposed) this.create(shown);
    await this.records.remove(ids, !transcripts);
    for (const [id, folder] of folders) {
      await this.#services.journal.remove(id);
      if (transcripts) await this.#services.transcripts.remove(folder, id);
    }
  }

  /**
   * Changes what is kept of sessions, whoever made them.
   * @param ids those that are gone are left alone
   * @throws ArborError when the state cannot be written; what is in memory is changed all the same
   */
  async mark(ids: readonly string[], change: Partial<Pick<SessionRecord, ChangeableField>>): Promise<void> {
    const others = ids.filter((id) => !this.get(id));
    for (const id of ids) this.get(id)?.update(change);
    const unknown = others.filter((id) => !this.records.all.has(id));
    await this.records.add(unknown.flatMap((id) => this.#recordOf(id) ?? []));
    if (others.length > 0) await this.records.change(others, (record) => ({ ...record, ...change }));
  }

  /**
   * Follows the workspace's folders; their order says nothing. Sessions of a folder that is gone stop and are not live any
   * more. All that is kept of them stays, and they can be opened again when the folder is back.
   * @param folders absolute paths
   */
  setFolders(folders: readonly string[]): Promise<void> {
    const done = this.#following.then(() => this.#closeOutside(folders));
    this.#following = done.catch(() => undefined);
    return done;
  }

  async #closeOutside(folders: readonly string[]): Promise<void> {
    const stopped: string[] = [];
    const hasShown = this.#open !== null;
    for (const session of this.live) {
      if (await this.#belongs(session.record, folders)) continue;
      if (session.lifecycle.turn !== 'none') stopped.push(session.record.name);
      await this.#close(session.id);
    }
    if (this.#disposed) return;
    this.#services.spares.keep(new Set([...folders, ...this.live.map(({ record }) => record.folder)]));
    if (stopped.length > 0) this.records.tell(folderGone(stopped));
    const [first] = folders;
    if (this.#open || first === undefined || !hasShown) return;
    const [latest] = this.live.toSorted((a, b) => b.record.activeAt - a.record.activeAt);
    if (latest) this.#show(latest);
    else this.create(first);
  }

  /** What is known of a session, whoever made it. */
  #recordOf(id: string): SessionRecord | undefined {
    const known = this.get(id)?.record ?? this.records.all.get(id);
    if (known) return known;
    const entry = this.#services.index.get(id);
    return entry && foreignRecord(entry);
  }

  async #reopen(record: SessionRecord): Promise<Session | null> {
    const known = this.get(record.id);
    if (known) {
      this.#show(known);
      return known;
    }
    const owned = new DisposableStore();
    if (!(await this.#lease(record.id, owned))) return null;
    const reopening = await readSession(record, this.#services);
    if (this.#isDisposed()) {
      owned.dispose();
      return null;
    }
    const session = this.#add(reopening.record, record, owned);
    const { page, ended, endedAt, next, problems } = reopening;
    const outcome = ended.find(isOutcome);
    if (outcome) this.#services.usage.turnEnded(reopening.record, outcome, endedAt);
    const written = this.#services.journal.append(record.id, next, ended);
    this.records.detach(written, 'The end of a turn that was cut off could not be recorded.');
    session.restore(page, next + ended.length);
    for (const problem of problems) session.notice('warning', problem);
    this.#show(session);
    this.outside.opened(session);
    return session;
  }

  /** @returns whether the session is this window's now; also when that cannot be found out */
  async #lease(id: string, owned: DisposableStore): Promise<boolean> {
    try {
      const lease = await this.#services.leases.acquire(id);
      if (!lease) return false;
      owned.add(lease);
    } catch (error) {
      // Better a session that another window could drive too than none.
      this.records.report(error, 'It could not be found out whether this conversation is open in another window.');
    }
    return true;
  }

  #leaseNew(session: Session): void {
    const owned = this.#live.get(session.id)?.owned;
    if (owned) this.records.detach(this.#lease(session.id, owned), 'A session could not be leased');
  }

  /**
   * @param record what the session begins with
   * @param saved what the state has of it
   * @param owned what ends with the session
   */
  #add(record: SessionRecord, saved = record, owned = new DisposableStore()): Session {
    const session = owned.add(new Session(record, this.#services));
    this.#live.set(session.id, { session, owned: this.#owned.add(owned) });
    this.records.follow(saved);
    owned.add(this.#sleeper.watch(session));
    owned.add(this.#services.streams.attach(session));
    owned.add(this.outside.follow(session));
    owned.add(
      session.onEvents(({ events }) => {
        if (events.some((event) => event.kind === 'start')) this.#services.spares.plan(record.folder, spareDelayMs);
      }),
    );
    owned.add(
      session.onTurnEnd(() => {
        if (session !== this.#open) session.update({ unread: true });
      }),
    );
    owned.add(
      session.onChange(() => {
        this.#changed.fire(session.id);
        const { record: next } = session;
        const before = this.records.saved(record.id) ?? record;
        if (!sameRecord(before, next)) {
          this.records.save(next, next.activeAt !== before.activeAt && session === this.#open);
        }
      }),
    );
    return session;
  }

  #show(session: Session): void {
    this.#open = session;
    if (session.record.unread) session.update({ unread: false });
    this.records.save(session.record, true);
    this.#opened.fire(session);
    this.#changed.fire(session.id);
  }

  /** Makes an aside, in whichever window, a session that stays. */
  #keep(record: SessionRecord): void {
    if (!isAside(record)) return;
    const { id } = record;
    const live = this.get(id);
    if (live) live.promote();
    else this.records.detach(this.records.change([id], keptRecord), 'An aside could not be kept');
  }

  /** What is left of the session that was open last: an aside goes with its window, so that what it was asked beside is. */
  #leftOf({ id, lineage }: SessionRecord): SessionRecord | undefined {
    const record = this.records.all.get(id);
    return record || lineage === null ? record : this.#recordOf(lineage.parent);
  }

  /** Ends a session of this window. What is kept of it stays. */
  async #close(id: string): Promise<void> {
    const live = this.#live.get(id);
    if (!live) return;
    await live.session.endProcess();
    this.#live.delete(id);
    this.records.unfollow(id);
    if (this.#open === live.session) this.#open = null;
    this.#owned.release(live.owned);
    this.#changed.fire(id);
  }

  /** Takes out asides that a window left which was closed or killed; those of a window that lives are its own. */
  async #purgeAsides(folders: readonly string[]): Promise<void> {
    for (const { id, folder, lineage } of this.records.all.values()) {
      if (!isAside({ lineage }) || !folders.includes(folder) || this.get(id)) continue;
      const owned = new DisposableStore();
      try {
        if (await this.#lease(id, owned)) await this.delete([id], true);
      } catch (error) {
        this.#services.logger.error('An aside that was left could not be taken out', error);
      } finally {
        owned.dispose();
      }
    }
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
