import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { Emitter, type Event } from '../../base/event.js';
import type { Logger } from '../../base/logger.js';
import { isUnused } from '../../protocol/state/workspaceState.js';
import type { Sessions } from '../session/sessions.js';
import type { SessionIndex, SessionLeases } from '../storePorts.js';
import { Families } from './families.js';
import type { DirectoryChange, SessionDirectory } from './sessionDirectory.js';
import { summarize } from './summarize.js';
import { sameSummary, type SectionFolder, type SessionSummary } from './summary.js';

/** What the directory is made of. */
export interface DirectoryParts {
  readonly sessions: Sessions;
  readonly index: SessionIndex;
  readonly leases: Pick<SessionLeases, 'heldElsewhere'>;
  /** The workspace's folders, as they are at this moment. */
  readonly folders: () => readonly SectionFolder[];
  /** Fires when folders or their branches changed. */
  readonly onFolders: Event<undefined>;
  /** Brings the chat to the front after another session was put into it. */
  readonly showChat: () => Promise<void>;
  readonly logger: Logger;
}

/**
 * All sessions of the workspace, each known from what is kept of it, from its transcript, or from both, and what runs in it
 * where it is live in this window. The records must have been loaded.
 */
export class WorkspaceDirectory implements SessionDirectory, Disposable {
  readonly #parts: DirectoryParts;
  readonly #owned = new DisposableStore();
  readonly #changed: Emitter<DirectoryChange>;
  readonly #opened: Emitter<string>;
  readonly #families: Families;
  readonly #summaries = new Map<string, SessionSummary>();
  #elsewhere: ReadonlySet<string> = new Set();
  #openId: string | null;

  readonly onChange: Event<DirectoryChange>;
  readonly onOpen: Event<string>;

  /** @param parts what it is made of */
  constructor(parts: DirectoryParts) {
    this.#parts = parts;
    const { sessions, index, logger } = parts;
    const onError = (error: unknown): void => {
      logger.error('A listener of the directory of sessions failed', error);
    };
    this.#changed = this.#owned.add(new Emitter<DirectoryChange>(onError));
    this.#opened = this.#owned.add(new Emitter<string>(onError));
    this.onChange = this.#changed.event;
    this.onOpen = this.#opened.event;
    this.#families = new Families(index);
    this.#openId = sessions.open?.id ?? null;
    for (const id of this.#ids()) this.#look(id);
    this.#listen();
  }

  get folders(): readonly SectionFolder[] {
    return this.#parts.folders();
  }

  get openId(): string | null {
    return this.#openId;
  }

  summaries(): readonly SessionSummary[] {
    return [...this.#summaries.values()];
  }

  summary(id: string): SessionSummary | undefined {
    return this.#summaries.get(id);
  }

  async open(id: string): Promise<void> {
    await this.#parts.sessions.openSession(id);
    await this.#parts.showChat();
  }

  rename(id: string, name: string): Promise<void> {
    return this.#parts.sessions.mark([id], { name, nameFrom: 'user' });
  }

  setTags(id: string, tags: readonly string[]): Promise<void> {
    return this.#parts.sessions.mark([id], { tags: [...tags] });
  }

  setStarred(ids: readonly string[], starred: boolean): Promise<void> {
    return this.#parts.sessions.mark(ids, { starred });
  }

  setArchived(ids: readonly string[], archived: boolean): Promise<void> {
    return this.#parts.sessions.mark(ids, { archived });
  }

  setUnread(ids: readonly string[], unread: boolean): Promise<void> {
    return this.#parts.sessions.mark(ids, { unread });
  }

  delete(ids: readonly string[], transcripts: boolean): Promise<void> {
    return this.#parts.sessions.delete(ids, transcripts);
  }

  async fork(id: string): Promise<void> {
    await this.#parts.sessions.fork(id, 'now');
    await this.#parts.showChat();
  }

  async stop(id: string): Promise<void> {
    await this.#parts.sessions.get(id)?.stop();
  }

  async refresh(): Promise<void> {
    await Promise.all([this.lookElsewhere(), this.#parts.index.refresh()]);
  }

  /** Looks for what other windows of the workspace have changed, and which sessions they drive. */
  async lookElsewhere(): Promise<void> {
    const { sessions, leases } = this.#parts;
    const [elsewhere] = await Promise.all([leases.heldElsewhere(), sessions.records.load()]);
    const before = this.#elsewhere;
    this.#elsewhere = elsewhere;
    this.#update([...before, ...elsewhere]);
  }

  #listen(): void {
    const { sessions, index, onFolders } = this.#parts;
    this.#owned.add(
      index.onChange((change) => {
        this.#update(this.#families.update(change));
      }),
    );
    this.#owned.add(
      sessions.records.onChange((ids) => {
        this.#update(ids);
      }),
    );
    this.#owned.add(
      sessions.onChange((id) => {
        this.#update([id]);
      }),
    );
    this.#owned.add(
      sessions.onOpen(({ id }) => {
        const before = this.#openId;
        this.#openId = id;
        // A session that was never used is shown only while the chat shows it.
        this.#update(before === null ? [id] : [before, id]);
        this.#opened.fire(id);
      }),
    );
    this.#owned.add(
      onFolders(() => {
        this.#changed.fire('all');
      }),
    );
  }

  #update(ids: Iterable<string>): void {
    const touched = new Set(ids);
    // What is known of one says which of its family is the first.
    for (const id of [...touched]) for (const other of this.#families.of(id)) touched.add(other);
    const changed = [...touched].filter((id) => this.#look(id));
    if (changed.length > 0) this.#changed.fire({ sessions: changed });
  }

  /** Looks at a session again. @returns whether it is another than before */
  #look(id: string): boolean {
    const before = this.#summaries.get(id);
    const now = this.#summarize(id);
    if (now === undefined) return this.#summaries.delete(id);
    if (before && sameSummary(before, now)) return false;
    this.#summaries.set(id, now);
    return true;
  }

  #summarize(id: string): SessionSummary | undefined {
    const { sessions, index } = this.#parts;
    const { records } = sessions;
    const live = sessions.get(id);
    const record = live?.record ?? records.all.get(id);
    const entry = index.get(id);
    if (records.isForgotten(id) && !live) return undefined;
    if (!entry && (!record || (isUnused(record) && id !== this.#openId))) return undefined;
    const isCopy = (one: string): boolean => Boolean((sessions.get(one)?.record ?? records.all.get(one))?.lineage);
    return summarize(id, {
      live,
      record,
      entry,
      copiedFrom: record?.lineage ? null : this.#families.parentOf(id, isCopy),
      folder: record?.lineage ? index.get(record.lineage.parent)?.folder : undefined,
      inUseElsewhere: !live && this.#elsewhere.has(id),
    });
  }

  *#ids(): Generator<string> {
    const { sessions, index } = this.#parts;
    for (const id of sessions.records.all.keys()) yield id;
    for (const { id } of sessions.live) yield id;
    for (const { id } of index.entries()) yield id;
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
