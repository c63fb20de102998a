import { join } from 'node:path';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import type { SessionLease, SessionLeases } from '../../core/storePorts.js';
import { foreignLockMs, isLocked, waitForLock, type FileLock, type FileLockParts } from './fileLock.js';
import { safeName } from './safeName.js';

/** What leases are made with. */
export interface LeaseParts extends FileLockParts {
  readonly logger: Logger;
}

const extension = '.lease';

/** A reloaded window may ask a moment before its predecessor has let go. */
const patienceMs = 2000;

/** A lease that is held, and by how many parts of this window. */
interface Held {
  /** Null where no file could be made. */
  readonly lock: FileLock | null;
  readonly heartbeat: Disposable;
  holders: number;
}

/**
 * A file per session, `leases/<session id>.lease` in the workspace's storage folder, held while this window drives the
 * session. A window that is gone loses its leases to whoever asks next. Within a window a session may be taken several
 * times; it is free when all have given it up. Where no file can be made (disk full, folder read-only) the lease is given
 * all the same: that a conversation goes on is worth more than that a second window is kept out of it.
 */
export class FileSessionLeases implements SessionLeases, Disposable {
  readonly #folder: string;
  readonly #parts: LeaseParts;
  readonly #patienceMs: number;
  readonly #held = new Map<string, Held>();
  readonly #asking = new Map<string, Promise<Held | null>>();
  #disposed = false;

  /**
   * @param folder the workspace's storage folder, absolute; made when it is missing
   * @param parts what it works with
   * @param patience how long to wait for a window that may be just closing, in milliseconds
   */
  constructor(folder: string, parts: LeaseParts, patience = patienceMs) {
    this.#folder = join(folder, 'leases');
    this.#parts = parts;
    this.#patienceMs = patience;
  }

  async acquire(sessionId: string): Promise<SessionLease | null> {
    const path = join(this.#folder, `${safeName(sessionId)}${extension}`);
    const held = this.#held.get(path) ?? (await this.#take(path));
    if (!held) return null;
    held.holders += 1;
    return toDisposable(() => {
      held.holders -= 1;
      if (held.holders === 0 && this.#held.get(path) === held) this.#release(path, held);
    });
  }

  async heldElsewhere(): Promise<ReadonlySet<string>> {
    const held = new Set<string>();
    for (const name of await this.#parts.files.list(this.#folder)) {
      const path = join(this.#folder, name);
      if (!name.endsWith(extension) || this.#held.has(path)) continue;
      if (await isLocked(path, this.#parts)) held.add(name.slice(0, -extension.length));
    }
    return held;
  }

  /** Gives up every session. */
  dispose(): void {
    this.#disposed = true;
    for (const [path, held] of this.#held) this.#release(path, held);
  }

  /** Of several that ask for the same session at once, one goes to the file. */
  #take(path: string): Promise<Held | null> {
    const asking =
      this.#asking.get(path) ??
      this.#lock(path).finally(() => {
        this.#asking.delete(path);
      });
    this.#asking.set(path, asking);
    return asking;
  }

  async #lock(path: string): Promise<Held | null> {
    let lock: FileLock | null = null;
    try {
      await this.#parts.files.makeFolder(this.#folder);
      lock = await waitForLock(path, this.#patienceMs, this.#parts);
      if (!lock) return null;
    } catch (error) {
      this.#parts.logger.error('A session could not be marked as in use by this window', error);
    }
    const held: Held = { lock, heartbeat: lock ? this.#beat(lock) : toDisposable(() => undefined), holders: 0 };
    this.#held.set(path, held);
    if (!this.#disposed) return held;
    this.#release(path, held);
    return null;
  }

  /** Shows windows on other machines, now and then, that the lease is held. */
  #beat(lock: FileLock): Disposable {
    let next: Disposable;
    const again = (): Disposable =>
      this.#parts.clock.after(foreignLockMs / 3, () => {
        next = again();
        lock.touch().catch((error: unknown) => {
          this.#parts.logger.warn(`A lease could not be renewed: ${String(error)}`);
        });
      });
    next = again();
    return {
      dispose: () => {
        next.dispose();
      },
    };
  }

  #release(path: string, held: Held): void {
    this.#held.delete(path);
    held.heartbeat.dispose();
    try {
      held.lock?.releaseNow();
    } catch (error) {
      // It is taken over once this process is gone.
      this.#parts.logger.warn(`A lease could not be given up: ${String(error)}`);
    }
  }
}
