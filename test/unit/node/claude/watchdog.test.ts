import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLogger } from '../../../../src/base/logger.js';
import { Watchdog } from '../../../../src/node/claude/watchdog.js';

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A process that sleeps, in a group of its own. */
function sleeper() {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { pid: child.pid ?? 0, exited: once(child, 'exit') };
}

// That it ends programs when its own starter is killed is tested in the fault suite.
describe.skipIf(process.platform === 'win32')('the watchdog', () => {
  it('P4 lives as long as there is something to watch, and ends nothing that was unwatched', async () => {
    const watchdog = new Watchdog(silentLogger);
    expect(watchdog.pid).toBeUndefined();
    const [first, second] = [sleeper(), sleeper()];
    const watches = [watchdog.watch(first.pid), watchdog.watch(second.pid)];
    const { pid } = watchdog;
    expect(isAlive(pid)).toBe(true);
    watches[0]?.dispose();
    expect(watchdog.pid).toBe(pid);
    watches[1]?.dispose();
    expect(watchdog.pid).toBeUndefined();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
    expect([first, second].map((one) => isAlive(one.pid))).toEqual([true, true]);
  });

  it('P4 ends what is still watched when it is disposed, and nothing else', async () => {
    const [kept, ended, gone] = [sleeper(), sleeper(), sleeper()];
    const watchdog = new Watchdog(silentLogger);
    const unwatched = watchdog.watch(kept.pid);
    watchdog.watch(gone.pid);
    watchdog.watch(ended.pid);
    unwatched.dispose();
    watchdog.dispose();
    expect(await ended.exited).toEqual([null, 'SIGTERM']);
    expect(await gone.exited).toEqual([null, 'SIGTERM']);
    expect(isAlive(kept.pid)).toBe(true);
  });

  it('P4 is started again when somebody ended it', async () => {
    const warnings: string[] = [];
    const watchdog = new Watchdog({ ...silentLogger, warn: (message) => warnings.push(message) });
    const [first, second] = [sleeper(), sleeper()];
    watchdog.watch(first.pid);
    process.kill(watchdog.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(watchdog.pid).toBeUndefined());
    expect(warnings).toHaveLength(1);
    watchdog.watch(second.pid);
    watchdog.dispose();
    expect(await first.exited).toEqual([null, 'SIGTERM']);
    expect(await second.exited).toEqual([null, 'SIGTERM']);
  });
});
