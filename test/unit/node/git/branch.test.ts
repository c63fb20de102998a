import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readGitPlace } from '../../../../src/node/git/branch.js';

const run = promisify(execFile);

async function folder(): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'arbor-git-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** Runs git with nothing of its caller's settings. */
async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' },
  };
  return (await run('git', [...args], { cwd, env })).stdout.trim();
}

/** A repository with one commit on `main`. */
async function repository(): Promise<string> {
  const at = join(await folder(), 'main');
  await mkdir(at);
  await git(at, 'init', '-q', '-b', 'main');
  await git(at, 'commit', '-q', '--allow-empty', '-m', 'First');
  return at;
}

describe('Where a folder is in git', () => {
  it('S9 is its branch, also from a folder further down', async () => {
    const at = await repository();
    const place = { branch: 'main', worktree: null, head: join(at, '.git/HEAD') };
    expect(await readGitPlace(at)).toEqual(place);
    await mkdir(join(at, 'deep/er'), { recursive: true });
    expect(await readGitPlace(join(at, 'deep/er'))).toEqual(place);
    await git(at, 'checkout', '-q', '-b', 'feature/one');
    expect(await readGitPlace(at)).toMatchObject({ branch: 'feature/one' });
  });

  it('S9 is the beginning of the commit where no branch is checked out', async () => {
    const at = await repository();
    const commit = await git(at, 'rev-parse', 'HEAD');
    await git(at, 'checkout', '-q', '--detach');
    expect(await readGitPlace(at)).toMatchObject({ branch: commit.slice(0, 7), worktree: null });
  });

  it('S9 is the worktree, what it is one of, and where its branch is written', async () => {
    const at = await repository();
    const tree = join(at, '../beside');
    await git(at, 'worktree', 'add', '-q', '-b', 'side', tree);
    await mkdir(join(tree, 'src'));
    for (const each of [tree, join(tree, 'src')]) {
      expect(await readGitPlace(each)).toEqual({
        branch: 'side',
        worktree: { name: 'beside', repository: at },
        head: join(at, '.git/worktrees/beside/HEAD'),
      });
    }
  });

  it('S9 is no worktree in a submodule, which has a repository of its own', async () => {
    const [outer, inner] = [await repository(), await repository()];
    await git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
    expect(await readGitPlace(join(outer, 'sub'))).toMatchObject({ branch: 'main', worktree: null });
  });

  it('S9 is nothing outside of git, or where the files say nothing', async () => {
    const at = await folder();
    expect(await readGitPlace(at)).toBeNull();
    await writeFile(join(at, '.git'), 'gitdir: /nowhere/at/all\n');
    expect(await readGitPlace(at)).toBeNull();
    await rm(join(at, '.git'));
    await mkdir(join(at, '.git'));
    await writeFile(join(at, '.git/HEAD'), 'garbage\n');
    expect(await readGitPlace(at)).toMatchObject({ branch: null, worktree: null });
  });
});
