import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Places } from '../../../../src/node/transcriptIndex/places.js';
import { comparablePath, projectNames } from '../../../../src/node/transcriptIndex/samePath.js';
import { worktreesOf } from '../../../../src/node/transcriptIndex/worktrees.js';
import { projectFolderName } from '../../../../src/node/transcripts/locate.js';
import { IndexStage } from './indexStage.js';

let stage: IndexStage;

beforeEach(() => {
  stage = new IndexStage();
});
afterEach(() => {
  stage.dispose();
});

function git(folder: string, ...args: readonly string[]): void {
  const env = {
    PATH: process.env['PATH'],
    HOME: stage.root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  execFileSync('git', args, { cwd: folder, env, stdio: 'pipe' });
}

/** A repository with one commit and two worktrees beside it. */
function repository(folder: string): { readonly main: string; readonly one: string; readonly two: string } {
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'first');
  const [one, two] = [join(stage.root, 'one'), join(stage.root, 'größe zwei')];
  git(folder, 'worktree', 'add', '-q', '-b', 'one', one);
  git(folder, 'worktree', 'add', '-q', '-b', 'two', two);
  return { main: folder, one, two };
}

describe('the worktrees of a folder', () => {
  it('S3 each worktree has the others, the main one included', async () => {
    const { main, one, two } = repository(stage.workspace);
    expect((await worktreesOf(main)).toSorted()).toEqual([two, one].toSorted());
    expect((await worktreesOf(one)).toSorted()).toEqual([main, two].toSorted());
  });

  it('S3 a folder inside a worktree has its places in the others', async () => {
    const { main, one, two } = repository(stage.workspace);
    expect((await worktreesOf(join(main, 'packages/a'))).toSorted()).toEqual(
      [join(two, 'packages/a'), join(one, 'packages/a')].toSorted(),
    );
  });

  it('S3 a worktree whose folder is gone is still named, since its sessions are there', async () => {
    const { main, one, two } = repository(stage.workspace);
    rmSync(one, { recursive: true });
    expect((await worktreesOf(main)).toSorted()).toEqual([two, one].toSorted());
  });

  it('S3 a repository without a worktree of its own has those that were added', async () => {
    const bare = stage.folder('bare.git');
    const { main } = repository(stage.workspace);
    git(stage.root, 'clone', '-q', '--bare', main, bare);
    const added = join(stage.root, 'added');
    git(bare, 'worktree', 'add', '-q', '-b', 'added', added);
    const more = join(stage.root, 'more');
    git(bare, 'worktree', 'add', '-q', '-b', 'more', more);
    expect(await worktreesOf(added)).toEqual([more]);
    expect((await worktreesOf(bare)).toSorted()).toEqual([added, more].toSorted());
  });

  it('S3 a folder outside of git has none', async () => {
    expect(await worktreesOf(stage.workspace)).toEqual([]);
    expect(await worktreesOf(join(stage.root, 'gone'))).toEqual([]);
  });
});

describe('which folder a session belongs to', () => {
  const rules = { platform: 'linux' } as const;

  it('S9 sessions of another folder whose project folder has the same name are left out', async () => {
    const folder = stage.folder('a/b');
    const name = projectFolderName(folder);
    const places = await Places.of([folder], rules);
    expect(places.has(name)).toBe(true);
    expect(places.folderOf(name, folder)).toEqual({ folder, cwd: folder, isWorktree: false });
    expect(places.folderOf(name, join(stage.root, 'a-b'))).toBeUndefined();
    // Moved there by the user, together with their folder.
    expect(places.folderOf(name, '/old/name')).toEqual({ folder, cwd: '/old/name', isWorktree: false });
    expect(places.folderOf(name, null)).toEqual({ folder, cwd: folder, isWorktree: false });
  });

  it('S9 two open folders of which the project folders have the same name share nothing', async () => {
    const [one, two] = [stage.folder('a/b'), stage.folder('a-b')];
    const places = await Places.of([one, two], rules);
    expect(places.folderOf(projectFolderName(one), one)?.folder).toBe(one);
    expect(places.folderOf(projectFolderName(one), two)?.folder).toBe(two);
  });

  it('S3 a folder that is opened through a link has the sessions of the real one', async () => {
    const link = join(stage.root, 'link');
    symlinkSync(stage.workspace, link);
    const places = await Places.of([link], rules);
    expect(places.folderOf(projectFolderName(stage.workspace), stage.workspace)?.folder).toBe(link);
    expect(places.folderOf(projectFolderName(link), link)?.folder).toBe(link);
  });

  it('S9 an open worktree keeps its sessions, though it is also one of another open folder', async () => {
    const { main, one, two } = repository(stage.workspace);
    const places = await Places.of([main, one], rules);
    expect(places.folderOf(projectFolderName(one), one)?.folder).toBe(one);
    expect(places.folderOf(projectFolderName(two), two)).toEqual({ folder: main, cwd: two, isWorktree: true });
  });

  it('S3 spellings of one folder are equal', () => {
    const windows = { platform: 'win32' } as const;
    const path = comparablePath('C:\\Work\\Größe', windows);
    for (const other of ['c:\\work\\größe\\', 'C:/Work/Gro\u0308ße', '\\\\?\\C:\\Work\\Größe']) {
      expect(comparablePath(other, windows)).toBe(path);
    }
    const share = comparablePath('\\\\Server\\Share\\x', windows);
    expect(comparablePath('\\\\?\\UNC\\server\\share\\x\\', windows)).toBe(share);
    expect(comparablePath('//server/share/x', windows)).toBe(share);
    expect(comparablePath('/Work/', rules)).toBe('/Work');
    expect(comparablePath('/', rules)).toBe('/');
    expect(comparablePath('/work', rules)).not.toBe(comparablePath('/Work', rules));
  });

  it('S3 the project folder is looked for under each spelling of its name', () => {
    expect(projectNames('\\\\?\\C:\\w')).toContain('C--w');
    expect(projectNames('\\\\?\\UNC\\server\\share')).toContain('--server-share');
    expect(projectNames('/w/e\u0301')).toContain('-w--');
    expect(projectNames('/w/é')).toContain('-w-e-');
  });
});
