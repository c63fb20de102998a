import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tryLock, waitForLock, type FileLock } from '../../../../src/node/store/fileLock.js';
import type { Processes } from '../../../../src/node/store/processIdentity.js';
import { systemProcesses } from '../../../../src/node/store/processIdentity.js';
import { FaultyFiles, leapingClock, storeParts, temporaryFolder } from './storeParts.js';

let temporary: ReturnType<typeof temporaryFolder>;
let path: string;

beforeEach(() => {
  temporary = temporaryFolder();
  path = join(temporary.path, 'lock');
});
afterEach(() => {
  temporary.dispose();
});

/** Processes of which only those named run. */
function processes(own: number, running: readonly number[]): Processes {
  return {
    own: Promise.resolve({ pid: own, started: '1', host: 'here' }),
    isRunning: ({ pid }) => Promise.resolve(running.includes(pid)),
  };
}

function holder(content: object): void {
  writeFileSync(path, JSON.stringify({ pid: 7, started: '1', host: 'here', token: 'theirs', ...content }));
}

it('S6 a lock is held by one at a time and free after its release', async () => {
  const parts = storeParts();
  const lock = await tryLock(path, parts);
  expect(await tryLock(path, parts)).toBeNull();
  await lock?.release();
  expect(existsSync(path)).toBe(false);
  expect(await tryLock(path, parts)).not.toBeNull();
});

it('S6 of many that take over the lock of a dead process at once exactly one gets it', async () => {
  const files = new FaultyFiles();
  files.pause = async () => {
    for (let turns = Math.random() * 8; turns > 1; turns -= 1) await setImmediate();
  };
  const parts = storeParts({ files, processes: processes(1, [1]) });
  for (let round = 0; round < 60; round += 1) {
    holder({ token: `dead-${String(round)}` });
    const locks = await Promise.all(Array.from({ length: 8 }, () => tryLock(path, parts)));
    const held = locks.filter((lock): lock is FileLock => lock !== null);
    expect(held).toHaveLength(1);
    await held[0]?.release();
    expect(readdirSync(temporary.path)).toEqual([]);
  }
});

it('S6 the lock of a process that died while it took over a lock is taken over too', async () => {
  holder({ token: 'first' });
  writeFileSync(`${path}.first`, JSON.stringify({ pid: 8, started: '1', host: 'here', token: 'second' }));
  const lock = await tryLock(path, storeParts({ processes: processes(1, [1]) }));
  expect(lock).not.toBeNull();
  expect(readdirSync(temporary.path)).toEqual(['lock']);
});

it('S6 a lock is not taken from a process that runs', async () => {
  holder({});
  expect(await tryLock(path, storeParts({ processes: processes(1, [1, 7]) }))).toBeNull();
  expect(readFileSync(path, 'utf8')).toContain('theirs');
});

it('S6 a lock whose number now belongs to another process is taken over', async () => {
  const real = systemProcesses(process.platform);
  holder({ ...(await real.own), started: 'at another time' });
  expect(await tryLock(path, storeParts())).not.toBeNull();
});

it('S6 the lock of a process that was killed is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { env: {} });
  const gone = once(child, 'exit');
  const { host } = await systemProcesses(process.platform).own;
  holder({ pid: child.pid, started: '', host });
  expect(await tryLock(path, storeParts())).toBeNull();
  child.kill('SIGKILL');
  await gone;
  expect(await tryLock(path, storeParts())).not.toBeNull();
});

it('S6 the lock of another machine is respected while it is touched', async () => {
  const clock = leapingClock();
  const parts = storeParts({ clock, processes: processes(1, [1]) });
  holder({ host: 'elsewhere' });
  utimesSync(path, clock.now() / 1000, clock.now() / 1000 - 30);
  expect(await tryLock(path, parts)).toBeNull();
  utimesSync(path, clock.now() / 1000, clock.now() / 1000 - 90);
  expect(await tryLock(path, parts)).not.toBeNull();
});

it.each(['', '{', '{"pid":"many"}', '{"pid":3,"token":"../../outside"}'])(
  'S6 a lock file that was never filled (%j) stands in the way for a moment only',
  async (content) => {
    const clock = leapingClock();
    const parts = storeParts({ clock, processes: processes(1, [1]) });
    writeFileSync(path, content);
    utimesSync(path, clock.now() / 1000, clock.now() / 1000);
    expect(await tryLock(path, parts)).toBeNull();
    expect(await waitForLock(path, 5000, parts)).not.toBeNull();
  },
);

it('S6 a lock that was lost to another machine is not removed by its old holder', async () => {
  const lock = await tryLock(path, storeParts());
  holder({ host: 'elsewhere' });
  await lock?.release();
  lock?.releaseNow();
  expect(readFileSync(path, 'utf8')).toContain('elsewhere');
});
