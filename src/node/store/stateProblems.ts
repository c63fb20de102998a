import { ArborError, type Explanation } from '../../base/errors.js';
import { stateVersion } from '../../protocol/state/workspaceState.js';
import type { WrittenThing } from './storageErrors.js';

/*
 * What the user is told about the workspace's state. Conversations are never at stake: they are in the program's own
 * transcripts.
 */

/** The state, for messages about writing it. */
export const stateThing: WrittenThing = {
  name: 'The state of this workspace',
  kept: 'It is kept in this window and saved with the next change that can be. The file is as it was.',
};

/**
 * The file could not be used at all.
 * @param copy where it is kept now
 * @param why what is wrong with it
 * @param inMemory whether this window still had the state
 */
export function explainUnreadable(copy: string, why: string, inMemory: boolean): Explanation {
  return {
    code: 'stateUnreadable',
    what: 'The saved state of this workspace (sessions, drafts, what was open) was damaged and could not be read.',
    kept: `The damaged file was kept as ${copy}. ${
      inMemory ? 'This window still knew the state and saved it again.' : ''
    } The conversations are safe: Claude Code keeps them in its own transcripts.`.replaceAll(/ {2,}/g, ' '),
    next: inMemory ? 'Go on as before.' : 'Arbor begins with an empty list. The kept file helps in a report.',
    detail: why,
    actions: ['showLog'],
  };
}

/**
 * Some records of the file could not be used.
 * @param copy where the whole file was copied to
 * @param lost what could not be read, and why
 */
export function explainPartly(copy: string, lost: readonly string[]): Explanation {
  return {
    code: 'stateUnreadable',
    what: `Part of the saved state of this workspace could not be read (${String(lost.length)} ${
      lost.length === 1 ? 'entry' : 'entries'
    }).`,
    kept: `Everything else is in use. The file as it was is kept as ${copy}. The conversations are safe: Claude Code keeps them in its own transcripts.`,
    next: 'Go on as before. The kept file helps in a report.',
    detail: lost.join('\n'),
    actions: ['showLog'],
  };
}

/**
 * The file was written by a newer Arbor.
 * @param path the file
 * @param version the version it names
 */
export function explainNewer(path: string, version: number): Explanation {
  return {
    code: 'stateNewer',
    what: 'The saved state of this workspace was written by a newer version of Arbor.',
    kept: 'The file stays untouched. What you do now is kept in this window only, until it is closed; conversations are kept by Claude Code itself.',
    next: 'Update Arbor, then reload the window.',
    detail: `${path} has version ${String(version)}; this Arbor knows version ${String(stateVersion)}.`,
  };
}

/** Another window did not finish writing in time. */
export function lockHeld(path: string): ArborError {
  return new ArborError({
    code: 'stateUnwritable',
    what: 'The state of this workspace could not be saved: another window is holding it and does not let go.',
    kept: stateThing.kept,
    next: 'Close the other windows on this workspace, then go on.',
    detail: path,
    actions: ['showLog'],
  });
}
