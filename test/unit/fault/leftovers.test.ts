import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JsonObject } from '../../../src/base/json.js';
import { createLauncher } from '../../../src/node/claude/launcher.js';
import { ProcessRecords } from '../../../src/node/claude/processRecords.js';
import { listProcesses } from '../../../src/node/claude/processTable.js';
import { systemProcesses, startOf } from '../../../src/node/store/processIdentity.js';
import { systemClock } from '../../../src/node/systemClock.js';
import { RecordingLogger } from '../../support/fakes/recordingLogger.js';
import type { FakeBehaviour, FakeProgram } from '../../support/fakeProgram/fakeProgram.js';
import { fakeFor } from './client.js';

const host = fileURLToPath(new URL('host.ts', import.meta.url));
const { platform } = process;

function recordsIn(folder: string): { readonly records: ProcessRecords; readonly logger: RecordingLogger } {
  const logger = new RecordingLogger();
  const processes = systemProcesses(platform);
  const records = new ProcessRecords({ folder, platform, processes, newUuid: randomUUID, clock: systemClock, logger });
  return { records, logger };
}

function files(folder: string): readonly string[] {
  return readdirSync(folder).toSorted();
}

interface Host {
  readonly process: ChildProcess;
  readonly fake: FakeProgram;
  readonly folder: string;
  /** Kills it as a crash would, and first what would have cleared up after it. */
  kill(): Promise<void>;
}

