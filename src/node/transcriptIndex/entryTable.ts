import type { SessionIndexChange, SessionIndexEntry, TranscriptPlace } from '../../core/sessionIndex.js';
import type { KnownFile } from './knownFile.js';
import type { Places } from './places.js';

const none: readonly never[] = [];

/** Makes the sessions' entries of the files, and knows which of them changed. */
export class EntryTable {
  readonly #files = new Map<string, KnownFile>();
  readonly #paths = new Map<string, readonly string[]>();
  readonly #entries = new Map<string, SessionIndexEntry>();
  readonly #stale = new Set<string>();
  #places: Places | undefined;
  #sorted: readonly SessionIndexEntry[] | undefined;

  /** All files, whether they belong to a folder or not. */
  get files(): ReadonlyMap<string, KnownFile> {
    return this.#files;
  }

  /** Takes a file that is new or was read again. */
  put(file: KnownFile): void {
    this.#files.set(file.path, file);
    const paths = this.#paths.get(file.id) ?? none;
    if (!paths.includes(file.path)) this.#paths.set(file.id, [...paths, file.path]);
    this.#stale.add(file.id);
  }

  /** Forgets a file. */
  remove(path: string): void {
    const file = this.#files.get(path);
    if (!file) return;
    this.#files.delete(path);
    const others = (this.#paths.get(file.id) ?? none).filter((each) => each !== path);
    if (others.length > 0) this.#paths.set(file.id, others);
    else this.#paths.delete(file.id);
    this.#stale.add(file.id);
  }

  /** Says which folders are meant. */
  setPlaces(places: Places): void {
    if (places.key === this.#places?.key) return;
    this.#places = places;
    for (const id of this.#paths.keys()) this.#stale.add(id);
  }

  /** Brings the entries up to date with the files. @returns what is different from before */
  commit(): SessionIndexChange {
    const changed: string[] = [];
    const removed: string[] = [];
    for (const id of this.#stale) {
      const before = this.#entries.get(id);
      const entry = this.#make(id);
      if (entry) {
        this.#entries.set(id, entry);
        if (!before || JSON.stringify(before) !== JSON.stringify(entry)) changed.push(id);
      } else if (this.#entries.delete(id)) removed.push(id);
    }
    this.#stale.clear();
    if (changed.length + removed.length > 0) this.#sorted = undefined;
    return { changed, removed };
  }

  /** One session. */
  get(id: string): SessionIndexEntry | undefined {
    return this.#entries.get(id);
  }

  /** All sessions, the newest activity first. */
  sorted(): readonly SessionIndexEntry[] {
    this.#sorted ??= [...this.#entries.values()].sort(newestFirst);
    return this.#sorted;
  }

  #make(id: string): SessionIndexEntry | undefined {
    const entries: SessionIndexEntry[] = [];
    for (const path of this.#paths.get(id) ?? none) {
      const entry = this.#entryOf(path);
      if (entry) entries.push(entry);
    }
    if (entries.length < 2) return entries[0];
    const [first, ...others] = entries.sort(newestFirst);
    return first && { ...first, also: others.map(placeOf) };
  }

  #entryOf(path: string): SessionIndexEntry | undefined {
    const file = this.#files.get(path);
    if (!file?.facts) return undefined;
    const { facts, stamp } = file;
    const place = this.#places?.folderOf(file.project, facts.cwd);
    if (!place) return undefined;
    const modifiedAt = Math.floor(stamp.modifiedAt);
    return {
      id: file.id,
      folder: place.folder,
      cwd: place.cwd,
      isWorktree: place.isWorktree,
      path,
      size: stamp.size,
      modifiedAt,
      createdAt: facts.createdAt ?? modifiedAt,
      bornAt: Math.floor(stamp.bornAt),
      activeAt: facts.activeAt ?? modifiedAt,
      title: facts.title,
      titleSource: facts.titleSource,
      firstPrompt: facts.firstPrompt,
      branch: facts.branch,
      forkedFrom: facts.forkedFrom,
      origin: facts.origin,
      also: none,
    };
  }
}

function placeOf({ folder, cwd, path }: SessionIndexEntry): TranscriptPlace {
  return { folder, cwd, path };
}

function newestFirst(a: SessionIndexEntry, b: SessionIndexEntry): number {
  // Paths settle what is equally new, so that the order never depends on what was read first.
  return b.activeAt - a.activeAt || b.modifiedAt - a.modifiedAt || (a.path < b.path ? -1 : 1);
}
