import { noUsage, type TokenUsage, type TurnOutcome, type TurnUsage } from '../../protocol/session/events.js';
import type { Transcript } from '../../protocol/session/transcript.js';
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
