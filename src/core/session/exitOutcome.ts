import { ArborError, type Explanation } from '../../base/errors.js';
import type { ConversationStart, ProcessExit } from '../ports.js';
import type { OtherStart } from './turn.js';

/** What an outcome is made from that nobody but the user asked for; it is never shown. */
export const stopped: Explanation = { code: 'unexpected', what: 'The turn was stopped.' };

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

/** What the user is told when a conversation that the program does not have any more goes on as a new one. */
export function explainFreshStart(): Explanation {
  return {
    code: 'conversationNotFound',
    what: 'Claude Code does not have this conversation any more, so it began a new one with your message.',
    kept: 'What is shown here is kept, but Claude does not know of it.',
    next: 'Send a recap if Claude should know what it was about.',
    actions: ['sendRecap'],
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
 * How else a prompt can be delivered after a process could not begin with it: a new conversation where it does not have the
 * old one, the old one where it has it already, or the same again where it had ended before it was given the prompt. Never on
 * another error.
 * @param error what went wrong
 * @param begun how the process was told to begin
 * @param wasDead whether it was given the prompt and cannot have heard of it
 */
export function otherStart(error: Explanation, begun: ConversationStart['kind'], wasDead: boolean): OtherStart | null {
  const { code } = error;
  if (code === 'conversationNotFound') return begun === 'new' ? null : 'new';
  if (code === 'sessionInUse') return begun === 'resume' ? null : 'resume';
  return wasDead && (code === 'processExited' || code === 'processKilled' || code === 'noResult') ? 'again' : null;
}
