import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';

/**
 * The places of a folder in all worktrees of its git repository, the main one included and the folder itself left out.
 * Read from git's own files: `.git` (a folder, or in a worktree a file that names one), `commondir` and
 * `worktrees/<name>/gitdir`; see gitrepository-layout(5). Worktrees that are gone are named as well, because their
 * sessions are still there. What cannot be read counts as not there.
 * @param folder absolute path with symbolic links resolved
 */
export async function worktreesOf(folder: string): Promise<readonly string[]> {
  const repository = await findRepository(folder);
  if (!repository) return [];
  const { root, gitFolder } = repository;
  const common = await commonFolder(gitFolder);
  const roots = new Set<string>();
  if (basename(common) === '.git') roots.add(dirname(common));
  for (const name of await namesIn(join(common, 'worktrees'))) {
    const entry = join(common, 'worktrees', name);
    const link = await firstLine(join(entry, 'gitdir'));
    // Since git 2.48 it can be relative to the file that it stands in.
    if (link !== undefined) roots.add(dirname(isAbsolute(link) ? link : resolve(entry, link)));
  }
  roots.delete(root);
  const inside = relative(root, folder);
  return [...roots].map((each) => join(each, inside));
}

interface Repository {
  /** The worktree's uppermost folder. */
  readonly root: string;
  readonly gitFolder: string;
}

async function findRepository(folder: string): Promise<Repository | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const git = join(at, '.git');
    const link = await linkIn(git);
    if (link !== undefined) return { root: at, gitFolder: resolve(at, link) };
    if (await isFolder(git)) return { root: at, gitFolder: git };
    // A repository without a worktree of its own has these files at the top.
    if (at === folder && (await isFolder(join(at, 'worktrees'))) && (await firstLine(join(at, 'HEAD'))) !== undefined) {
      return { root: at, gitFolder: at };
    }
    if (dirname(at) === at) return undefined;
  }
}

async function commonFolder(gitFolder: string): Promise<string> {
  const common = await firstLine(join(gitFolder, 'commondir'));
  return common === undefined ? gitFolder : resolve(gitFolder, common);
}

async function linkIn(file: string): Promise<string | undefined> {
  return /^gitdir: (.+)$/.exec((await firstLine(file)) ?? '')?.[1];
}

async function firstLine(file: string): Promise<string | undefined> {
  try {
    const line = (await readFile(file, 'utf8')).split('\n')[0]?.trim();
    return line === '' ? undefined : line;
  } catch {
    return undefined;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
