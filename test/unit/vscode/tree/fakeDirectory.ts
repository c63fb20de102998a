import { Emitter } from '../../../../src/base/event.js';
import type { DirectoryChange, SessionDirectory } from '../../../../src/core/tree/sessionDirectory.js';
import type { SectionFolder, SessionSummary } from '../../../../src/core/tree/summary.js';
import { folder } from '../../core/tree/summaries.js';

function rethrow(error: unknown): void {
  throw error;
}

/** Sessions in memory. What only the program can do is noted in `done`. */
export class FakeDirectory implements SessionDirectory {
  readonly #sessions = new Map<string, SessionSummary>();
  readonly #changed = new Emitter<DirectoryChange>(rethrow);
  readonly #opened = new Emitter<string>(rethrow);
  readonly done: string[] = [];
  readonly onChange = this.#changed.event;
  readonly onOpen = this.#opened.event;
  folders: readonly SectionFolder[] = [folder('/work/one')];
  openId: string | null = null;
  /** What the next call fails with. */
  failure: Error | null = null;

  constructor(sessions: readonly SessionSummary[]) {
    for (const session of sessions) this.#sessions.set(session.id, session);
  }

  summaries(): readonly SessionSummary[] {
    return [...this.#sessions.values()];
  }

  summary(id: string): SessionSummary | undefined {
    return this.#sessions.get(id);
  }

  /** Something happened to a session. */
  set(...sessions: readonly SessionSummary[]): void {
    for (const session of sessions) this.#sessions.set(session.id, session);
    this.#changed.fire({ sessions: sessions.map(({ id }) => id) });
  }

  /** The workspace has other folders from now on. */
  setFolders(folders: readonly SectionFolder[]): void {
    this.folders = folders;
    this.#changed.fire('all');
  }

  open(id: string): Promise<void> {
    this.openId = id;
    this.#opened.fire(id);
    return this.#note(`open ${id}`);
  }

  rename(id: string, name: string): Promise<void> {
    return this.#change([id], () => ({ name }));
  }

  setTags(id: string, tags: readonly string[]): Promise<void> {
    return this.#change([id], () => ({ tags }));
  }

  setStarred(ids: readonly string[], starred: boolean): Promise<void> {
    return this.#change(ids, () => ({ starred }));
  }

  setArchived(ids: readonly string[], archived: boolean): Promise<void> {
    return this.#change(ids, () => ({ archived }));
  }

  setUnread(ids: readonly string[], unread: boolean): Promise<void> {
    return this.#change(ids, () => ({ unread }));
  }

  delete(ids: readonly string[], transcripts: boolean): Promise<void> {
    for (const id of ids) this.#sessions.delete(id);
    this.#changed.fire({ sessions: ids });
    return this.#note(`delete ${ids.join(' ')}${transcripts ? ' with transcripts' : ''}`);
  }

  fork(id: string): Promise<void> {
    return this.#note(`fork ${id}`);
  }

  stop(id: string): Promise<void> {
    return this.#note(`stop ${id}`);
  }

  refresh(): Promise<void> {
    return this.#note('refresh');
  }

  async #note(what: string): Promise<void> {
    const { failure } = this;
    this.failure = null;
    if (failure) throw failure;
    this.done.push(what);
    return Promise.resolve();
  }

  #change(ids: readonly string[], change: () => Partial<SessionSummary>): Promise<void> {
    this.set(...this.summaries().flatMap((one) => (ids.includes(one.id) ? [{ ...one, ...change() }] : [])));
    return Promise.resolve();
  }
}
