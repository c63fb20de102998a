import type { Clock } from '../../base/clock.js';
import type { Explanation } from '../../base/errors.js';
import type { OtherProgram, ProgramRegistry } from '../ports.js';

/** Milliseconds until another program is looked for again. */
export const askAgainMs = 250;

/** A window that was closed or reloaded may still be ending its program: so long, in milliseconds, that is waited for. */
export const patienceMs = 2000;

/** A session of which it is asked who else is at it. */
export interface Searched {
  readonly id: string;
  readonly running: { readonly process: { readonly pid: number } } | null;
}

/**
 * Finds another program that works on a session. One in a terminal is told at once; any other may be about to end.
 * @param registry where to look
 * @param session the session
 * @param clock the time
 * @returns null when there is none, or none any more
 */
export async function findOther(
  registry: ProgramRegistry,
  session: Searched,
  clock: Clock,
): Promise<OtherProgram | null> {
  for (let waited = 0; ; waited += askAgainMs) {
    const others = await registry.othersOn(session.id, session.running?.process.pid ?? null);
    const other = others.find(({ isTerminal }) => isTerminal) ?? others[0] ?? null;
    if (other === null || other.isTerminal || waited >= patienceMs) return other;
    await new Promise<void>((resolve) => {
      clock.after(askAgainMs, resolve);
    });
  }
}

/** Says as a session is opened that another program is at it, too. */
export function openElsewhere(other: OtherProgram): Explanation {
  return {
    code: 'sessionInUse',
    what: `This conversation is also open in ${nameOf(other)}.`,
    kept: 'What is said there is shown here, too. Nothing was changed.',
    next: 'Close it there before you send a message here, or fork it to go on apart from it.',
  };
}

/** Says why a message was not sent: two programs in one conversation would each go on without what the other one says. */
export function notSentElsewhere(other: OtherProgram): Explanation {
  return {
    code: 'sessionInUse',
    what: `Your message was not sent: this conversation is open in ${nameOf(other)}, and what two programs add to it at a time gets lost.`,
    kept: 'Your message is kept above. The conversation goes on there, with all its messages.',
    next: 'Close it there, then try again; or fork it to go on apart from it.',
    actions: ['retry'],
  };
}

function nameOf({ isTerminal, pid }: OtherProgram): string {
  return `${isTerminal ? 'a terminal' : 'another program'} (process ${String(pid)})`;
}
