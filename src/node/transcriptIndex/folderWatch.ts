import { watch } from 'node:fs';
import { toDisposable, type Disposable } from '../../base/disposable.js';

/** Watches a folder, but not those in it. */
export type WatchFolder = (
  folder: string,
  onEvent: (name: string | null) => void,
  onError: (error: unknown) => void,
) => Disposable;

/** The machine's own way to watch. It keeps no process alive. @throws the file system's error when it cannot */
export const watchFolder: WatchFolder = (folder, onEvent, onError) => {
  const watcher = watch(folder, { persistent: false }, (_, name) => {
    onEvent(name);
  });
  watcher.on('error', onError);
  return toDisposable(() => {
    watcher.close();
  });
};

/** What a set of watched folders tells. */
export interface FolderWatchEvents {
  /** Something in a folder has changed: the file or folder of that name, or what is not known. */
  readonly onEvent: (folder: string, name: string | null) => void;
  /** A folder cannot be watched, or cannot be any longer. */
  readonly onFailure: (folder: string, error: unknown) => void;
}

/** Watches a set of folders that changes. */
export class FolderWatch implements Disposable {
  readonly #watch: WatchFolder;
  readonly #events: FolderWatchEvents;
  readonly #watchers = new Map<string, Disposable>();
  readonly #failed = new Set<string>();
  #disposed = false;

  /** @param watch how one folder is watched */
  constructor(watch: WatchFolder, events: FolderWatchEvents) {
    this.#watch = watch;
    this.#events = events;
  }

  /** Whether each of the folders is watched. */
  get isComplete(): boolean {
    return this.#failed.size === 0;
  }

  /** Watches these folders, and no others. Those that could not be watched are tried again. */
  set(folders: ReadonlySet<string>): void {
    if (this.#disposed) return;
    for (const folder of [...this.#watchers.keys()]) if (!folders.has(folder)) this.forget(folder);
    this.#failed.clear();
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#add(folder);
  }

  /** Ends the watching of a folder, because it may have been replaced by another one of its name. */
  forget(folder: string): void {
    this.#watchers.get(folder)?.dispose();
    this.#watchers.delete(folder);
  }

  dispose(): void {
    this.#disposed = true;
    for (const folder of [...this.#watchers.keys()]) this.forget(folder);
    this.#failed.clear();
  }

  #add(folder: string): void {
    const fail = (error: unknown): void => {
      this.forget(folder);
      this.#failed.add(folder);
      this.#events.onFailure(folder, error);
    };
    try {
      const watcher = this.#watch(folder, (name) => this.#events.onEvent(folder, name), fail);
      this.#watchers.set(folder, watcher);
    } catch (error) {
      fail(error);
    }
  }
}
