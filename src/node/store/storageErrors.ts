import { ArborError, type ErrorCode } from '../../base/errors.js';
import { systemErrorCode } from './fileSystem.js';

/** What a failure to write means to the user, in the words of what was being written. */
export interface WrittenThing {
  /** What it is, as the subject of a sentence: `The state of this workspace`. */
  readonly name: string;
  /** Where that leaves the user's things. */
  readonly kept: string;
}

/**
 * Turns an error of the file system into one that says what happened, what was kept and what to do.
 * @param error what was thrown; an ArborError stays as it is
 * @param thing what was being written
 * @param path the file or folder
 */
export function storageError(error: unknown, thing: WrittenThing, path: string): ArborError {
  if (error instanceof ArborError) return error;
  const code = storageErrorCode(systemErrorCode(error));
  const detail = `${path}: ${error instanceof Error ? error.message : String(error)}`;
  return new ArborError({ code, ...words(code, thing), kept: thing.kept, detail, actions: ['showLog'] }, error);
}

function storageErrorCode(code: string): ErrorCode {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'diskFull';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'storageMissing';
  return 'stateUnwritable';
}

function words(code: ErrorCode, thing: WrittenThing): { what: string; next: string } {
  if (code === 'diskFull') {
    return { what: `${thing.name} could not be saved: the disk is full.`, next: 'Make room on the disk, then go on.' };
  }
  if (code === 'storageMissing') {
    return {
      what: `${thing.name} could not be saved: its folder is missing and cannot be made.`,
      next: 'Check the folder named in the detail, then reload the window.',
    };
  }
  return {
    what: `${thing.name} could not be saved: its file cannot be written.`,
    next: 'Check who may write to the file named in the detail, then go on.',
  };
}
