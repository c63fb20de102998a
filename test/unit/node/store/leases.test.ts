import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Clock } from '../../../../src/base/clock.js';
import { FileSessionLeases } from '../../../../src/node/store/leases.js';
import { FaultyFiles, keepingLogger, storeParts, temporaryFolder } from './storeParts.js';

const id = randomUUID();
let temporary: ReturnType<typeof temporaryFolder>;
let folder: string;
let windows: FileSessionLeases[];

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, 'storage');
  windows = [];
});
afterEach(() => {
  for (const window of windows) window.dispose();
  temporary.dispose();
});

function newWindow(parts: Parameters<typeof storeParts>[0] = {}, patience = 0): FileSessionLeases {
  const window = new FileSessionLeases(folder, storeParts(parts), patience);
  windows.push(window);
  return window;
}

it('S6 one window alone drives a session, until it gives it up', async () => {
  const [one, two] = [newWindow(), newWindow()];
  const lease = await one.acquire(id);
  expect(lease).not.toBeNull();
  expect(await two.acquire(id)).toBeNull();
  expect(await two.acquire(randomUUID())).not.toBeNull();
  lease?.dispose();
  lease?.dispose();
  expect(await two.acquire(id)).not.toBeNull();
});

it('S6 of windows that ask at the same time exactly one gets the session', async () => {
  for (let round = 0; round < 20; round += 1) {
    const session = randomUUID();
    const leases = await Promise.all(Array.from({ length: 6 }, () => newWindow().acquire(session)));
    expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
  }
});

it('S6 a window that is gone loses its sessions', async () => {
  mkdirSync(join(folder, 'leases'), { recursive: true });
  const parts = storeParts();
  const { host } = await parts.processes.own;
  const gone = { pid: 4_000_000, started: '1', host, token: randomUUID() };
  writeFileSync(join(folder, 'leases', `${id}.lease`), JSON.stringify(gone));
  expect(await newWindow().acquire(id)).not.toBeNull();
});

it('S6 a window that closes gives up all of its sessions at once', async () => {
  const one = newWindow();
  await one.acquire(id);
  await one.acquire(randomUUID());
  one.dispose();
  expect(readdirSync(join(folder, 'leases'))).toEqual([]);
  expect(await one.acquire(id)).toBeNull();
  expect(readdirSync(join(folder, 'leases'))).toEqual([]);
});

it('S6 a window may take its own session again; it is free when all have given it up', async () => {
  const [one, two] = [newWindow(), newWindow()];
  const leases = await Promise.all([one.acquire(id), one.acquire(id)]);
  const third = await one.acquire(id);
  leases[0]?.dispose();
  leases[1]?.dispose();
  expect(await two.acquire(id)).toBeNull();
  third?.dispose();
  expect(await two.acquire(id)).not.toBeNull();
});

it('S6 a reloaded window waits a moment for the one before it', async () => {
  const lease = await newWindow().acquire(id);
  const reloaded = newWindow({}, 10_000).acquire(id);
  lease?.dispose();
  expect(await reloaded).not.toBeNull();
});

it('S6 a lease shows other machines now and then that it is held', async () => {
  const waiting: (() => void)[] = [];
  const clock: Clock = {
    now: () => 2_000_000_000_000,
    after(_, callback) {
      waiting.push(callback);
      return { dispose: () => waiting.splice(waiting.indexOf(callback), 1) };
    },
  };
  const window = newWindow({ clock });
  await window.acquire(id);
  const file = join(folder, 'leases', `${id}.lease`);
  utimesSync(file, 1, 1);
  waiting.shift()?.();
  await expect.poll(() => statSync(file).mtimeMs).toBe(2_000_000_000_000);
  expect(waiting).toHaveLength(1);
  window.dispose();
  expect(waiting).toHaveLength(0);
});

it('S6 a session can be driven where no lease can be written, and the log says so', async () => {
  const logger = keepingLogger();
  const files = new FaultyFiles();
  files.faults.create = 'EROFS';
  const lease = await newWindow({ files, logger }).acquire(id);
  expect(lease).not.toBeNull();
  expect(logger.lines).toHaveLength(1);
  lease?.dispose();
  expect(existsSync(join(folder, 'leases', `${id}.lease`))).toBe(false);
});

it('S6 a lease says who holds it', async () => {
  await newWindow().acquire(id);
  const content: unknown = JSON.parse(readFileSync(join(folder, 'leases', `${id}.lease`), 'utf8'));
  expect(content).toMatchObject({ pid: process.pid });
});
