import { noUsage, type ModelUsage, type TurnOutcome, type TurnUsage } from '../../protocol/session/events.js';
import { addTokens, subtractTokens } from '../../protocol/session/transcript.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import { usageVersion, type TurnUsageEntry } from '../../protocol/usage/usageEntry.js';

/** Less than the program's own prices resolve; what is below comes from adding and subtracting floating-point numbers. */
const leastCostUsd = 1e-9;

/**
 * The line for a turn that has ended. Every turn has one, also where nothing was used: the number of turns and the time they
 * took are right only then, and add up to the session's own totals.
 * @param record the session
 * @param outcome how the turn ended
 * @param at when, in milliseconds since 1970
 */
export function turnEntry(record: SessionRecord, outcome: TurnOutcome, at: number): TurnUsageEntry {
  const { id, folder, lineage } = record;
  const { turn, usage } = outcome;
  return {
    v: usageVersion,
    at,
    turn,
    session: id,
    parent: lineage?.parent ?? null,
    folder,
    durationMs: usage.durationMs,
    models: [...modelsOf(usage)],
  };
}

/** All that was used by model, with what no model was told of under an empty name. */
function modelsOf({ tokens, costUsd, models = [] }: TurnUsage): readonly ModelUsage[] {
  const known = models.map((usage) => usage.tokens).reduce(addTokens, noUsage);
  const { input, output, cacheRead, cacheWrite } = subtractTokens(tokens, known);
  const rest = {
    input: Math.max(0, input),
    output: Math.max(0, output),
    cacheRead: Math.max(0, cacheRead),
    cacheWrite: Math.max(0, cacheWrite),
  };
  const restUsd = costUsd - models.reduce((sum, usage) => sum + usage.costUsd, 0);
  const isWhole = Object.values(rest).every((count: number) => count === 0) && restUsd < leastCostUsd;
  return isWhole ? models : [...models, { model: '', tokens: rest, costUsd: restUsd < leastCostUsd ? 0 : restUsd }];
}
