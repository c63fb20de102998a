import type { Clock } from '../../base/clock.js';
import { isObject, numberAt, parseJson, stringAt } from '../../base/json.js';
import { systemErrorCode, type FileSystem } from './fileSystem.js';
import type { ProcessIdentity, Processes } from './processIdentity.js';

/** A lock that this process holds. */
export interface FileLock {
  /** Gives it up. Does nothing when it was lost to another machine meanwhile. */
  release(): Promise<void>;
  /** As `release`, for when nothing is awaited any more. */
  releaseNow(): void;
  /** Shows other machines, which cannot see this process, that it is still held. */
  touch(): Promise<void>;
}

/** What file locks are made with. */
export interface FileLockParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly newUuid: () => string;
}

interface Holder extends ProcessIdentity {
  readonly token: string;
}

/** A holder whose process we cannot ask counts as gone when it has not touched its lock for so long. */
export const foreignLockMs = 60_000;
/** A lock file without content is being made right now, unless it stays so. */
const emptyLockMs = 2000;
const takeOverTries = 5;

/**
 * Takes a lock: a file that only one process can create, with the holder's number and start time in it. The lock of a
 * process that is gone is taken over, safely: a holder's file may only be removed by who holds the lock *on that
 * holder* (a second file, named by the holder's token), and only after looking again; so nobody removes a newer lock by
 * mistake, however many take over at once. The second lock can be taken over in the same way.
 * @param path the lock's file; its folder exists
 * @returns null while another process holds it
 * @throws the file system's error when the file cannot be made
 */
export async function tryLock(path: string, parts: FileLockParts): Promise<FileLock | null> {
  const token = parts.newUuid();
  const content = JSON.stringify({ ...(await parts.processes.own), token });
  for (let attempt = 0; attempt < takeOverTries; attempt += 1) {
    try {
      await parts.files.create(path, content);
      return heldLock(path, token, parts);
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
    }
    const holder = await readHolder(path, parts);
    if (holder !== undefined && !(await removeStale(path, holder, parts))) return null;
  }
  return null;
}

/**
 * Takes a lock as soon as it is free.
 * @param path the lock's file
 * @param waitMs how long to wait, in milliseconds
 * @returns null when it is still held after that time
 */
export async function waitForLock(path: string, waitMs: number, parts: FileLockParts): Promise<FileLock | null> {
  const { clock } = parts;
  const until = clock.now() + waitMs;
  for (let pause = 2; ; pause = Math.min(pause * 2, 40)) {
    const lock = await tryLock(path, parts);
    if (lock || clock.now() >= until) return lock;
    // Of several that wait, not all come back at the same time.
    const pauseMs = pause * (0.5 + Math.random());
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
  }
}

/** Whether a living process holds a lock. @param path the lock's file, which need not exist */
export async function isLocked(path: string, parts: FileLockParts): Promise<boolean> {
  const holder = await readHolder(path, parts);
  return holder !== undefined && (await isHeld(path, holder, parts));
}

/** @returns whether the way is free now; false when the holder lives or somebody else is taking over */
async function removeStale(path: string, holder: Holder, parts: FileLockParts): Promise<boolean> {
  if (await isHeld(path, holder, parts)) return false;
  const claim = await tryLock(`${path}.${holder.token}`, parts);
  if (!claim) return false;
  try {
    const now = await readHolder(path, parts);
    if (now?.token === holder.token) await parts.files.remove(path);
    return true;
  } finally {
    await claim.release();
  }
}

async function isHeld(path: string, holder: Holder, parts: FileLockParts): Promise<boolean> {
  const own = await parts.processes.own;
  const isEmpty = holder.pid === 0;
  if (!isEmpty && holder.host === own.host) return parts.processes.isRunning(holder);
  const limit = isEmpty ? emptyLockMs : foreignLockMs;
  try {
    return parts.clock.now() - (await parts.files.modifiedAt(path)) < limit;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Who holds the lock; undefined when the file is gone. Of a file without proper content the number is 0. */
async function readHolder(path: string, parts: FileLockParts): Promise<Holder | undefined> {
  try {
    const value = parseJson(await parts.files.readText(path));
    const content = isObject(value) ? value : {};
    const token = stringAt(content, 'token') ?? '';
    const pid = numberAt(content, 'pid');
    if (pid === undefined || !/^[\w-]{1,64}$/.test(token)) {
      const changed = Math.round(await parts.files.modifiedAt(path));
      return { pid: 0, started: '', host: '', token: `empty-${String(changed)}` };
    }
    return { pid, started: stringAt(content, 'started') ?? '', host: stringAt(content, 'host') ?? '', token };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function heldLock(path: string, token: string, { files, clock }: FileLockParts): FileLock {
  const isOurs = (content: string): boolean => content.includes(`"${token}"`);
  return {
    async release() {
      try {
        // A lock that cannot be read is removed all the same: kept, it would shut everybody out while this process lives.
        const content = await files.readText(path).catch(() => undefined);
        if (content === undefined || isOurs(content)) await files.remove(path);
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT') throw error;
      }
    },
    releaseNow() {
      try {
        if (isOurs(files.readTextSync(path))) files.removeSync(path);
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT') throw error;
      }
    },
    touch: () => files.touch(path, clock.now()),
  };
}
