import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WorkspaceStateStore } from '../../../../src/node/store/stateStore.js';
import { storeParts, temporaryFolder } from './storeParts.js';
import { stateNumber, writeForever } from './stateWriter.js';

let temporary: ReturnType<typeof temporaryFolder>;
let program: string;

beforeAll(async () => {
  temporary = temporaryFolder();
  program = join(temporary.path, 'writer.mjs');
  await build({
    stdin: {
      contents: `
        import { writeSync } from 'node:fs';
        import { WorkspaceStateStore } from '../../../../src/node/store/stateStore.js';
        import { storeParts } from './storeParts.js';
        import { ${writeForever.name} } from './stateWriter.js';
        await ${writeForever.name}(new WorkspaceStateStore(process.argv[2], storeParts()), (n) => writeSync(1, n + '\\n'));`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
});
afterAll(() => {
  temporary.dispose();
});

/**
 * Starts a process that writes one state after the other, and kills it.
 * @param folder where it writes
 * @param delayMs how long after its first write
 * @returns the number of the last state that it had been told was written
 */
async function writeAndKill(folder: string, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  let last = 0;
  const ended = once(child, 'close');
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (last === 0) setTimeout(() => child.kill('SIGKILL'), delayMs);
    last = Number(line);
  });
  expect(await ended).toEqual([null, 'SIGKILL']);
  return last;
}

/** As many windows' lives, one after the other, each on the state that the one before left. @returns how many broke off a write */
async function dieAgainAndAgain(folder: string, times: number): Promise<number> {
  let brokenOff = 0;
  for (let round = 0; round < times; round += 1) {
    const told = await writeAndKill(folder, Math.random() * 8);
    if (existsSync(join(folder, 'state.json.tmp'))) brokenOff += 1;
    const { state, problem } = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(problem).toBeNull();
    // It may have died between the write and its word of it.
    expect([told, told + 1]).toContain(stateNumber(state));
  }
  return brokenOff;
}

it('S6 a window killed at any instant, 320 times, leaves the last state or the one before', async () => {
  const folders = ['a', 'b', 'c', 'd'].map((name) => join(temporary.path, name));
  const brokenOff = await Promise.all(folders.map((folder) => dieAgainAndAgain(folder, 80)));
  // Were they all killed between two writes, nothing would be shown.
  expect(brokenOff.reduce((sum, count) => sum + count)).toBeGreaterThan(20);
}, 240_000);

it('S6 windows on one workspace that are killed while they write neither break the state nor shut each other out', async () => {
  const folder = join(temporary.path, 'several');
  let before = 0;
  for (let round = 0; round < 8; round += 1) {
    const told = await Promise.all([1, 2, 3].map(() => writeAndKill(folder, Math.random() * 30)));
    const { state, problem } = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(problem).toBeNull();
    const now = stateNumber(state);
    expect(now).toBeGreaterThanOrEqual(Math.max(before, ...told));
    before = now;
  }
  await new WorkspaceStateStore(folder, storeParts()).update((state) => ({ ...state, open: null }));
  // Three could have died between a lock's making and its filling, or in the taking over of another's.
  expect(readdirSync(folder).filter((name) => name.startsWith('state.json.lock')).length).toBeLessThanOrEqual(3);
}, 60_000);
