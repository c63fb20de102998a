import type { CancellationToken } from '../base/cancellation.js';
import type { Disposable } from '../base/disposable.js';
import type { JsonObject } from '../base/json.js';
import type { CliLine, MessagePriority, PermissionMode } from '../protocol/cli/lines.js';
import type { PermissionAnswer, PermissionRequest } from './permissions/request.js';

/*
 * What core needs from outside. The adapters in node and vscode implement these; tests use fakes of their own.
 */

/** Which conversation a process goes on with. */
export type ConversationStart =
  | { readonly kind: 'new' }
  | { readonly kind: 'resume'; readonly at?: string }
  /** A copy of another session, up to and including the message `at` (a transcript line's UUID), or whole. */
  | { readonly kind: 'fork'; readonly from: string; readonly at?: string };

/** How a process is to be started. */
export interface LaunchOptions {
  /** Absolute path of the workspace folder; the process's working directory. */
  readonly folder: string;
  /** The session's UUID; minted by us, so that ours and the program's never differ. */
  readonly sessionId: string;
  readonly start: ConversationStart;
  readonly model?: string;
  readonly permissionMode?: PermissionMode;
  readonly appendSystemPrompt?: string;
  /** False leaves no transcript behind. */
  readonly persist: boolean;
}

/** A message to the program. */
export interface OutgoingMessage {
  readonly uuid: string;
  readonly text: string;
  readonly priority?: MessagePriority;
}

/** A permission mode's or model's name and what to show for it, as the program listed it at start. */
export interface ModelChoice {
  readonly value: string;
  readonly label: string;
  readonly description: string;
}

/** What the program said of itself when it was initialised. */
export interface ProgramInfo {
  readonly version: string;
  readonly models: readonly ModelChoice[];
  /** How many slash commands it offers. */
  readonly commands: number;
}

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of its error output, at most 8 KiB. */
  readonly stderr: string;
}

/** A permission request of the program, to be answered once. */
export interface IncomingPermission {
  readonly request: PermissionRequest;
  /** Cancelled when the program takes the request back or is gone. */
  readonly token: CancellationToken;
  /**
   * Answers the program.
   * @throws ArborError `alreadySettled` when it was answered or taken back before
   */
  answer(answer: PermissionAnswer): void;
}

/** What comes out of a process, in its order. */
export type ProcessItem =
  | {
      readonly type: 'line';
      readonly line: CliLine;
      /** Number of the line in the output, from 0. */ readonly number: number;
    }
  /** A line that is no JSON object with a type; cut to 4,096 characters. */
  | { readonly type: 'noise'; readonly text: string; readonly number: number }
  | { readonly type: 'permission'; readonly permission: IncomingPermission };

/** A running program. Disposing it stops it at once, with its whole process tree. */
export interface ClaudeProcess extends Disposable {
  readonly pid: number;
  readonly sessionId: string;
  /** Which transport carries it. */
  readonly transport: 'pty' | 'pipe';
  /** Resolves when the program answered `initialize`; rejects with an ArborError when it did not. */
  readonly ready: Promise<ProgramInfo>;
  /** Everything it prints, in batches, for one reader; ends after the last output was delivered. */
  readonly items: AsyncIterable<readonly ProcessItem[]>;
  /** Resolves when the process is gone and its output has been read. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Writes a message. @throws ArborError when the process does not take it any more */
  send(message: OutgoingMessage): Promise<void>;
  /** Asks it to stop what it is doing. Resolves when it said that it will. @throws ArborError when it does not answer */
  interrupt(): Promise<void>;
  /** Sends any other request of the control protocol and resolves with the answer. @throws ArborError */
  control(request: JsonObject & { readonly subtype: string }): Promise<JsonObject>;
  /** Ends it: end of input, then terminate, then kill, each after a grace time, the whole tree. May be called again. */
  stop(): Promise<ProcessExit>;
}

/** Starts programs. */
export interface ClaudeLauncher {
  /**
   * Finds the program and starts it.
   * @throws ArborError when it cannot be started: not found, not executable, too old, folder missing, untrusted
   */
  launch(options: LaunchOptions): Promise<ClaudeProcess>;
}

/** A program that works on a session and was not started by this window. */
export interface OtherProgram {
  readonly pid: number;
  /** Whether it is the program's own interface in a terminal. */
  readonly isTerminal: boolean;
  /** Whether it is at a turn. */
  readonly isBusy: boolean;
}

/** Knows which programs run, whoever started them. */
export interface ProgramRegistry {
  /**
   * The programs that say that they work on a session, without those of this window.
   * @param sessionId the session
   * @param own the number of a process that is known to be this window's: it need not be looked for, which costs time
   * @returns empty also where that cannot be found out. Never rejects.
   */
  othersOn(sessionId: string, own: number | null): Promise<readonly OtherProgram[]>;
}

/** Measures running processes. */
export interface ProcessMeter {
  /**
   * The memory that processes hold, resident, in bytes.
   * @param pids their numbers
   * @returns by number; one that has ended, or that the system says nothing of, is missing
   */
  memory(pids: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/** Where a folder is in git. */
export interface GitPlace {
  /** The branch's name, or the first seven digits of a commit where none is checked out; null where git says neither. */
  readonly branch: string | null;
  /** The linked worktree that the folder is in, and the absolute path of what it is one of; null in a main worktree. */
  readonly worktree: { readonly name: string; readonly repository: string } | null;
  /** Absolute path of the file that says which branch it is, so that it can be watched. */
  readonly head: string;
}
