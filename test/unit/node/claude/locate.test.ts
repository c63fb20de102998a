import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArborError } from '../../../../src/base/errors.js';
import { silentLogger } from '../../../../src/base/logger.js';
import { environmentFor, ProgramLocator } from '../../../../src/node/claude/locate.js';
import { formatVersion, isOlder, minimumVersion, parseVersion } from '../../../../src/node/claude/version.js';

let home = '';
let locator: ProgramLocator;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'arbor-locate-'));
  locator = new ProgramLocator({ platform: 'linux', home, versionLimit: 1_000, logger: silentLogger });
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Writes an executable script that counts its runs. @returns its path */
function install(path: string, body = 'echo "2.1.329 (Claude Code)"'): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho run >> ${home}/runs\n${body}\n`, { mode: 0o755 });
  return file;
}

function runs(): number {
  return readFileSync(join(home, 'runs'), 'utf8').split('run').length - 1;
}

function locate(setting?: string, environment: Record<string, string> = { PATH: '' }) {
  return locator.locate({ setting, environment });
}

async function failure(work: Promise<unknown>): Promise<ArborError> {
  const error: unknown = await work.then(
    () => new Error('It did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ArborError)) throw error;
  expect(error.explanation.kept).toMatch(/kept/);
  expect(error.explanation.next).toMatch(/\w/);
  expect(error.explanation.actions).toContain('openSettings');
  return error;
}

describe('versions', () => {
  it('P1 are read from what the program prints', () => {
    expect(parseVersion('2.1.329 (Claude Code)\n')).toEqual([2, 1, 329]);
    expect(parseVersion('a notice\n3.0.0-beta.1 (Claude Code)')).toEqual([3, 0, 0]);
    for (const text of ['', 'Claude Code', '2.1', 'x2.1.3']) expect(parseVersion(text)).toBeUndefined();
    expect(formatVersion([2, 1, 3])).toBe('2.1.3');
  });

  it('P1 are compared by their parts', () => {
    expect(isOlder([2, 1, 99], [2, 1, 100])).toBe(true);
    expect(isOlder([2, 1, 100], [2, 1, 100])).toBe(false);
    expect(isOlder([3, 0, 0], [2, 9, 9])).toBe(false);
    expect(isOlder(minimumVersion, [2, 1, 329])).toBe(true);
  });
});

describe('finding the program', () => {
  it('P1 takes the setting and nothing else', async () => {
    install('.local/bin/claude');
    const own = install('own/claude', 'echo 2.1.300');
    expect(await locate(own)).toMatchObject({ file: own, args: [], version: [2, 1, 300] });
    expect(await locate('~/own/claude')).toMatchObject({ file: own });
    for (const bad of [join(home, 'nowhere'), 'claude', './claude']) {
      const error = await failure(locate(bad));
      expect(error.code).toBe('programNotFound');
      expect(error.explanation.what).toContain('arbor.claude.path');
    }
    expect((await failure(locate(home))).code).toBe('programNotExecutable');
  });

  it('P1 takes the first usual place that works', async () => {
    const onPath = install('bin/claude');
    const environment = { PATH: join(home, 'bin') };
    expect(await locate(undefined, environment)).toMatchObject({ file: onPath });
    const native = install('.local/bin/claude');
    expect(await locate('  ', environment)).toMatchObject({ file: native });
    install('.local/bin/claude', 'exit 1');
    expect(await locate(undefined, environment)).toMatchObject({ file: onPath });
    install('.local/bin/claude', 'echo 1.0.0');
    expect(await locate(undefined, environment)).toMatchObject({ file: onPath });
    chmodSync(native, 0o644);
    expect(await locate(undefined, environment)).toMatchObject({ file: onPath });
  });

  it('P1 resolves symlinks, and a folder or a dangling link is not the program', async () => {
    const real = install('share/claude/versions/2.1.329');
    mkdirSync(join(home, '.local/bin'), { recursive: true });
    symlinkSync(real, join(home, '.local/bin/claude'));
    expect(await locate()).toMatchObject({ file: real });
    rmSync(real);
    expect((await failure(locate())).code).toBe('programNotFound');
    rmSync(join(home, '.local/bin/claude'));
    mkdirSync(join(home, '.local/bin/claude'));
    expect((await failure(locate())).code).toBe('programNotFound');
  });

  it('P1 says where it looked when there is none', async () => {
    const error = await failure(locate(undefined, { PATH: join(home, 'bin') }));
    expect(error.code).toBe('programNotFound');
    expect(error.explanation.actions).toContain('installProgram');
    expect(error.explanation.detail).toContain(join(home, '.local/bin/claude'));
    expect(error.explanation.detail).toContain(join(home, 'bin/claude'));
  });

  it('P1 says what is wrong with the one there is', async () => {
    const file = install('.local/bin/claude', 'echo "1.0.128 (Claude Code)"');
    const old = await failure(locate());
    expect(old.code).toBe('programTooOld');
    expect(old.explanation.what).toContain('1.0.128');
    expect(old.explanation.what).toContain(formatVersion(minimumVersion));

    install('.local/bin/claude', 'echo "library missing" >&2; exit 127');
    const broken = await failure(locate());
    expect(broken.code).toBe('programBroken');
    expect(broken.explanation.detail).toContain('library missing');

    install('.local/bin/claude', 'echo hello');
    expect((await failure(locate())).explanation).toMatchObject({ code: 'programBroken', detail: 'hello' });

    install('.local/bin/claude', 'kill -SEGV $$');
    expect((await failure(locate())).code).toBe('programBroken');

    writeFileSync(file, '\u007fELF not really');
    chmodSync(file, 0o755);
    expect((await failure(locate())).code).toBe('programBroken');

    chmodSync(file, 0o644);
    expect((await failure(locate())).code).toBe('programNotExecutable');
  });

  it('P1 does not wait longer than it may for the version', async () => {
    // The shell is killed and its sleeper too, which would hold the output open.
    install('.local/bin/claude', '/bin/sleep 30');
    const begin = performance.now();
    const error = await failure(locate());
    expect(error.code).toBe('programBroken');
    expect(error.explanation.what).toContain('within 1 s');
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it('P1 reads the version once per file, also when asked at the same time, and again when the file changed', async () => {
    const file = install('.local/bin/claude');
    await Promise.all([locate(), locate(), locate()]);
    await locate();
    expect(runs()).toBe(1);
    utimesSync(file, 1, 1);
    await locate();
    expect(runs()).toBe(2);
  });

  it('P1 asks again after a failure', async () => {
    install('.local/bin/claude', `test -e ${home}/repaired || exit 1; echo 2.1.329`);
    expect((await failure(locate())).code).toBe('programBroken');
    writeFileSync(join(home, 'repaired'), '');
    expect(await locate()).toMatchObject({ version: [2, 1, 329] });
  });

  it('P1 finds the interpreter of a script that is installed beside it', async () => {
    const file = install('.nvm/versions/node/v22.0.0/bin/claude');
    writeFileSync(file, '#!/usr/bin/env arbor-interpreter\n');
    install('.nvm/versions/node/v22.0.0/bin/arbor-interpreter');
    const environment = { PATH: '/usr/bin:/bin' };
    const program = await locate(undefined, environment);
    expect(program.version).toEqual([2, 1, 329]);
    expect(environmentFor(program, environment)).toEqual({ PATH: `/usr/bin:/bin:${dirname(file)}` });
  });
});
