/** Where the conversation of a fork was taken from. */
export interface ForkOrigin {
  readonly session: string;
  /** The last message that was taken over, by its uuid in the session it was taken from; null when it is not known. */
  readonly message: string | null;
}

/**
 * Where a title comes from: `custom` was given by the user (or by whoever named the session for them), `generated` is the
 * program's own, `prompt` is the first prompt's first line, `none` means that there is not even a prompt.
 */
export type TitleSource = 'custom' | 'generated' | 'prompt' | 'none';

/** A transcript file and the folder that it belongs to. */
export interface TranscriptPlace {
  /** The workspace folder, as it was given to the index. */
  readonly folder: string;
  /** Where the session ran, as the program wrote it: the folder itself or one of its worktrees. */
  readonly cwd: string;
  /** The transcript file. */
  readonly path: string;
}

/** A session as its transcript shows it. Texts are what somebody else wrote: show them as plain text only. */
export interface SessionIndexEntry extends TranscriptPlace {
  readonly id: string;
  /** Whether it ran in a git worktree of the folder. */
  readonly isWorktree: boolean;
  /** Bytes of the transcript file. */
  readonly size: number;
  /** When the file was last changed; this and the following times are in milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly createdAt: number;
  /** When the file was made, which tells a fork from what it was copied from; 0 where that is not known. */
  readonly bornAt: number;
  /** The time of the last line, which a copy or a restored backup does not change. */
  readonly activeAt: number;
  /** One line, cut to 200 characters; empty when `titleSource` is `none`. */
  readonly title: string;
  readonly titleSource: TitleSource;
  /** What the user first said, cut to 500 characters; empty when there is none. */
  readonly firstPrompt: string;
  /** The git branch at the end of the session; null outside of git and where no branch was checked out. */
  readonly branch: string | null;
  /** What the transcript says of it. The program's own `--fork-session` says nothing: see `origin`. */
  readonly forkedFrom: ForkOrigin | null;
  /** The uuid of the first message. Forks by `--fork-session` share it with the session they were taken from. */
  readonly origin: string | null;
  /** Other transcripts of the same session id (in another worktree, for example), the newest first. */
  readonly also: readonly TranscriptPlace[];
}

/** Which sessions of an index are new or different, and which are no longer there. */
export interface SessionIndexChange {
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}
