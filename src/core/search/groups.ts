import type { SearchHit } from './search.js';

/** What was found in one session. */
export interface SessionHits {
  readonly sessionId: string;
  /** What it is called; the beginning of its id when it has no name. */
  readonly name: string;
  /** When the newest of the hits was said, in milliseconds since 1970. */
  readonly newestAt: number;
  /** Newest first. */
  readonly hits: readonly SearchHit[];
}

/**
 * Hits by session, the session with the newest hit first.
 * @param hits in any order
 * @param names the sessions' names by id, as far as they have one
 */
export function groupHits(hits: readonly SearchHit[], names: ReadonlyMap<string, string>): readonly SessionHits[] {
  const bySession = new Map<string, SearchHit[]>();
  for (const hit of hits) {
    const own = bySession.get(hit.sessionId);
    if (own) own.push(hit);
    else bySession.set(hit.sessionId, [hit]);
  }
  const groups = Array.from(bySession, ([sessionId, own]) => {
    const sorted = own.toSorted((a, b) => b.at - a.at);
    const name = names.get(sessionId) || sessionId.slice(0, 8);
    return { sessionId, name, newestAt: sorted[0]?.at ?? 0, hits: sorted };
  });
  return groups.sort((a, b) => b.newestAt - a.newestAt);
}

/** Who said what a hit found, in words. */
export function speakerOf({ role, tool, subagent }: Pick<SearchHit, 'role' | 'tool' | 'subagent'>): string {
  const who = speaker(role, tool);
  return subagent === null ? who : `${who} (subagent)`;
}

function speaker(role: SearchHit['role'], tool: string | null): string {
  if (role === 'user') return 'You';
  if (role === 'tool') return tool === null ? 'Tool result' : `Result of ${tool}`;
  return tool === null ? 'Claude' : `Tool: ${tool}`;
}
