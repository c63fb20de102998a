import type { Disposable } from '../../base/disposable.js';

/** What to run. */
export interface SpawnSpec {
  /** Absolute path of the file to run. */
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute path of the working directory. */
  readonly folder: string;
  /** The complete environment; nothing is added to it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How the program ended. */
export interface TransportExit {
  readonly code: number | null;
  /** A signal's name, such as `SIGTERM`, or null. */
  readonly signal: string | null;
}

/** Where a transport delivers to. Calls come in order and never before the transport was handed out. */
export interface TransportSink {
  /** Bytes of the program's output, cut anywhere. */
  output(chunk: Buffer): void;
  /** Bytes of its error output. */
  errorOutput(chunk: Buffer): void;
  /** The program is gone; more output may follow. Pausing has no effect from here on. */
  gone(): void;
  /** The last call: the program is gone and all of its output was delivered. */
  ended(exit: TransportExit): void;
}

/** Carries bytes to and from one running program. Disposing it closes every file it holds; it does not end the program. */
export interface Transport extends Disposable {
  readonly kind: 'pty' | 'pipe';
  readonly pid: number;
  /**
   * Writes to the program's input, in the order of the calls.
   * @returns when the bytes were taken, which may be as late as the program reads them
   * @throws ArborError `processExited` when the input is closed or the program gone
   */
  write(text: string): Promise<void>;
  /** Ends the input after what was written before. */
  endInput(): void;
  /** Stops or goes on reading the output; what the program prints meanwhile waits with it. */
  setPaused(paused: boolean): void;
}

/**
 * Starts a program.
 * @throws ArborError when it cannot be started
 */
export type OpenTransport = (spec: SpawnSpec, sink: TransportSink) => Promise<Transport>;
