import type { Disposable } from '../base/disposable.js';
import type { Explanation } from '../base/errors.js';
import type { Event } from '../base/event.js';
import type { SessionEvent } from '../protocol/session/events.js';
import type { WorkspaceState } from '../protocol/state/workspaceState.js';
import type { TurnUsageEntry, UsageEntry } from '../protocol/usage/usageEntry.js';
import type { PermissionRequest } from './permissions/request.js';
import type { SessionIndexChange, SessionIndexEntry } from './sessionIndex.js';

/*
 * What core needs kept. The adapters in node/store and node/transcripts implement these.
 */

/** The workspace's state, shared by all windows that have the workspace open. */
export interface StateStore {
  /**
   * Reads the state. A file that cannot be used is set aside, never overwritten.
   * @returns the state, and what the user should know when it is not the one that was saved
   */
  load(): Promise<{ readonly state: WorkspaceState; readonly problem: Explanation | null }>;
  /**
   * Changes the state: reads the newest under a lock, applies the change, writes it whole and atomically. Changes of
   * several windows never undo each other, because each is applied to the newest state.
   * @param change returns the next state; called again with the newest state, so it must not have effects
   * @throws ArborError `stateUnwritable`, `diskFull`, `stateNewer` or `storageMissing`; the file is then as it was
   */
  update(change: (state: WorkspaceState) => WorkspaceState): Promise<void>;
}

/** An event as it was written down. */
export interface JournalEntry {
  /** Counts a session's events, from 0. */
  readonly seq: number;
  /** When it happened, in milliseconds since 1970. */
  readonly at: number;
  readonly event: SessionEvent;
}

/** A piece of a session's journal. */
export interface JournalPage {
  /** In their order. A number may be missing where a line could not be read or written. */
  readonly entries: readonly JournalEntry[];
  /** The number to read on from. */
  readonly next: number;
  /** The number after the session's last event; 0 when it has none. */
  readonly end: number;
  /** How many of the events that were asked for are not kept any more. */
  readonly evicted: number;
  /** Lines met on the way that are no events of this session: torn, damaged, or of a newer release. */
  readonly unreadable: number;
}

/** An append-only record of a session's events. */
export interface Journal {
  /**
   * Appends events; sequence numbers count from the session's first event, 0.
   * @param sessionId the session
   * @param from sequence number of the first of them
   * @param events what happened
   * @throws ArborError `stateUnwritable`, `diskFull` or `storageMissing`
   */
  append(sessionId: string, from: number, events: readonly SessionEvent[]): Promise<void>;
  /**
   * The number of the last event that was written, so that numbers go on after a restart.
   * @returns -1 when there is none
   * @throws ArborError `stateUnreadable` when the journal cannot be read
   */
  lastSeq(sessionId: string): Promise<number>;
  /**
   * Reads events, from memory where it has them, else from the disk, which makes no difference to the result.
   * @param sessionId the session
   * @param from number of the first event that is wanted
   * @param limit how many at most, at least 1
   * @returns an empty page where there is nothing from there on
   * @throws ArborError `stateUnreadable` when the journal cannot be read
   */
  read(sessionId: string, from: number, limit: number): Promise<JournalPage>;
  /** Keeps nothing of a session in memory: another window writes its journal from now on, or it is gone. */
  forget(sessionId: string): void;
  /**
   * Deletes a session's journal. One that is not there is no error.
   * @throws ArborError when a file cannot be deleted
   */
  remove(sessionId: string): Promise<void>;
}

/** A part of a conversation as events for a reducer of its own; it begins with a turn but where a turn is too long for one. */
export interface ConversationPage {
  readonly events: readonly SessionEvent[];
  /** Of the page before it, to be handed back as it is; null when the conversation begins with this page. */
  readonly cursor: string | null;
  /** How many lines of this part of the transcript could not be read. */
  readonly unreadable: number;
}

/** A part of a conversation that ends with a message. */
export interface PageUpTo extends ConversationPage {
  /**
   * UUID of that message's line, by which the program knows it. It is another one than the message's where the message reached
   * Claude in the middle of a turn.
   */
  readonly at: string;
}

