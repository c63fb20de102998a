// Stands in for `@vscode/fs-copyfile`, which is native on macOS to clone files; the editor's git extension imports it.
import { constants as all } from 'node:fs';

export { copyFileSync } from 'node:fs';
export { copyFile, cp } from 'node:fs/promises';

/** Flags of `copyFile`. */
export const constants = {
  COPYFILE_EXCL: all.COPYFILE_EXCL,
  COPYFILE_FICLONE: all.COPYFILE_FICLONE,
  COPYFILE_FICLONE_FORCE: all.COPYFILE_FICLONE_FORCE,
};

/** Whether files on this disk can be cloned; a copy does as well. */
export function isCloneSupported(): boolean {
  return false;
}
