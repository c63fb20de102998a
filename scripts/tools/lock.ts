import { writeFile } from 'node:fs/promises';
import { lock } from 'proper-lockfile';
import { errorCode } from './toolError.js';

const staleMs = 10_000;
const pauseMs = 500;
const mostRetries = 3600;

/**
 * Runs `work` while no other process runs something under the same lock. A holder that died is noticed after ten seconds.
 * @param file the lock's file, in a folder that exists; it stays
 * @param waiting called once when another process holds the lock; waits for half an hour at most
 */
export async function withLock<T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  const release = await take(file, waiting);
  try {
    return await work();
  } finally {
    await release();
  }
}

/**
 * Takes a lock when nobody holds it.
 * @returns what gives it back; undefined when another process holds it
 */
export async function tryLock(file: string): Promise<(() => Promise<void>) | undefined> {
  await writeFile(file, '', { flag: 'a' });
  try {
    return await lock(file, { stale: staleMs, realpath: false });
  } catch (error) {
    if (errorCode(error) === 'ELOCKED') {
      return undefined;
    }
    throw error;
  }
}

async function take(file: string, waiting: () => void): Promise<() => Promise<void>> {
  const free = await tryLock(file);
  if (free) {
    return free;
  }
  waiting();
  const retries = { retries: mostRetries, factor: 1, minTimeout: pauseMs, maxTimeout: pauseMs };
  return lock(file, { stale: staleMs, realpath: false, retries });
}
