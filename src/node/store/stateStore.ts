import { dirname, join } from 'node:path';
import { Deferred } from '../../base/deferred.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import type { Logger } from '../../base/logger.js';
import type { StateStore } from '../../core/storePorts.js';
import { emptyState, stateVersion, type WorkspaceState } from '../../protocol/state/workspaceState.js';
import { waitForLock, type FileLock, type FileLockParts } from './fileLock.js';
import { systemErrorCode } from './fileSystem.js';
import { JsonStore, NotJsonError } from './jsonStore.js';
import { decodeState, mergeStates, type DecodedState } from './stateFormat.js';
import { explainNewer, explainPartly, explainUnreadable, lockHeld, stateThing } from './stateProblems.js';
import { storageError } from './storageErrors.js';

/** What a state store is made with. */
export interface StateStoreParts extends FileLockParts {
  readonly logger: Logger;
}

/** How long a window waits for another one to finish writing. A write takes a few milliseconds. */
const lockWaitMs = 5000;

type Change = (state: WorkspaceState) => WorkspaceState;

/** What the file holds, together with what the user should know of it. */
interface Found {
  readonly state: WorkspaceState;
  readonly problem: Explanation | null;
  /** The file holds exactly this state. */
  readonly saved: boolean;
}

/**
 * The workspace's state in `state.json` of the workspace's storage folder. Every change is applied to the newest state,
 * under a lock that all windows share. Changes that come while a write is under way are written together by the next one,
 * so that a keystroke's draft costs no write of its own. What could not be saved is kept in memory and saved with the next
 * change that can be.
 */
export class WorkspaceStateStore implements StateStore, Disposable {
  readonly #path: string;
  readonly #parts: StateStoreParts;
  readonly #json: JsonStore;
  readonly #problems: Emitter<Explanation>;
  #queue: { readonly change: Change; readonly done: Deferred<void> }[] = [];
  #writing: Promise<void> | null = null;
  /** The newest state this window has read or written. */
  #last: WorkspaceState | null = null;
  /** What could not be saved: the state it is based on, and that state with the changes. */
  #unsaved: { readonly base: WorkspaceState; readonly ours: WorkspaceState } | null = null;
  /** The file is of a newer version and stays untouched; changes live in memory. */
  #newer: { readonly version: number; told: boolean } | null = null;

