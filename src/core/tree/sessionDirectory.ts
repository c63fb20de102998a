import type { Event } from '../../base/event.js';
import type { SectionFolder, SessionSummary } from './summary.js';

/** What changed in a directory: these sessions came, changed or went; or it is best to look at everything again. */
export type DirectoryChange = { readonly sessions: readonly string[] } | 'all';

/**
 * The sessions of the workspace and what can be done with them, as the tree needs it. All failures are ArborErrors, which
 * the tree shows. A call for a session that is gone fails with `notFound`.
 */
export interface SessionDirectory {
  /** The workspace's folders in their order. Other folders change with `onChange` as `all`. */
  readonly folders: readonly SectionFolder[];
  /** Id of the session that the chat shows, or null. */
  readonly openId: string | null;
  /** Fires when summaries or folders changed. */
  readonly onChange: Event<DirectoryChange>;
  /** Fires with the id of the session that the chat shows from now on. */
  readonly onOpen: Event<string>;
  /** What is known of all sessions. Called often: it gives what it has. */
  summaries(): readonly SessionSummary[];
  /** What is known of one session; undefined when there is none with that id. */
  summary(id: string): SessionSummary | undefined;
  /** Shows a session in the chat. */
  open(id: string): Promise<void>;
  /** Gives a session a name that is not empty. */
  rename(id: string, name: string): Promise<void>;
  /** Gives a session these tags in the place of those it has. */
  setTags(id: string, tags: readonly string[]): Promise<void>;
  setStarred(ids: readonly string[], starred: boolean): Promise<void>;
  setArchived(ids: readonly string[], archived: boolean): Promise<void>;
  setUnread(ids: readonly string[], unread: boolean): Promise<void>;
  /**
   * Stops what runs in the sessions and forgets them; their forks stay.
   * @param transcripts whether the program's transcripts are deleted as well; else the sessions are not listed any more
   */
  delete(ids: readonly string[], transcripts: boolean): Promise<void>;
  /** Forks the session as it is now, also while a turn runs, and shows the fork in the chat. */
  fork(id: string): Promise<void>;
  /** Stops the running turn of a session. */
  stop(id: string): Promise<void>;
  /** Looks for changes on the disk that no watcher told of. */
  refresh(): Promise<void>;
}
