import { isObject, numberAt, objectAt, type JsonObject } from '../../../base/json.js';
import { noUsage, type ModelUsage, type TokenUsage, type TurnUsage } from '../../../protocol/session/events.js';
import { addTokens, subtractTokens } from '../../../protocol/session/transcript.js';
import { readUsage } from './usage.js';

/** Where a program's count stands. Null is not known; the next report tells it. */
export interface Counted {
  /** US dollars. */
  readonly costUsd: number | null;
  readonly models: readonly ModelUsage[] | null;
}

/** A conversation that begins. */
const nothingCounted: Counted = { costUsd: 0, models: [] };

/**
 * What each turn used. The program reports running totals of the conversation: of its cost, and of the tokens and the cost of
 * each model, those of subagents and of its own calls, such as for a summary, included (`total_cost_usd` and `modelUsage` of
 * `SDKResultMessage` in the Agent SDK). A turn's share is the difference to the report before.
 */
export class RunningTotal {
  #before: Counted = nothingCounted;

  /** Says where the count stands. */
  set(before: Counted): void {
    this.#before = before;
  }

  /** Takes the line that ends a turn. @returns what was used since the line before */
  take(line: JsonObject): TurnUsage {
    const reported = objectAt(line, 'modelUsage');
    const now = { costUsd: numberAt(line, 'total_cost_usd') ?? null, models: reported ? readModels(reported) : null };
    // Totals that went down, such as after /clear, were counted from zero again.
    const before = wentDown(this.#before, now) ? nothingCounted : this.#before;
    this.#before = { costUsd: now.costUsd ?? before.costUsd, models: now.models ?? before.models };
    const models = now.models && before.models ? difference(now.models, before.models) : [];
    return {
      // Where the models are not known, what the main conversation used: subagents are not in it.
      tokens: models.length > 0 ? totalTokens(models) : readUsage(objectAt(line, 'usage') ?? {}),
      costUsd: now.costUsd === null || before.costUsd === null ? 0 : Math.max(0, now.costUsd - before.costUsd),
      durationMs: numberAt(line, 'duration_ms') ?? 0,
      ...(models.length > 0 ? { models } : {}),
    };
  }
}

/**
 * Reads the totals of models, as `modelUsage` of a turn's end and `model_usage` of the answer to `get_usage` have them. What is
 * missing is zero.
 * @param reported by the models' names (`ModelUsage` of the Agent SDK)
 */
export function readModels(reported: JsonObject): readonly ModelUsage[] {
  return Object.entries(reported).flatMap(([model, usage]) => {
    if (!isObject(usage)) return [];
    const count = (name: string): number => Math.max(0, numberAt(usage, name) ?? 0);
    const tokens = {
      input: count('inputTokens'),
      output: count('outputTokens'),
      cacheRead: count('cacheReadInputTokens'),
      cacheWrite: count('cacheCreationInputTokens'),
    };
    return [{ model, tokens, costUsd: count('costUSD') }];
  });
}

function totalTokens(models: readonly ModelUsage[]): TokenUsage {
  return models.map(({ tokens }) => tokens).reduce(addTokens, noUsage);
}

function wentDown(before: Counted, now: Counted): boolean {
  if (before.costUsd !== null && now.costUsd !== null && now.costUsd < before.costUsd) return true;
  const { models } = now;
  if (!before.models || !models) return false;
  return before.models.some(({ model, tokens, costUsd }) => {
    const same = models.find((one) => one.model === model);
    if (!same) return true;
    return (
      same.costUsd < costUsd || Object.values(subtractTokens(same.tokens, tokens)).some((count: number) => count < 0)
    );
  });
}

/** What each model used since; those that used nothing are left out. */
function difference(now: readonly ModelUsage[], before: readonly ModelUsage[]): readonly ModelUsage[] {
  return now
    .map((usage) => {
      const then = before.find(({ model }) => model === usage.model);
      if (!then) return usage;
      const { model, tokens, costUsd } = usage;
      return { model, tokens: subtractTokens(tokens, then.tokens), costUsd: costUsd - then.costUsd };
    })
    .filter(({ tokens, costUsd }) => costUsd > 0 || Object.values(tokens).some((count: number) => count > 0));
}
