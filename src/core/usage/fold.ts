import { addModels } from '../../protocol/session/transcript.js';
import { usageVersion, type DayUsageEntry, type UsageEntry } from '../../protocol/usage/usageEntry.js';
import type { DayOf } from './days.js';
import { dayOfEntry, sumOf } from './sums.js';

/** Each turn once, whichever line of it comes last: a line whose writing failed is written again. */
export function distinct(entries: readonly UsageEntry[]): readonly UsageEntry[] {
  const turns = new Map<string, UsageEntry>();
  const days: UsageEntry[] = [];
  for (const entry of entries) {
    if ('day' in entry) days.push(entry);
    else turns.set(entry.turn, entry);
  }
  return [...days, ...turns.values()];
}

/**
 * Sums entries up, one for each day, session and folder.
 * @param entries turns, and sums of before
 * @param dayOf tells the day of a turn
 */
export function foldDays(entries: readonly UsageEntry[], dayOf: DayOf): readonly DayUsageEntry[] {
  const folded = new Map<string, DayUsageEntry>();
  for (const entry of entries) {
    const { session, parent, folder, durationMs, models } = entry;
    const day = dayOfEntry(entry, dayOf);
    const key = JSON.stringify([day, session, folder]);
    const sum = folded.get(key);
    folded.set(key, {
      v: usageVersion,
      day,
      session,
      parent: parent ?? sum?.parent ?? null,
      folder,
      turns: (sum?.turns ?? 0) + sumOf(entry).turns,
      durationMs: (sum?.durationMs ?? 0) + durationMs,
      models: addModels(sum?.models ?? [], models),
    });
  }
  return [...folded.values()];
}
