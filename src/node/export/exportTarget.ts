import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { CancellationError, type CancellationToken } from '../../base/cancellation.js';
import type { ExportTarget } from '../../core/export/exporter.js';
import type { ExportPiece } from '../../core/export/sessionToExport.js';

const bufferLength = 256 * 1024;

/**
 * Files on the disk, for their owner only: a conversation is private.
 * @param newUuid names the file that is written beside the real one until it is whole
 */
export function createExportTarget(newUuid: () => string): ExportTarget {
  return {
    async write(path, pieces, token, onShare) {
      const temporary = `${path}.${newUuid()}.partial`;
      const file = await open(temporary, 'wx', 0o600);
      try {
        try {
          await writeAll(file, pieces, token, onShare);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
  };
}

async function writeAll(
  file: FileHandle,
  pieces: AsyncIterable<ExportPiece> | Iterable<ExportPiece>,
  token: CancellationToken,
  onShare: (share: number) => void,
): Promise<void> {
  let waiting = '';
  let share = 0;
  const flush = async (): Promise<void> => {
    const text = waiting;
    waiting = '';
    await file.writeFile(text);
    onShare(share);
  };
  for await (const piece of pieces) {
    if (token.isCancelled) throw new CancellationError();
    waiting += piece.text;
    share = piece.share ?? share;
    if (waiting.length >= bufferLength) await flush();
  }
  await flush();
}
