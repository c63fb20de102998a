import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { GitPlace } from '../../core/ports.js';

/**
 * Where a folder is in git, read from git's own files without starting git: `HEAD`, `.git` as a file in a worktree, and
 * `commondir`; see gitrepository-layout(5).
 * @param folder absolute path
 * @returns null outside of git
 */
export async function readGitPlace(folder: string): Promise<GitPlace | null> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await readAt(at);
    if (found) return found;
    if (dirname(at) === at) return null;
  }
}

async function readAt(folder: string): Promise<GitPlace | null> {
  const git = join(folder, '.git');
  const direct = await readOrNull(join(git, 'HEAD'));
  if (direct !== null) return { branch: nameOf(direct), worktree: null, head: join(git, 'HEAD') };
  // In a worktree, and in a submodule, `.git` is a file that names the folder which has the HEAD.
  const link = /^gitdir: (.+)$/m.exec((await readOrNull(git)) ?? '')?.[1];
  if (link === undefined) return null;
  const gitFolder = resolve(folder, link.trim());
  const head = join(gitFolder, 'HEAD');
  const text = await readOrNull(head);
  if (text === null) return null;
  // Only a worktree shares its repository's folder with others.
  const common = (await readOrNull(join(gitFolder, 'commondir')))?.trim();
  return { branch: nameOf(text), worktree: common ? worktreeOf(folder, resolve(gitFolder, common)) : null, head };
}

function worktreeOf(folder: string, common: string): GitPlace['worktree'] {
  return { name: basename(folder), repository: basename(common) === '.git' ? dirname(common) : common };
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Missing, a folder, or not ours to read: then this is not where git keeps it.
    return null;
  }
}

function nameOf(head: string): string | null {
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
  if (branch !== undefined) return branch.trim();
  return /^[0-9a-f]{40}/.exec(head)?.[0].slice(0, 7) ?? null;
}
