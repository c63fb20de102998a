import { maxLineBytes } from './framing.js';

/** How long things may take and how much may wait; times in milliseconds. */
export interface ProcessLimits {
  /** From the start to the answer to `initialize`. */
  readonly start: number;
  /** Until an ordinary control request is answered. */
  readonly request: number;
  /** Until the program said that it will interrupt. */
  readonly interrupt: number;
  /** When stopping: from the end of input to `SIGTERM`. */
  readonly endOfInput: number;
  /** When stopping: from `SIGTERM` to `SIGKILL`. */
  readonly terminate: number;
  /** When stopping: from `SIGKILL` to giving up on a process that the system does not let go. */
  readonly kill: number;
  /** Longest line that is kept, in bytes. */
  readonly lineBytes: number;
  /** From how much unread output on reading pauses, in bytes; what is read before the pause takes effect comes on top. */
  readonly unreadBytes: number;
}

/** Stopping takes at most 4.5 s, so that an editor that closes has time for it. */
export const defaultLimits: ProcessLimits = {
  start: 30_000,
  request: 30_000,
  interrupt: 5_000,
  endOfInput: 1_500,
  terminate: 1_500,
  kill: 1_500,
  lineBytes: maxLineBytes,
  unreadBytes: 4 * 1024 * 1024,
};
