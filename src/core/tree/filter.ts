import type { SessionSummary } from './summary.js';

/** The states that a filter can ask for, with which sessions are in each. */
const states = {
  waiting: (session: SessionSummary) => isWaiting(session),
  running: ({ state }: SessionSummary) => state === 'running' || state === 'starting' || state === 'stopping',
  failed: ({ failed }: SessionSummary) => failed,
  unread: ({ unread }: SessionSummary) => unread,
  live: ({ state }: SessionSummary) => state !== 'asleep' && state !== 'foreign' && state !== 'idle',
  asleep: ({ state }: SessionSummary) => state === 'asleep' || state === 'idle',
  foreign: ({ source }: SessionSummary) => source === 'program',
} as const;

/** A state that a filter can ask for. */
export type FilterState = keyof typeof states;

/** Which sessions are shown. What stands above a session that is shown is shown too. */
export interface SessionFilter {
  /** Each of these is in the name, a tag, the fork's message, the folder or the id; in lower case. */
  readonly words: readonly string[];
  /** It is in one of these; empty for any. */
  readonly states: readonly FilterState[];
  readonly starred: boolean;
  readonly archived: 'hide' | 'show' | 'only';
  /** It has each of these; in lower case. */
  readonly tags: readonly string[];
}

/** Shows all sessions that are not archived. */
export const noFilter: SessionFilter = { words: [], states: [], starred: false, archived: 'hide', tags: [] };

/** Whether a session waits for the user. */
export function isWaiting({ waiting, state }: SessionSummary): boolean {
  return waiting || state === 'waiting';
}

/** Whether a filter by itself shows a session. */
export function matches(filter: SessionFilter, session: SessionSummary): boolean {
  if (filter.archived !== 'show' && session.archived !== (filter.archived === 'only')) return false;
  if (filter.starred && !session.starred) return false;
  if (filter.states.length > 0 && !filter.states.some((state) => states[state](session))) return false;
  if (filter.tags.length > 0) {
    const tags = session.tags.map((tag) => tag.toLowerCase());
    if (!filter.tags.every((tag) => tags.includes(tag))) return false;
  }
  if (filter.words.length === 0) return true;
  const { name, tags, forkPoint, folder, id } = session;
  const text = [name, ...tags, forkPoint?.text ?? '', folder, id].join('\n').toLowerCase();
  return filter.words.every((word) => text.includes(word));
}

/** A filter as it was typed, and what in it is not understood. */
export interface ParsedFilter {
  readonly filter: SessionFilter;
  /** Such as `is:green`. */
  readonly unknown: readonly string[];
}

/** What `is:` can be followed by. */
export const filterTerms: readonly string[] = [...Object.keys(states), 'starred', 'archived'];

/**
 * Reads a filter as the user types it: words, `is:` with one of `filterTerms`, and `tag:` with a tag. A word with spaces goes
 * in double quotes, as in `tag:"to do"`.
 * @param text what was typed
 * @param archived whether archived sessions are shown where the text does not say so
 */
export function parseFilter(text: string, archived: 'hide' | 'show' = 'hide'): ParsedFilter {
  const words: string[] = [];
  const wanted: FilterState[] = [];
  const tags: string[] = [];
  const unknown: string[] = [];
  let starred = false;
  let shown: SessionFilter['archived'] = archived;
  for (const [, key, quoted, plain] of text.matchAll(/(?:(is|tag):)?(?:"([^"]*)"?|(\S+))/giu)) {
    const value = (quoted ?? plain ?? '').toLowerCase();
    if (value === '') continue;
    if (key === undefined) words.push(value);
    else if (key.toLowerCase() === 'tag') tags.push(value);
    else if (value === 'starred') starred = true;
    else if (value === 'archived') shown = 'only';
    else if (isState(value)) wanted.push(value);
    else unknown.push(`is:${value}`);
  }
  return { filter: { words, states: wanted, starred, archived: shown, tags }, unknown };
}

function isState(value: string): value is FilterState {
  return Object.hasOwn(states, value);
}
