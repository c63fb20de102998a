import { statfs } from 'node:fs/promises';
import { ToolError } from '../../scripts/tools/toolError.js';

/** What is left free for everybody else. */
const spareBytes = 1e9;

/**
 * Looks whether a disk has room for what is to be written.
 * @param folder on that disk
 * @param bytes how much is to be written
 * @throws ToolError when there is less than that and a gigabyte
 */
export async function needRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + spareBytes) return;
  const need = Math.ceil((bytes + spareBytes) / 1e6);
  throw new ToolError(
    `The benchmark needs ${String(need)} MB in ${folder}; only ${String(Math.floor(free / 1e6))} MB are free there. ` +
      'Make room, or set TMPDIR to a folder on a larger disk.',
  );
}
