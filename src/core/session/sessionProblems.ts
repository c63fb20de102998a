import { ArborError, type Explanation } from '../../base/errors.js';

/** A session that was asked for is gone. */
export function notFound(): ArborError {
  return new ArborError({ code: 'notFound', what: 'This session is not there any more.' });
}

/**
 * Another window drives a session.
 * @param name the session's
 * @param next what to do
 */
export function inUse(name: string, next: string): Explanation {
  return {
    code: 'sessionInUse',
    what: `The conversation “${name}” is open in another window of this workspace.`,
    kept: 'It goes on there, with all its messages.',
    next,
  };
}

/** Turns were stopped because their folder was taken out of the workspace. @param names of the sessions, at least one */
export function folderGone(names: readonly string[]): Explanation {
  const [first = ''] = names;
  const what = names.length === 1 ? `The conversation “${first}” was` : `${String(names.length)} conversations were`;
  return {
    code: 'folderMissing',
    what: `${what} stopped, because the folder was taken out of the workspace.`,
    kept: 'All messages are kept.',
    next: 'Add the folder again to go on.',
  };
}