/** A window of its own whose program is in the middle of a turn. */
async function startHost(behaviour: FakeBehaviour): Promise<Host> {
  const fake = fakeFor(behaviour);
  const folder = join(fake.folder, 'processes');
  const args = [host, fake.path, JSON.stringify(fake.variables), fake.folder, 'pipe', folder];
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return {
    process: child,
    fake,
    folder,
    async kill() {
      const programs = new Set(fake.pids());
      const children = (await listProcesses(platform)).filter(({ parent }) => parent === child.pid);
      // The watchdog; without it programs outlive the window over pipes.
      for (const { pid } of children) if (!programs.has(pid) && isShell(pid)) process.kill(pid, 'SIGKILL');
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function isShell(pid: number): boolean {
  return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').startsWith('/bin/sh');
}

/** A process of ours that has nothing to do with anything. */
function bystander(): number {
  const child = spawn('sleep', ['300'], { stdio: 'ignore', detached: true });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

async function isRunning(pid: number): Promise<boolean> {
  return (await startOf(pid, platform)) !== undefined;
}

/** Changes what the one record in a folder says. */
function forge(folder: string, change: (record: JsonObject) => JsonObject): void {
  const path = join(folder, files(folder)[0] ?? '');
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as JsonObject)));
}

// What is found out of /proc here is found with `ps` on other systems, and Windows ends children with their window.
describe.skipIf(platform !== 'linux')('what a killed window left behind', () => {
  it.each<[FakeBehaviour, number]>([
    ['ignoreSigterm', 1],
    ['grandchildThenHang', 2],
    ['hangMidTurn', 1],
  ])(
    'P4 is ended by the next one, with all that it started: %s',
    async (behaviour, count) => {
      const window = await startHost(behaviour);
      await vi.waitFor(() => expect(window.fake.alive()).toHaveLength(count));
      expect(files(window.folder)).toHaveLength(1);
      const [program] = window.fake.alive();
      await window.kill();
      // One that notices the end of its input ends by itself; the others are leftovers.
      if (behaviour !== 'hangMidTurn') expect(window.fake.alive()).toHaveLength(count);
      const { records, logger } = recordsIn(window.folder);
      const reaped = await records.reap();
      if (behaviour !== 'hangMidTurn') expect(reaped).toEqual([program]);
      await vi.waitFor(() => expect(window.fake.alive()).toEqual([]), { timeout: 3000 });
      expect(files(window.folder)).toEqual([]);
      expect(logger.errors).toEqual([]);
      expect(await records.reap()).toEqual([]);
    },
    20_000,
  );

  it('P4 is ended before the next window starts its own program', async () => {
    const window = await startHost('ignoreSigterm');
    await window.kill();
    const { fake, folder } = window;
    const leftover = fake.alive();
    expect(leftover).toHaveLength(1);
    const { records, logger } = recordsIn(folder);
    const launcher = createLauncher({
      settings: () => ({ path: fake.path, environment: { FAKE_CLAUDE: 'answer' }, transport: 'pipe' }),
      isTrusted: () => true,
      environment: { PATH: process.env['PATH'], TMPDIR: fake.folder },
      home: fake.folder,
      platform,
      temporary: fake.folder,
      clock: systemClock,
      logger,
      records,
    });
    const options = { folder: fake.folder, sessionId: randomUUID(), start: { kind: 'new' }, persist: true } as const;
    const claude = await launcher.launch(options);
    expect(fake.alive().filter((pid) => leftover.includes(pid))).toEqual([]);
    await records.settled();
    expect(files(folder)).toHaveLength(1);
    expect(files(folder)[0]).toMatch(new RegExp(`^${String(claude.pid)}-`));
    await claude.stop();
    await vi.waitFor(() => expect(files(folder)).toEqual([]));
    expect(logger.errors).toEqual([]);
  }, 20_000);

  it('P4 is found by its mark where the program itself is gone', async () => {
    const window = await startHost('grandchildThenHang');
    await vi.waitFor(() => expect(window.fake.alive()).toHaveLength(2));
    const [program = 0, grandchild] = window.fake.alive();
    await window.kill();
    process.kill(program, 'SIGKILL');
    await vi.waitFor(() => expect(window.fake.alive()).toEqual([grandchild]));
    expect(await recordsIn(window.folder).records.reap()).toEqual([program]);
    await vi.waitFor(() => expect(window.fake.alive()).toEqual([]));
  }, 20_000);
});

describe.skipIf(platform !== 'linux')('what is left alone', () => {
  it('P4 is the program of another window that lives', async () => {
    const window = await startHost('ignoreSigterm');
    const { records } = recordsIn(window.folder);
    expect(await records.reap()).toEqual([]);
    expect(window.fake.alive()).toHaveLength(1);
    expect(files(window.folder)).toHaveLength(1);
  }, 20_000);

  it('P4 is this window’s own', async () => {
    const fake = fakeFor('answer');
    const { records } = recordsIn(join(fake.folder, 'processes'));
    const pid = bystander();
    const recorded = records.add(pid, 'ARBOR_PROCESS=mine');
    await records.settled();
    expect(await records.reap()).toEqual([]);
    expect(await isRunning(pid)).toBe(true);
    recorded.dispose();
    await records.settled();
    expect(files(join(fake.folder, 'processes'))).toEqual([]);
  });

  it.each<[string, (record: JsonObject) => JsonObject]>([
    ['that has the number of a leftover', (record) => ({ ...record, started: '1' })],
    ['that has the number of a leftover of an earlier start of the machine', (record) => ({ ...record, boot: 'b' })],
  ])('P4 is a process %s', async (_, change) => {
    const folder = join(fakeFor('answer').folder, 'processes');
    const { records, logger } = recordsIn(folder);
    const pid = bystander();
    const member = bystander();
    records.add(pid, `ARBOR_PROCESS=${randomUUID()}`);
    await records.settled();
    const dead = { pid: 4_000_000, started: '1' };
    forge(folder, (record) => change({ ...record, owner: dead }));
    expect(await records.reap()).toEqual([]);
    expect([await isRunning(pid), await isRunning(member)]).toEqual([true, true]);
    expect(files(folder)).toEqual([]);
    expect(logger.errors).toEqual([]);
  });

  it('P4 is a member of a group whose number was a leftover’s and is not its own any more', async () => {
    const folder = join(fakeFor('answer').folder, 'processes');
    const { records } = recordsIn(folder);
    // A group whose leader has ended: the number alone would say that it is the leftover's.
    const shell = spawn('/bin/sh', ['-c', 'sleep 300 >/dev/null 2>&1 & echo $!'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(shell, 'exit');
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const member = Number(String(line));
    onTestFinished(() => {
      process.kill(member, 'SIGKILL');
    });
    await exited;
    mkdirSync(folder, { recursive: true });
    const { host: machine } = await systemProcesses(platform).own;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const owner = { pid: 4_000_000, started: '1' };
    const record = { format: 1, pid: shell.pid, started: '1', host: machine, boot, mark: 'ARBOR_PROCESS=x', owner };
    writeFileSync(join(folder, `${String(shell.pid)}-a.json`), JSON.stringify(record));
    expect(await records.reap()).toEqual([]);
    expect(await isRunning(member)).toBe(true);
    expect(files(folder)).toEqual([]);
  });

  it('P4 is what was recorded on another machine', async () => {
    const folder = join(fakeFor('answer').folder, 'processes');
    const { records } = recordsIn(folder);
    const pid = bystander();
    records.add(pid, 'ARBOR_PROCESS=x');
    await records.settled();
    forge(folder, (record) => ({ ...record, host: 'elsewhere', owner: { pid: 4_000_000, started: '1' } }));
    expect(await records.reap()).toEqual([]);
    expect(await isRunning(pid)).toBe(true);
    expect(files(folder)).toHaveLength(1);
  });

  it('P4 is a record that is no record, which goes when it is old; no number below 2 is ever signalled', async () => {
    const folder = join(fakeFor('answer').folder, 'processes');
    mkdirSync(folder, { recursive: true });
    const { records, logger } = recordsIn(folder);
    const owner = { pid: 4_000_000, started: '1' };
    for (const [name, text] of [
      ['12-torn.json', '{"format":1,"pid":'],
      ['1-init.json', JSON.stringify({ format: 1, pid: 1, started: '1', host: '', boot: '', mark: '', owner })],
      ['13-newer.json', JSON.stringify({ format: 2, pid: 13 })],
      ['14-negative.json', JSON.stringify({ format: 1, pid: -1, started: '1', host: '', boot: '', mark: '', owner })],
      ['other.txt', 'x'],
    ] as const) {
      writeFileSync(join(folder, name), text);
    }
    expect(await records.reap()).toEqual([]);
    expect(files(folder)).toHaveLength(5);
    const old = Date.now() / 1000 - 120;
    utimesSync(join(folder, '12-torn.json'), old, old);
    expect(await records.reap()).toEqual([]);
    expect(files(folder)).not.toContain('12-torn.json');
    expect(logger.errors).toEqual([]);
  });

  it('P4 a folder that cannot be made or read keeps nothing from starting', async () => {
    const fake = fakeFor('answer');
    const folder = join(fake.folder, 'file');
    writeFileSync(folder, '');
    const { records, logger } = recordsIn(join(folder, 'processes'));
    expect(await records.reap()).toEqual([]);
    records.add(process.pid, 'ARBOR_PROCESS=x').dispose();
    await records.settled();
    expect(logger.errors).toHaveLength(1);
  });
});
