import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * The git branch that a folder is on, read from git's own files (`HEAD`, and `.git` as a file in a worktree) without
 * starting git.
 * @param folder absolute path
 * @returns the branch's name, the first seven digits of a commit where none is checked out, or null outside of git
 */
export async function readBranch(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    const head = await readHead(at);
    if (head !== null) return nameOf(head);
    if (dirname(at) === at) return null;
  }
}

async function readHead(folder: string): Promise<string | null> {
  const git = join(folder, '.git');
  const direct = await readOrNull(join(git, 'HEAD'));
  if (direct !== null) return direct;
  // In a worktree `.git` is a file that names the folder which has the HEAD.
  const link = /^gitdir: (.+)$/m.exec((await readOrNull(git)) ?? '')?.[1];
  return link === undefined ? null : await readOrNull(join(resolve(folder, link.trim()), 'HEAD'));
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