/** The program's own transcripts. Read, never written; deleted where the user wants that. */
export interface Transcripts {
  /** Whether the program has a transcript of that session. */
  exists(folder: string, sessionId: string): Promise<boolean>;
  /**
   * Reads a conversation as events for the reducer, from its first message to its current end.
   * @returns the events, and how many lines could not be read
   */
  read(
    folder: string,
    sessionId: string,
  ): Promise<{ readonly events: readonly SessionEvent[]; readonly unreadable: number }>;
  /**
   * Reads the end of a conversation, without reading what is before it.
   * @param messages how many messages, the user's and Claude's, it is to have at least
   * @returns an empty page when there is no transcript
   * @throws ArborError `transcriptChanged` when the file was cut meanwhile, else the file system's error
   */
  readLast(folder: string, sessionId: string, messages: number): Promise<ConversationPage>;
  /**
   * Reads the page before one that was read. The transcript may have grown since.
   * @param cursor that page's
   * @throws ArborError `transcriptMissing` when the file is gone; `transcriptChanged` when it was replaced, cut or rewritten,
   * so that the caller must begin anew; else the file system's error
   */
  readBefore(cursor: string, messages: number): Promise<ConversationPage>;
  /**
   * Reads the page that ends with a message, whether that is on the current branch or on one that was left. Nothing is said
   * of how a turn went on that it breaks off.
   * @param uuid of the message
   * @throws ArborError `transcriptMissing`, `notFound` when no message has it, else as `readLast`
   */
  readUpTo(folder: string, sessionId: string, uuid: string, messages: number): Promise<PageUpTo>;
  /**
   * Whether a compaction came after a message and took it out of what the program goes on with, so that a fork cannot begin
   * there although the message is still in the file.
   * @param uuid of the message
   * @throws the file system's error
   */
  wasCompacted(folder: string, sessionId: string, uuid: string): Promise<boolean>;
  /**
   * Deletes a session's transcript with all that belongs to it. One that is not there is no error.
   * @throws the file system's error
   */
  remove(folder: string, sessionId: string): Promise<void>;
}

/**
 * All sessions that have a transcript in one of some folders or in a worktree of theirs, whoever made them. Kept true by
 * watching; what cannot be read is left out and tried again, never an error.
 */
export interface SessionIndex extends Disposable {
  /** Tells which sessions changed, after they did. */
  readonly onChange: Event<SessionIndexChange>;
  /** Begins to read and to watch. Called again, it does nothing. */
  start(): void;
  /**
   * Says which folders are meant from now on; their order says nothing.
   * @param folders absolute paths of workspace folders; they need not exist
   */
  setFolders(folders: readonly string[]): void;
  /** What is known at this moment, the newest activity first. */
  entries(): readonly SessionIndexEntry[];
  /** One of them by its id. */
  get(id: string): SessionIndexEntry | undefined;
  /** Compares everything with the disk again; resolves when that is done. */
  refresh(): Promise<void>;
  /** Resolves when everything that is known to have changed has been read. */
  settled(): Promise<void>;
}

/** Who answered a permission request, and how. */
export interface AuditEntry {
  readonly at: number;
  readonly request: Pick<PermissionRequest, 'id' | 'sessionId' | 'folder' | 'toolUseId' | 'tool'>;
  readonly decision: 'allow' | 'deny';
  /** `user`, or what decided without one: `canceled`, `closed`, `error`. */
  readonly by: string;
  readonly reason: string;
}

/** Append-only log of every decision on a permission. */
export interface AuditLog {
  /** @throws ArborError when it could not be written: then nothing may be allowed */
  record(entry: AuditEntry): Promise<void>;
}

/** What turns used, as it was written down. */
export interface UsageHistory {
  /** Each turn once, or as part of a day's sum; in no order. */
  readonly entries: readonly UsageEntry[];
  /** Lines that could not be read and are not counted: damaged, or of a newer release. */
  readonly unreadable: number;
}

/** Append-only record of what every turn of the workspace used, shared by all windows. */
export interface UsageLedger {
  /**
   * Appends a turn. What could not be written is kept in memory, counts as read, and is written with the next turn.
   * @throws ArborError `stateUnwritable`, `diskFull` or `storageMissing`
   */
  append(entry: TurnUsageEntry): Promise<void>;
  /** Reads everything. @throws ArborError `stateUnreadable` when the record cannot be read */
  read(): Promise<UsageHistory>;
}

/** Says that one window alone drives a session. Disposing gives it up. */
export type SessionLease = Disposable;

/** Keeps two windows from driving one session. */
export interface SessionLeases {
  /**
   * Takes the session for this window.
   * @returns the lease, or null while another living window has it
   */
  acquire(sessionId: string): Promise<SessionLease | null>;
  /**
   * The sessions that other living windows drive at this moment.
   * @throws the file system's error
   */
  heldElsewhere(): Promise<ReadonlySet<string>>;
}
