import type { CancellationToken } from '../../base/cancellation.js';
import type { PartRole } from './messageParts.js';
import type { TextRange } from './pattern.js';
import type { SearchQuery } from './query.js';

/** A place in a conversation that a search found. */
export interface SearchHit {
  readonly sessionId: string;
  /** Absolute path of the transcript file. */
  readonly path: string;
  /** UUID of the transcript line; in a subagent's file that of the subagent's own line. */
  readonly messageUuid: string;
  /** The subagent whose file it is, by the program's name for it; null for the session's own. */
  readonly subagent: string | null;
  readonly role: PartRole;
  /** The tool's name for a tool use, and for a result where it is known; else null. */
  readonly tool: string | null;
  /** When it was said, in milliseconds since 1970; 0 where the line does not say. */
  readonly at: number;
  /** One line with what is around the first place, all characters visible. */
  readonly excerpt: string;
  /** The places in the excerpt; none where only filters were given. */
  readonly ranges: readonly TextRange[];
}

/** What a search says, in its order; the end comes last, and once. */
export type SearchItem =
  | { readonly kind: 'hits'; readonly hits: readonly SearchHit[] }
  | {
      readonly kind: 'end';
      /** Lines that could not be read or were too long to be looked at. */
      readonly skipped: number;
      /** Whether there is more, which the bound kept back. */
      readonly truncated: boolean;
    };

/** Searches the transcripts of the workspace's sessions. */
export interface SessionSearch {
  /**
   * Searches; hits come as they are found, in no order. Nothing is read on while the reader does not ask.
   * @param query what to look for; see `isSearchable`
   * @param token ends the search; the items then just end
   * @param limit most hits
   * @throws ArborError `ripgrepNotFound` or `searchFailed`, from the iteration
   */
  search(query: SearchQuery, token: CancellationToken, limit: number): AsyncIterable<SearchItem>;
}

/** Shows a session in the chat. */
export interface MessageOpener {
  /**
   * Opens a session at a message.
   * @param sessionId the session
   * @param messageUuid UUID of any of the message's transcript lines; null for the session's end
   * @throws ArborError when there is no such session
   */
  openAt(sessionId: string, messageUuid: string | null): Promise<void>;
}
