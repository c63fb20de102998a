import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../../src/base/clock.js';
import { toDisposable } from '../../../../src/base/disposable.js';
import { silentLogger, type Logger } from '../../../../src/base/logger.js';
import { nodeFileSystem, type FileSystem, type ReadableFile } from '../../../../src/node/store/fileSystem.js';
import { systemProcesses } from '../../../../src/node/store/processIdentity.js';
import type { StateStoreParts } from '../../../../src/node/store/stateStore.js';
import {
  emptyState,
  newSessionRecord,
  type SessionRecord,
  type WorkspaceState,
} from '../../../../src/protocol/state/workspaceState.js';

/** The real time, with timers that keep a script alive while it waits. */
const wallClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return toDisposable(() => {
      clearTimeout(timer);
    });
  },
};

/** A clock on which waiting takes no time. */
export function leapingClock(start = 1_700_000_000_000): Clock {
  let now = start;
  return {
    now: () => now,
    after(milliseconds, callback) {
      const soon = setImmediate(() => {
        now += milliseconds;
        callback();
      });
      return toDisposable(() => {
        clearImmediate(soon);
      });
    },
  };
}

/** A folder that goes with the test. */
export function temporaryFolder(): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'arbor-store-'));
  return {
    path,
    dispose: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The parts of a store, real but for what the test replaces. */
export function storeParts(replaced: Partial<StateStoreParts> = {}): StateStoreParts {
  return {
    files: nodeFileSystem,
    clock: wallClock,
    logger: silentLogger,
    processes: systemProcesses(process.platform),
    newUuid: randomUUID,
    ...replaced,
  };
}

/** An error as Node's file system throws it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

/** A file system whose steps fail with a code while `faults` names one for them. Counts the writes that went through. */
export class FaultyFiles implements FileSystem {
  readonly faults: { [Step in keyof FileSystem]?: string | undefined } = {};
  writes = 0;
  /** Of files that were opened to read parts of them. */
  bytesRead = 0;
  /** Awaited before a file is created, read or removed, so that a test can shuffle what several do at once. */
  pause: () => Promise<void> = () => Promise.resolve();

  readonly #fail = (step: keyof FileSystem): void => {
    const code = this.faults[step];
    if (code !== undefined) throw systemError(code);
  };

  async readText(path: string): Promise<string> {
    await this.pause();
    this.#fail('readText');
    return nodeFileSystem.readText(path);
  }
  async readTail(path: string, bytes: number): Promise<{ tail: Buffer; size: number }> {
    this.#fail('readTail');
    return nodeFileSystem.readTail(path, bytes);
  }
  async openToRead(path: string): Promise<ReadableFile> {
    this.#fail('openToRead');
    const file = await nodeFileSystem.openToRead(path);
    return {
      size: file.size,
      read: async (position, bytes) => {
        const piece = await file.read(position, bytes);
        this.bytesRead += piece.length;
        return piece;
      },
      close: () => file.close(),
    };
  }
  async create(path: string, text: string): Promise<void> {
    await this.pause();
    this.#fail('create');
    await nodeFileSystem.create(path, text);
  }
  async write(path: string, text: string): Promise<void> {
    if (this.faults.write === 'ENOSPC') await nodeFileSystem.write(path, text.slice(0, text.length / 2));
    this.#fail('write');
    await nodeFileSystem.write(path, text);
    this.writes += 1;
  }
  async append(path: string, lines: string, durable: boolean): Promise<number> {
    if (this.faults.append === 'ENOSPC') await nodeFileSystem.append(path, lines.slice(0, lines.length / 2), durable);
    this.#fail('append');
    this.writes += 1;
    return nodeFileSystem.append(path, lines, durable);
  }
  async rename(from: string, to: string): Promise<void> {
    this.#fail('rename');
    await nodeFileSystem.rename(from, to);
  }
  async copy(from: string, to: string): Promise<void> {
    this.#fail('copy');
    await nodeFileSystem.copy(from, to);
  }
  async remove(path: string): Promise<void> {
    await this.pause();
    this.#fail('remove');
    await nodeFileSystem.remove(path);
  }
  async list(path: string): Promise<readonly string[]> {
    this.#fail('list');
    return nodeFileSystem.list(path);
  }
  async makeFolder(path: string): Promise<void> {
    this.#fail('makeFolder');
    await nodeFileSystem.makeFolder(path);
  }
  async modifiedAt(path: string): Promise<number> {
    this.#fail('modifiedAt');
    return nodeFileSystem.modifiedAt(path);
  }
  async touch(path: string, now: number): Promise<void> {
    this.#fail('touch');
    await nodeFileSystem.touch(path, now);
  }
  readTextSync(path: string): string {
    this.#fail('readTextSync');
    return nodeFileSystem.readTextSync(path);
  }
  removeSync(path: string): void {
    this.#fail('removeSync');
    nodeFileSystem.removeSync(path);
  }
}

/** A logger that keeps what it is told. */
export function keepingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string): void => {
    lines.push(message);
  };
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

/** A session's record. */
export function sessionRecord(name: string, change: Partial<SessionRecord> = {}): SessionRecord {
  return { ...newSessionRecord({ id: randomUUID(), folder: '/sample/folder', at: 1 }), name, ...change };
}

/** A state with these sessions. */
export function stateOf(...sessions: SessionRecord[]): WorkspaceState {
  return { ...emptyState(), sessions };
}

/** A change that adds a session. */
export function adding(record: SessionRecord): (state: WorkspaceState) => WorkspaceState {
  return (state) => ({ ...state, sessions: [...state.sessions, record] });
}

/** The names of a state's sessions. */
export function names(state: WorkspaceState): string[] {
  return state.sessions.map((record) => record.name);
}
