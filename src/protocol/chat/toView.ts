import type { Explanation } from '../../base/errors.js';
import type { MessagePriority, PermissionMode } from '../cli/lines.js';
import type { SessionEvent } from '../session/events.js';
import type { Message, Transcript } from '../session/transcript.js';
import type { ScrollPlace } from './toHost.js';

/*
 * What the extension host sends to the chat view. A view that attaches gets a snapshot with its sequence number, then the
 * events from there; it never gets a patch from anywhere else.
 */

/** A choice in a menu of the chat. */
export interface Choice<T extends string = string> {
  readonly value: T;
  readonly label: string;
  readonly description: string;
}

/** A message that waits for the running turn to end. */
export interface QueuedMessage {
  readonly id: string;
  readonly text: string;
  /** The text is longer than that. */
  readonly cut?: boolean;
  /** When it is delivered; left out it is `later`, after the turn. */
  readonly priority?: MessagePriority;
  /** It waits for the user's word. */
  readonly held?: boolean;
  /** What it waits for: its turn, the user's word, the program that has it, or the end of the user's change to it. */
  readonly state?: 'waiting' | 'held' | 'sent' | 'edited';
}

/** What is the same for all sessions of the window. */
export interface AppState {
  /** The scripted demo model answers, not Claude. */
  readonly demo: boolean;
  /** Why nothing can be sent now, such as an untrusted workspace or no folder; null when all is well. */
  readonly blocked: Explanation | null;
  /** How many folders the workspace has. */
  readonly folders: number;
}

/** Where a session was forked from. */
export interface LineageView {
  /** A fork goes on by itself; an aside goes when it is closed, and nothing in it changes its parent. */
  readonly kind: 'fork' | 'aside';
  /** Null when it is gone. Its name is empty while it has none. */
  readonly parent: { readonly id: string; readonly name: string } | null;
}

/** What the chat shows around the conversation. */
export interface SessionHeader {
  readonly id: string;
  readonly name: string;
  /** The folder's name and absolute path. */
  readonly folder: { readonly name: string; readonly path: string };
  /** The git branch that the folder is on, or null. */
  readonly branch: string | null;
  /** The git worktree that the folder is, and the absolute path of the repository that it is one of; else null. */
  readonly worktree: { readonly name: string; readonly repository: string } | null;
  /** The model that is asked for, or null for the program's default; `models` names it. */
  readonly model: string | null;
  readonly models: readonly Choice[];
  readonly mode: PermissionMode;
  readonly modes: readonly Choice<PermissionMode>[];
  /** `starting` and `ready` speak of the process; `running` and `waiting` (for a permission) of the turn. */
  readonly state: 'idle' | 'starting' | 'ready' | 'running' | 'waiting' | 'stopping';
  readonly queue: readonly QueuedMessage[];
  /** The queue is not sent by itself because the last turn was stopped or failed. */
  readonly queueHeld: boolean;
  /** Null for a session that began by itself. */
  readonly lineage: LineageView | null;
}

/** Messages that are not among the last ones. */
export interface MessageRun {
  readonly messages: readonly Message[];
  /** How many messages that the host has come before them. */
  readonly earlier: number;
  /** Whether there are more before those, nobody knows how many. */
  readonly unread: boolean;
}

/** A message of the host to the view; several that come in one go are sent as one. */
export type ToView =
  | { readonly type: 'several'; readonly messages: readonly ToView[] }
  | { readonly type: 'app'; readonly app: AppState }
  /** Replaces all that the view shows. */
  | {
      readonly type: 'snapshot';
      readonly header: SessionHeader;
      /** The last page of messages, with all other fields whole. */
      readonly transcript: Transcript;
      /** How many messages that the host has come before the page. */
      readonly earlier: number;
      /** Whether there are more before those, nobody knows how many. */
      readonly unread: boolean;
      /** The sequence number of the next event. */
      readonly next: number;
      readonly draft: string;
      readonly scroll: ScrollPlace | null;
      /** What is around the place where the reader was, where that is not on the last page. */
      readonly around?: MessageRun;
    }
  /** Events `from` up to but not including `next`; text pieces of one block may have been joined. */
  | {
      readonly type: 'events';
      readonly session: string;
      readonly from: number;
      readonly next: number;
      readonly events: readonly SessionEvent[];
    }
  | { readonly type: 'header'; readonly header: SessionHeader }
  | {
      readonly type: 'earlier';
      readonly session: string;
      /** The messages before the first one that the view has; none where they could not be read. */
      readonly messages: readonly Message[];
      readonly earlier: number;
      readonly unread: boolean;
    }
  /** What is around the reader's place; nothing comes where that is not there any more. */
  | { readonly type: 'around'; readonly session: string; readonly around: MessageRun }
  /** Goes to a message; what is around it comes along. The view says `revealed` when it is there. */
  | { readonly type: 'reveal'; readonly session: string; readonly message: number; readonly around: MessageRun }
  /** A prompt was not taken: its text goes back into the composer, with the reason. */
  | { readonly type: 'refused'; readonly session: string; readonly text: string; readonly reason: Explanation }
  /** Puts text into the composer, after what is there. */
  | { readonly type: 'insert'; readonly session: string; readonly text: string }
  | { readonly type: 'focus' };
