import { ArborError, type Explanation } from '../../base/errors.js';
import type { ProcessExit } from '../ports.js';

const kept = 'The conversation and everything Claude said so far are kept.';

/**
 * What it means that the program ended before it gave the turn's result.
 * @param exit how it ended
 */
export function explainExit(exit: ProcessExit): Explanation {
  const detail = exit.stderr.trim();
  const rest = { kept, actions: ['retry', 'showLog'] as const, ...(detail === '' ? {} : { detail }) };
  const next = 'Send the message again; the program is started anew.';
  if (exit.signal !== null) {
    return { code: 'processKilled', what: `Claude Code was ended from outside (${exit.signal}).`, next, ...rest };
  }
  if (exit.code === 0 || exit.code === null) {
    return { code: 'noResult', what: 'Claude Code ended without finishing its answer.', next, ...rest };
  }
  return { code: 'processExited', what: `Claude Code ended with error code ${String(exit.code)}.`, next, ...rest };
}

/**
 * What it means that the program could not be started.
 * @param error what starting it threw
 */
export function explainStart(error: unknown): Explanation {
  if (error instanceof ArborError) return error.explanation;
  return {
    code: 'programBroken',
    what: 'Claude Code could not be started.',
    kept: 'Your message is kept above.',
    next: 'Check the program in a terminal, or set its path in the settings.',
    detail: error instanceof Error ? error.message : String(error),
    actions: ['retry', 'openSettings', 'showLog'],
  };
}

/**
 * What it means that the program was silent for too long.
 * @param limitMs the limit in milliseconds
 */
export function explainInactivity(limitMs: number): Explanation {
  return {
    code: 'inactive',
    what: `Claude Code was silent for ${String(Math.round(limitMs / 1000))} seconds, so the turn was ended.`,
    kept,
    next: 'Send the message again, or raise "arbor.process.inactivitySeconds" (0 is no limit).',
    actions: ['retry', 'openSettings'],
  };
}

/**
 * Whether the program refused a new conversation because it has one of that id already.
 * @param words its own words
 */
export function isSessionInUse(words: string): boolean {
  return /session id\b.*\bis already in use/i.test(words);
}
