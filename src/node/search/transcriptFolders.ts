import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { projectFolderName } from '../transcripts/locate.js';

/**
 * The folders in which the program keeps the transcripts of workspace folders; they need not exist.
 * @param configFolder the program's configuration folder, usually `~/.claude`
 * @param folders absolute paths of the workspace folders and their worktrees
 */
export function transcriptFolders(configFolder: string, folders: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    folders.map(async (folder) => {
      const real = await realpath(folder).catch(() => resolve(folder));
      return join(configFolder, 'projects', projectFolderName(real));
    }),
  );
}
