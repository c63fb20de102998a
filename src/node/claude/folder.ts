import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { ArborError } from '../../base/errors.js';

/**
 * Makes sure that a program can work in a folder, since a failed start does not say whether the folder or the program was at fault.
 * @param folder absolute path
 * @param look rejects when the folder may not be read; for tests, which may run as a user who may read everything
 * @throws ArborError `folderMissing` or `folderUnreadable`
 */
export async function checkFolder(folder: string, look = mayRead): Promise<void> {
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    (error: unknown) => {
      throw missing(folder, error);
    },
  );
  if (!isFolder) throw missing(folder);
  try {
    await look(folder);
  } catch (error) {
    throw new ArborError(
      {
        code: 'folderUnreadable',
        what: `The folder ${folder} cannot be read.`,
        kept: 'Your message is kept.',
        next: 'Allow yourself to read the folder, or open another one.',
        actions: ['retry', 'openFolder'],
      },
      error,
    );
  }
}

function mayRead(folder: string): Promise<void> {
  return access(folder, constants.R_OK | constants.X_OK);
}

function missing(folder: string, cause?: unknown): ArborError {
  return new ArborError(
    {
      code: 'folderMissing',
      what: `The folder ${folder} does not exist any more.`,
      kept: 'The conversation and your message are kept.',
      next: 'Bring the folder back, or open another one.',
      actions: ['retry', 'openFolder'],
    },
    cause,
  );
}
