import { findSession, SessionAmbiguous, SessionNotFound } from './findSession.js';
import type { SessionSummary } from './summary.js';

/** What a list of sessions offers for what was typed. */
export interface SessionChoices {
  /** What `findSession` finds first, then all others that hold every word, the newest activity first each time. */
  readonly sessions: readonly SessionSummary[];
  /** How many more there are that fit. */
  readonly more: number;
}

/**
 * Chooses the sessions that fit what a user typed: the name, the folder or the beginning of the id.
 * @param summaries where to look
 * @param query what was typed; empty for all
 * @param folderName what a folder is called. @param path the folder's, as in the summaries
 * @param limit how many at most
 */
export function sessionChoices(
  summaries: readonly SessionSummary[],
  query: string,
  folderName: (path: string) => string,
  limit: number,
): SessionChoices {
  const newest = summaries.toSorted((a, b) => b.activeAt - a.activeAt);
  const text = query.trim();
  const exact = text === '' ? [] : found(newest, text);
  const words = text.toLowerCase().split(/\s+/);
  const others = newest.filter((summary) => {
    if (exact.includes(summary)) return false;
    const { id, name, folder } = summary;
    const where = `${name}\n${folderName(folder)}\n${folder}`.toLowerCase();
    return words.every((word) => where.includes(word) || id.startsWith(word));
  });
  const all = [...exact, ...others];
  return { sessions: all.slice(0, limit), more: Math.max(0, all.length - limit) };
}

/** What is meant by its exact id, its exact name, or the beginning of one of them. */
function found(newest: readonly SessionSummary[], text: string): readonly SessionSummary[] {
  try {
    return [findSession(newest, text)];
  } catch (error) {
    if (error instanceof SessionNotFound) return [];
    if (!(error instanceof SessionAmbiguous)) throw error;
    const ids = new Set(error.matches.map(({ id }) => id));
    return newest.filter(({ id }) => ids.has(id));
  }
}
