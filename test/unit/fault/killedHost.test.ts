import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FakeBehaviour } from '../../support/fakeProgram/fakeProgram.js';
import { fakeFor } from './client.js';

const host = fileURLToPath(new URL('host.ts', import.meta.url));

// On Windows the system ends a process's children with it.
describe.skipIf(process.platform === 'win32').each(['pipe', 'pty'] as const)(
  'a host that is killed, over %s',
  (transport) => {
    it.each<FakeBehaviour>(['ignoreSigterm', 'grandchildThenHang', 'hangMidTurn'])(
      'P4 leaves no process after 5 s: %s',
      async (behaviour) => {
        const fake = fakeFor(behaviour);
        const child = spawn(
          process.execPath,
          ['--import', 'tsx', host, fake.path, JSON.stringify(fake.variables), fake.folder, transport],
          { stdio: ['ignore', 'pipe', 'inherit'], detached: true },
        );
        onTestFinished(() => void child.kill('SIGKILL'));
        const [line] = (await once(child.stdout, 'data')) as [Buffer];
        expect(line.toString().trim()).toBe(`working over ${transport}`);
        const processes = behaviour === 'grandchildThenHang' ? 2 : 1;
        await vi.waitFor(() => expect(fake.alive()).toHaveLength(processes));
        // The whole group, so that a helper of ours in it would go as well.
        process.kill(-(child.pid ?? 0), 'SIGKILL');
        await vi.waitFor(() => expect(fake.alive()).toEqual([]), { timeout: 5_000, interval: 100 });
      },
      20_000,
    );
  },
);
