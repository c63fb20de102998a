import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemErrorCode } from '../store/fileSystem.js';
import { safeName } from '../store/safeName.js';

/** A longer name is cut there, and a hash of the whole path is put behind it. */
const longestName = 200;

/**
 * The name of the folder in which the program keeps the transcripts of a workspace folder: every UTF-16 unit that is no
 * ASCII letter or digit is a dash (seen with 2.1.329: `Größe` is `Gr--e`, an emoji is two dashes).
 * @param folder absolute path with symbolic links resolved, as the program sees its working directory
 */
export function projectFolderName(folder: string): string {
  const name = folder.replaceAll(/[^a-zA-Z0-9]/g, '-');
  if (name.length <= longestName) return name;
  let hash = 0;
  for (let index = 0; index < folder.length; index += 1) hash = (Math.imul(hash, 31) + folder.charCodeAt(index)) | 0;
  return `${name.slice(0, longestName)}-${Math.abs(hash).toString(36)}`;
}

/**
 * The program's configuration folder, in which it keeps transcripts.
 * @param environment the environment that the program is started with
 * @param home the user's home folder
 */
export function configFolder(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  return environment['CLAUDE_CONFIG_DIR'] || join(environment['HOME'] || home, '.claude');
}

/**
 * Finds the transcript of a session: where the program keeps it for this folder, else in any of its project folders,
 * because a session can have been begun elsewhere (another worktree, a folder that was renamed). Of several elsewhere it is
 * the one that was changed last.
 * @param configFolder the program's configuration folder, usually `~/.claude`
 * @param folder absolute path of the workspace folder; it need not exist any more
 * @param sessionId the session
 * @returns the file's path, or undefined when there is none
 * @throws the file system's error when the program's folder cannot be read
 */
export async function locateTranscript(
  configFolder: string,
  folder: string,
  sessionId: string,
): Promise<string | undefined> {
  const projects = join(configFolder, 'projects');
  const file = `${safeName(sessionId)}.jsonl`;
  const real = await realpath(folder).catch(() => resolve(folder));
  const expected = join(projects, projectFolderName(real), file);
  if ((await changedAt(expected)) !== undefined) return expected;
  let newest: { readonly path: string; readonly at: number } | undefined;
  for (const name of await folderNames(projects)) {
    const path = join(projects, name, file);
    const at = await changedAt(path);
    if (at !== undefined && (newest === undefined || at > newest.at)) newest = { path, at };
  }
  return newest?.path;
}

/** When a file was last changed; undefined when there is no such file. */
async function changedAt(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.mtimeMs : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error))) return undefined;
    throw error;
  }
}

async function folderNames(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
