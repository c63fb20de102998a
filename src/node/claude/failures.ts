import { ArborError, type Explanation } from '../../base/errors.js';
import type { TransportExit } from './transport.js';

/** The program does not take input any more. */
export function inputClosed(cause?: unknown): ArborError {
  return new ArborError(
    {
      code: 'processExited',
      what: 'Claude Code does not take messages any more: its process has ended.',
      kept: 'The conversation so far is kept.',
      next: 'Send the message again; a new process goes on where this one stopped.',
      actions: ['retry'],
    },
    cause,
  );
}

/** The system refused to start the program. */
export function spawnFailed(file: string, error: unknown): ArborError {
  const code = errnoCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ArborError(
      {
        code: 'programNotFound',
        what: `Claude Code is no longer at ${file}.`,
        kept: 'Your conversations are kept.',
        next: 'Install it again, or set its path in the settings.',
        actions: ['installProgram', 'openSettings', 'retry'],
      },
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ArborError(
      {
        code: 'programNotExecutable',
        what: `Claude Code at ${file} may not be run.`,
        kept: 'Your conversations are kept.',
        next: 'Make the file executable, or set another path in the settings.',
        actions: ['openSettings', 'retry'],
      },
      error,
    );
  }
  return new ArborError(
    {
      code: 'programBroken',
      what: `Claude Code at ${file} could not be started.`,
      kept: 'Your conversations are kept.',
      next: 'Try again. If it keeps failing, install Claude Code again.',
      detail: error instanceof Error ? error.message : String(error),
      actions: ['retry', 'installProgram', 'showLog'],
    },
    error,
  );
}

/**
 * The program started but did not answer `initialize` in time.
 * @param limit the time it had, in milliseconds
 * @param stderr the end of its error output
 */
export function startTimedOut(limit: number, stderr: string): ArborError {
  return new ArborError({
    code: 'startTimeout',
    what: `Claude Code did not get ready within ${Math.round(limit / 1000)} s and was ended.`,
    kept: 'Your message is kept.',
    next: 'Try again. If it stays so, run "claude" in a terminal and see whether it asks for something.',
    ...detail(stderr),
    actions: ['retry', 'showLog'],
  });
}

/**
 * The program ended before it answered `initialize`.
 * @param exit how it ended
 * @param reason what it said itself, if it did
 * @param stderr the end of its error output
 */
export function endedBeforeReady(exit: TransportExit, reason: string | undefined, stderr: string): ArborError {
  const said = (reason ?? stderr).trim();
  const known = knownRefusals.find(({ pattern }) => pattern.test(said));
  if (known) return new ArborError({ ...known.explanation, ...detail(said) });
  const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
  return new ArborError({
    code: 'programBroken',
    what: `Claude Code ended while it was starting (${how}).`,
    kept: 'Your message is kept.',
    next: 'Try again. If it stays so, run "claude" in a terminal to see what is wrong, or install it again.',
    ...detail(said),
    actions: ['retry', 'installProgram', 'showLog'],
  });
}

/** What the program is known to say when it refuses to start, word for word as versions 2.1.200 and 2.1.329 say it. */
const knownRefusals: readonly { readonly pattern: RegExp; readonly explanation: Explanation }[] = [
  {
    pattern: /^No conversation found with session ID\b/,
    explanation: {
      code: 'conversationNotFound',
      what: 'Claude Code has no record of this conversation any more.',
      kept: 'What is shown here is kept.',
      next: 'Go on in a new session; a recap of this one can be sent along.',
      actions: ['newSession', 'sendRecap'],
    },
  },
  {
    pattern: /^No message found with message\.uuid\b/,
    explanation: {
      code: 'messageMissing',
      what: 'Claude Code does not have the message at which this fork begins any more: the conversation that it was taken from was compacted, cut or rewritten since.',
      kept: 'That conversation and your message are kept.',
      next: 'Fork that conversation again from a later message, or begin a new session.',
      actions: ['newSession'],
    },
  },
  {
    pattern: /\bSession ID \S+ is already in use\b/,
    explanation: {
      code: 'sessionInUse',
      what: 'Claude Code already has a session with this id.',
      kept: 'That session is kept as it is.',
      next: 'Open it instead of starting it anew, or start a new session.',
      actions: ['retry', 'newSession'],
    },
  },
];

function detail(text: string): { readonly detail?: string } {
  return text.trim() === '' ? {} : { detail: text.trim() };
}

/** The system's error code of a thrown value, such as `ENOENT`, or undefined. */
export function errnoCode(error: unknown): string | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return undefined;
}
