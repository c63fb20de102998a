import { noUsage, type TokenUsage, type TurnOutcome, type TurnUsage } from '../../protocol/session/events.js';
import type { Transcript } from '../../protocol/session/transcript.js';
import type { ConversationStart } from '../ports.js';
import type { Counted } from './translate/runningTotal.js';
import type { Turn } from './turn.js';

/**
 * What a turn is known to have used although nobody summed it up. What it cost is not known then, and not invented.
 * @param turn the turn
 * @param transcript the session, whose running turn may be another
 * @param now milliseconds since 1970; the clock may have been set back since the turn began
 */
export function usageSoFar(turn: Turn, transcript: Transcript, now: number): TurnUsage {
  const tokens = transcript.turn === turn.id ? transcript.turnTokens : noUsage;
  return { tokens, costUsd: 0, durationMs: Math.max(0, now - turn.startedAt) };
}

/** The outcome with the tokens that the turn's messages had reported, where the program gave none at the end. */
export function withTokens(outcome: TurnOutcome, tokens: TokenUsage): TurnOutcome {
  const given = outcome.usage.tokens;
  if (given.input + given.output + given.cacheRead + given.cacheWrite > 0) return outcome;
  return { ...outcome, usage: { ...outcome.usage, tokens } };
}

/**
 * What a new process is taken to count from while it has not said so itself.
 * @param begun how the process was told to begin
 * @param total what the session is known to have used
 * @returns null where it begins at nothing
 */
export function countedBefore(begun: ConversationStart['kind'], total: TurnUsage): Counted | null {
  switch (begun) {
    case 'new':
      return null;
    case 'resume':
      // Records of before models were kept know only what all cost.
      return { costUsd: total.costUsd, models: total.models ?? (total.costUsd > 0 ? null : []) };
    case 'fork':
      // It goes on from what its parent had used, which is not the fork's.
      return { costUsd: null, models: null };
  }
}
