import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listProcesses, parseProcStat, parsePsLine } from '../../../../src/node/claude/processTable.js';
import { ProcessTree } from '../../../../src/node/claude/processTree.js';

describe('the process table', () => {
  it('P4 reads a process whose name holds anything', () => {
    const rest = '0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2';
    expect(parseProcStat(`42 (a) S (b) S 7 40 40 ${rest}`)).toEqual({
      pid: 42,
      parent: 7,
      group: 40,
      started: '987654',
      zombie: false,
    });
    expect(parseProcStat(`42 (x) Z 7 40 40 ${rest}`)).toMatchObject({ zombie: true });
    expect(parseProcStat('')).toBeUndefined();
    expect(parseProcStat('42 (x) S')).toBeUndefined();
  });

  it('P4 reads a line of ps', () => {
    expect(parsePsLine('  42     7    40 Ss   Sat Nov 21 08:11:07 2026   ')).toEqual({
      pid: 42,
      parent: 7,
      group: 40,
      started: 'Sat Nov 21 08:11:07 2026',
      zombie: false,
    });
    expect(parsePsLine('42 7 40 Z+ Sat Nov 21 08:11:07 2026')).toMatchObject({ zombie: true });
    expect(parsePsLine('')).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('P4 finds this process both ways', async () => {
    for (const platform of new Set([process.platform, 'darwin' as const])) {
      const own = (await listProcesses(platform)).find(({ pid }) => pid === process.pid);
      expect(own).toMatchObject({ parent: process.ppid, zombie: false });
    }
  });
});

/** A shell that starts a sleeper and prints its number; with `leave` it ends then. */
async function family(leave: boolean, setsid: boolean) {
  const script = `${setsid ? 'setsid' : ''} sleep 300 >/dev/null 2>&1 & echo $!; ${leave ? '' : 'wait'}`;
  const shell = spawn('/bin/sh', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], MARK: 'the-mark' },
  });
  const pid = shell.pid ?? 0;
  const exited = once(shell, 'exit');
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  const child = Number(String(line));
  onTestFinished(() => {
    for (const number of [pid, child]) {
      try {
        process.kill(number, 'SIGKILL');
      } catch {
        // The test ended it.
      }
    }
  });
  return { pid, child, exited };
}

async function isGone(pid: number): Promise<void> {
  await vi.waitFor(async () => {
    const entry = (await listProcesses(process.platform)).find((candidate) => candidate.pid === pid);
    expect(entry === undefined || entry.zombie).toBe(true);
  });
}

describe.skipIf(process.platform === 'win32')('a process tree', () => {
  it('P4 has the program and what it started, also outside its group', async () => {
    const { pid, child } = await family(false, process.platform === 'linux');
    const tree = new ProcessTree({ pid, platform: process.platform });
    await vi.waitFor(async () =>
      expect((await tree.members()).map((member) => member.pid).toSorted()).toEqual([pid, child].toSorted()),
    );
    await tree.signal('SIGKILL');
    await isGone(child);
    await isGone(pid);
  });

  it('P4 still has the group when the program is gone', async () => {
    const { pid, child, exited } = await family(true, false);
    const tree = new ProcessTree({ pid, platform: process.platform });
    await exited;
    expect((await tree.members()).map((member) => member.pid)).toEqual([child]);
    await tree.signal('SIGTERM');
    await isGone(child);
  });

  it('P4 still has what it once saw, when the program is gone and the group another', async () => {
    const { pid, child } = await family(false, process.platform === 'linux');
    const tree = new ProcessTree({ pid, platform: process.platform });
    await vi.waitFor(async () => expect(await tree.members()).toHaveLength(2));
    process.kill(pid, 'SIGKILL');
    await isGone(pid);
    expect((await tree.members()).map((member) => member.pid)).toEqual([child]);
    await tree.signal('SIGKILL');
    await isGone(child);
  });

  it.runIf(process.platform === 'linux')('P4 finds by its mark what it never saw', async () => {
    const { pid, child, exited } = await family(true, true);
    await exited;
    const stranger = new ProcessTree({ pid, platform: process.platform, mark: 'MARK=another' });
    await stranger.findOrphans();
    expect(await stranger.members()).toEqual([]);
    const tree = new ProcessTree({ pid, platform: process.platform, mark: 'MARK=the-mark' });
    await tree.findOrphans();
    expect((await tree.members()).map((member) => member.pid)).toEqual([child]);
    await tree.signal('SIGKILL');
    await isGone(child);
  });

  it('P4 never takes a later process with the same number for one it knew', async () => {
    const entry = (pid: number, parent: number, group: number, started: string) => ({
      ...{ pid, parent, group, started, zombie: false },
    });
    let table = [entry(10, 1, 10, 'a'), entry(11, 10, 11, 'a'), entry(12, 11, 10, 'a')];
    const tree = new ProcessTree({ pid: 10, platform: 'linux', list: () => Promise.resolve(table) });
    const numbers = async (): Promise<number[]> => (await tree.members()).map((member) => member.pid);
    expect(await numbers()).toEqual([10, 11, 12]);
    table = [entry(10, 1, 10, 'b'), entry(11, 1, 11, 'a'), entry(12, 10, 10, 'b'), entry(13, 10, 10, 'b')];
    expect(await numbers()).toEqual([11]);
    table = [];
    expect(await numbers()).toEqual([]);
    table = [entry(11, 1, 11, 'c')];
    expect(await numbers()).toEqual([]);
  });
});
