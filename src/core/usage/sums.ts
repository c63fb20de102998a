import { noUsage, type TokenUsage } from '../../protocol/session/events.js';
import { addTokens } from '../../protocol/session/transcript.js';
import type { UsageEntry } from '../../protocol/usage/usageEntry.js';
import type { DayOf } from './days.js';

/** What was used. Zero where the program told nothing. */
export interface UsageSum {
  readonly tokens: TokenUsage;
  /** US dollars. */
  readonly costUsd: number;
  readonly turns: number;
  /** Milliseconds that the turns took, one after the other. */
  readonly durationMs: number;
}

/** What was used of a model; how long a turn took is not told by model. */
export type ModelSum = Pick<UsageSum, 'tokens' | 'costUsd'>;

/** Nothing was used. */
export const noSum: UsageSum = { tokens: noUsage, costUsd: 0, turns: 0, durationMs: 0 };

/** What an entry says. */
export function sumOf(entry: UsageEntry): UsageSum {
  const [first, ...others] = entry.models;
  const { tokens, costUsd } = others.reduce<ModelSum>(addModelSums, first ?? noSum);
  return { tokens, costUsd, turns: 'day' in entry ? entry.turns : 1, durationMs: entry.durationMs };
}

/** Adds two sums. */
export function addSums(a: UsageSum, b: UsageSum): UsageSum {
  // Written out: thousands of turns are added up at once, and a spread costs more than the adding.
  return {
    tokens: addTokens(a.tokens, b.tokens),
    costUsd: a.costUsd + b.costUsd,
    turns: a.turns + b.turns,
    durationMs: a.durationMs + b.durationMs,
  };
}

/** What all entries say. */
export function totalOf(entries: readonly UsageEntry[]): UsageSum {
  return entries.map(sumOf).reduce(addSums, noSum);
}

/** Sums by anything that an entry has one of, in the order in which they first occur. */
export function sumBy(entries: readonly UsageEntry[], keyOf: (entry: UsageEntry) => string): Map<string, UsageSum> {
  const sums = new Map<string, UsageSum>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const sum = sums.get(key);
    sums.set(key, sum ? addSums(sum, sumOf(entry)) : sumOf(entry));
  }
  return sums;
}

/** Sums by model; the empty name is what the program told no model of. */
export function sumByModel(entries: readonly UsageEntry[]): Map<string, ModelSum> {
  const sums = new Map<string, ModelSum>();
  for (const { models } of entries) {
    for (const usage of models) sums.set(usage.model, addModelSums(sums.get(usage.model) ?? noSum, usage));
  }
  return sums;
}

/** The day of an entry; of one that is a day's sum already, that day. */
export function dayOfEntry(entry: UsageEntry, dayOf: DayOf): string {
  return 'day' in entry ? entry.day : dayOf(entry.at);
}

function addModelSums(a: ModelSum, b: ModelSum): ModelSum {
  return { tokens: addTokens(a.tokens, b.tokens), costUsd: a.costUsd + b.costUsd };
}
