import { readdirSync, statSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArborError, type ErrorCode } from '../../../../src/base/errors.js';
import { silentLogger, type Logger } from '../../../../src/base/logger.js';
import type { LaunchOptions } from '../../../../src/core/ports.js';
import { makeFifos } from '../../../../src/node/claude/fifo.js';
import { checkFolder } from '../../../../src/node/claude/folder.js';
import { createLauncher, type LauncherOptions } from '../../../../src/node/claude/launcher.js';
import { automaticTransport, TransportChooser } from '../../../../src/node/claude/transportChooser.js';
import { openPipeTransport } from '../../../../src/node/claude/pipeTransport.js';
import { systemClock } from '../../../../src/node/systemClock.js';
import type { FakeProgram } from '../../../support/fakeProgram/fakeProgram.js';
import { fakeFor } from '../../fault/client.js';

function launcherFor(fake: FakeProgram, more: Partial<LauncherOptions> = {}) {
  return createLauncher({
    settings: () => ({ path: fake.path, environment: fake.variables, transport: 'pipe' }),
    isTrusted: () => true,
    environment: { PATH: process.env['PATH'], TMPDIR: fake.folder },
    home: fake.folder,
    platform: process.platform,
    temporary: fake.folder,
    clock: systemClock,
    logger: silentLogger,
    ...more,
  });
}

function options(fake: FakeProgram, more: Partial<LaunchOptions> = {}): LaunchOptions {
  return { folder: fake.folder, sessionId: randomUUID(), start: { kind: 'new' }, persist: true, ...more };
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode> {
  const error: unknown = await work.then(
    () => new Error('It did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ArborError) return error.code;
  throw error;
}

describe('the launcher', () => {
  it('P9 neither reads settings nor starts anything while the workspace is not trusted', async () => {
    const fake = fakeFor('answer');
    let asked = 0;
    const launcher = launcherFor(fake, {
      isTrusted: () => false,
      settings: () => {
        asked += 1;
        return { path: fake.path, environment: fake.variables, transport: 'pipe' };
      },
    });
    expect(await codeOf(launcher.launch(options(fake)))).toBe('workspaceUntrusted');
    expect(asked).toBe(0);
    expect(fake.pids()).toEqual([]);
  });

  it('T5 says when the folder is missing, is a file, or may not be read', async () => {
    const fake = fakeFor('answer');
    const launcher = launcherFor(fake);
    const folder = join(fake.folder, 'work');
    expect(await codeOf(launcher.launch(options(fake, { folder })))).toBe('folderMissing');
    expect(await codeOf(launcher.launch(options(fake, { folder: fake.path })))).toBe('folderMissing');
    expect(await codeOf(checkFolder(fake.folder, () => Promise.reject(new Error('EACCES'))))).toBe('folderUnreadable');
    expect(fake.pids()).toEqual([]);
  });

  it('P3 starts several at a time, each for itself', async () => {
    const fake = fakeFor('answer');
    const launcher = launcherFor(fake);
    const started = await Promise.all([1, 2, 3].map(() => launcher.launch(options(fake))));
    await Promise.all(started.map((claude) => claude.ready));
    expect(new Set(started.map((claude) => claude.pid)).size).toBe(3);
    await Promise.all(started.map((claude) => claude.stop()));
    expect(fake.alive()).toEqual([]);
  });

  it('P7 gives the program the settings of its folder', async () => {
    const fake = fakeFor('crashAtStart');
    const launcher = launcherFor(fake, {
      settings: (folder) => ({
        path: fake.path,
        environment: { ...fake.variables, FAKE_CLAUDE: folder === fake.folder ? 'answer' : 'crashAtStart' },
        transport: 'pipe',
      }),
    });
    const claude = await launcher.launch(options(fake));
    expect((await claude.ready).version).toBe('2.1.329');
    await claude.stop();
  });

  it('P6 logs no prompt, no output and no variable’s value', async () => {
    const fake = fakeFor('crash');
    const logged: string[] = [];
    const log = (message: string, cause?: unknown): void => {
      logged.push(`${message} ${String(cause)}`);
    };
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const launcher = launcherFor(fake, {
      logger,
      settings: () => ({
        path: fake.path,
        environment: { ...fake.variables, ANTHROPIC_API_KEY: 'the-key' },
        transport: 'pipe',
      }),
    });
    const claude = await launcher.launch(options(fake, { appendSystemPrompt: 'the-system-prompt' }));
    await claude.send({ uuid: randomUUID(), text: 'the-prompt' });
    await claude.exited;
    expect(logged.length).toBeGreaterThan(1);
    expect(logged.join('\n')).not.toMatch(/the-key|the-prompt|the-system-prompt|Partial text|something broke/);
  });

  it.skipIf(process.platform === 'win32')('P2 keeps the named pipes from others and removes them', async () => {
    const fake = fakeFor('hangAtStart');
    const launcher = launcherFor(fake, {
      settings: () => ({ path: '/bin/sh', environment: {}, transport: 'pty' }),
    });
    const before = process.umask(0o000);
    try {
      // /bin/sh says no version: nothing is made for a program that is not started.
      expect(await codeOf(launcher.launch(options(fake)))).toBe('programBroken');
      expect(readdirSync(fake.folder).filter((name) => name.startsWith('arbor-'))).toEqual([]);
      const fifos = await makeFifos(fake.folder);
      expect(fifos.paths.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
      expect(statSync(join(fifos.paths[0], '..')).mode & 0o777).toBe(0o700);
      fifos.dispose();
    } finally {
      process.umask(before);
    }
  });
});

describe('the transport', () => {
  it('P2 falls back to pipes, and says so, where there is no pseudo-terminal', async () => {
    const warnings: string[] = [];
    const logger = {
      ...silentLogger,
      warn: (text: string) => warnings.push(text),
      error: (text: string) => warnings.push(text),
    };
    const broken = new TransportChooser({
      platform: 'linux',
      temporary: '/tmp',
      logger,
      load: () => Promise.reject(new Error('no binary')),
    });
    expect(await broken.choose('pty')).toBe(openPipeTransport);
    expect(await broken.choose('pty')).toBe(openPipeTransport);
    const windows = new TransportChooser({ platform: 'win32', temporary: '/tmp', logger });
    expect(await windows.choose('pty')).toBe(openPipeTransport);
    expect(warnings).toHaveLength(2);
  });

  it('P2 is chosen by measurement where the setting leaves it open', () => {
    expect(['linux' as const, 'darwin' as const, 'win32' as const].map(automaticTransport)).toEqual([
      'pty',
      'pipe',
      'pipe',
    ]);
  });

  it('P2 loads node-pty only for a start that wants it', async () => {
    let loads = 0;
    const chooser = new TransportChooser({
      platform: 'linux',
      temporary: '/tmp',
      logger: silentLogger,
      load: () => {
        loads += 1;
        return Promise.resolve({ spawn: () => Promise.reject(new Error('not started here')) as never });
      },
    });
    expect(await chooser.choose('pipe')).toBe(openPipeTransport);
    expect(loads).toBe(0);
    expect(await chooser.choose('pty')).not.toBe(openPipeTransport);
    await chooser.choose('pty');
    expect(loads).toBe(1);
  });
});