  /**
   * @param folder the workspace's storage folder, absolute; made when it is missing
   * @param parts what it works with
   */
  constructor(folder: string, parts: StateStoreParts) {
    this.#path = join(folder, 'state.json');
    this.#parts = parts;
    this.#json = new JsonStore(this.#path, parts.files);
    this.#problems = new Emitter((error) => {
      parts.logger.error('A listener for problems of the state failed', error);
    });
  }

  /** Problems with the file that were met, and mended, while a change was saved. Those met by `load` it returns itself. */
  get onProblem(): Event<Explanation> {
    return this.#problems.event;
  }

  async load(): Promise<{ readonly state: WorkspaceState; readonly problem: Explanation | null }> {
    try {
      await this.#makeFolder();
      const peeked = await this.#peek();
      const found = peeked.kind === 'good' ? keep(peeked.state) : await this.#locked(() => this.#read());
      if (this.#newer) this.#newer.told = true;
      return { state: this.#current(found.state), problem: found.problem };
    } catch (error) {
      const { explanation } = this.#asArborError(error);
      this.#parts.logger.error('The state could not be loaded', error);
      return { state: this.#current(emptyState()), problem: explanation };
    }
  }

  update(change: Change): Promise<void> {
    const done = new Deferred<void>();
    this.#queue.push({ change, done });
    this.#writing ??= this.#writeAll();
    return done.promise;
  }

  /** Resolves when nothing waits to be written any more, whether it could be written or not. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  dispose(): void {
    this.#problems.dispose();
  }

  async #writeAll(): Promise<void> {
    // Changes that are made in one go, one after the other, are one batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      const changes = new Changes(batch);
      try {
        await this.#save(changes);
        changes.settle(null);
      } catch (error) {
        const failure = this.#asArborError(error);
        this.#parts.logger.error('The state could not be saved', error);
        changes.settle(failure);
      }
    }
    this.#writing = null;
  }

  async #save(changes: Changes): Promise<void> {
    try {
      await this.#locked(async () => {
        const found = await this.#read();
        const base = found.state;
        const ours = changes.apply(this.#unsaved ? mergeStates(this.#unsaved.base, this.#unsaved.ours, base) : base);
        this.#unsaved = { base, ours };
        if (this.#newer) return;
        if (ours !== base || !found.saved) await this.#json.write(ours);
        this.#last = ours;
        this.#unsaved = null;
        if (found.problem) this.#problems.fire(found.problem);
      });
    } catch (error) {
      this.#keepInMemory(changes);
      throw error;
    }
    if (this.#newer?.told === false) {
      this.#newer.told = true;
      throw new ArborError(explainNewer(this.#path, this.#newer.version));
    }
  }

  /** For when not even the newest state could be read: the changes go on top of the last one we know. */
  #keepInMemory(changes: Changes): void {
    if (changes.applied) return;
    const base = this.#unsaved?.base ?? this.#last ?? emptyState();
    this.#unsaved = { base, ours: changes.apply(this.#unsaved?.ours ?? base) };
  }

  #current(saved: WorkspaceState): WorkspaceState {
    if (this.#unsaved) return mergeStates(this.#unsaved.base, this.#unsaved.ours, saved);
    this.#last = saved;
    return saved;
  }

  /** Reads the file under the lock. One that cannot be used is set aside, so that nothing of it is ever overwritten. */
  async #read(): Promise<Found> {
    const { logger } = this.#parts;
    const decoded = await this.#peek();
    // What this window last saw is worth more than nothing when the file has gone or broken meanwhile.
    const instead = this.#last ?? emptyState();
    this.#newer = decoded.kind === 'newer' ? (this.#newer ?? { version: decoded.version, told: false }) : null;
    switch (decoded.kind) {
      case 'missing':
        return { state: instead, problem: null, saved: false };
      case 'good':
        if (decoded.version === stateVersion) return keep(decoded.state);
        // What comes next writes the present version: an older Arbor could not read that.
        await this.#parts.files.copy(this.#path, `${this.#path}.v${String(decoded.version)}`);
        logger.info(`The state is brought from version ${String(decoded.version)} to ${String(stateVersion)}`);
        return { state: decoded.state, problem: null, saved: false };
      case 'newer':
        logger.warn(`The state is of version ${String(decoded.version)}, which is newer than ours`);
        return { state: emptyState(), problem: explainNewer(this.#path, decoded.version), saved: false };
      case 'partly': {
        const copy = this.#asidePath();
        await this.#parts.files.copy(this.#path, copy);
        logger.warn(`Parts of the state could not be read: ${decoded.lost.join('; ')}. A copy is in ${copy}`);
        await this.#json.write(decoded.state);
        return { ...keep(decoded.state), problem: explainPartly(copy, decoded.lost) };
      }
      case 'unreadable': {
        const copy = this.#asidePath();
        await this.#parts.files.rename(this.#path, copy);
        logger.warn(`The state could not be read: ${decoded.why}. It is kept in ${copy}`);
        return { state: instead, problem: explainUnreadable(copy, decoded.why, this.#last !== null), saved: false };
      }
    }
  }

  async #peek(): Promise<DecodedState | { readonly kind: 'missing' }> {
    try {
      const content = await this.#json.read();
      return content === null ? { kind: 'missing' } : decodeState(content);
    } catch (error) {
      if (error instanceof NotJsonError) return { kind: 'unreadable', why: error.message };
      throw error;
    }
  }

  #asidePath(): string {
    return `${this.#path}.unreadable-${new Date(this.#parts.clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const lock = await this.#lock();
    try {
      return await work();
    } finally {
      // Left behind, it is taken over once this process is gone; the write itself has succeeded or failed already.
      await lock.release().catch((error: unknown) => {
        this.#parts.logger.error('The lock of the state could not be given up', error);
      });
    }
  }

  async #lock(): Promise<FileLock> {
    const path = `${this.#path}.lock`;
    let lock: FileLock | null;
    try {
      lock = await waitForLock(path, lockWaitMs, this.#parts);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      // The folder went while the window was open.
      await this.#makeFolder();
      lock = await waitForLock(path, lockWaitMs, this.#parts);
    }
    if (!lock) throw lockHeld(path);
    return lock;
  }

  async #makeFolder(): Promise<void> {
    const folder = dirname(this.#path);
    try {
      await this.#parts.files.makeFolder(folder);
    } catch (error) {
      const code = systemErrorCode(error);
      // EEXIST: a file is where the folder should be.
      throw code === 'EEXIST' ? Object.assign(new Error(`${folder} is no folder`), { code: 'ENOTDIR' }) : error;
    }
  }

  #asArborError(error: unknown): ArborError {
    return storageError(error, stateThing, this.#path);
  }
}

function keep(state: WorkspaceState): Found {
  return { state, problem: null, saved: true };
}

/** Changes that are saved together. One that throws fails alone. */
class Changes {
  readonly #batch: readonly { readonly change: Change; readonly done: Deferred<void> }[];
  applied = false;

  constructor(batch: readonly { readonly change: Change; readonly done: Deferred<void> }[]) {
    this.#batch = batch;
  }

  apply(state: WorkspaceState): WorkspaceState {
    this.applied = true;
    let next = state;
    for (const { change, done } of this.#batch) {
      try {
        next = change(next);
      } catch (error) {
        done.reject(error);
      }
    }
    return next;
  }

  settle(failure: ArborError | null): void {
    for (const { done } of this.#batch) {
      if (failure) done.reject(failure);
      else done.resolve();
    }
  }
}
