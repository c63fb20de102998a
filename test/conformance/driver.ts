import type { ClaudeEnvironment } from '../support/claudeEnvironment.js';
import type { Decision } from './conversation.js';
import type { Recorder } from './recorder.js';

/** Which conversation a process is for. The UUIDs are ours. */
export type PeerStart =
  | { readonly kind: 'new'; readonly sessionId: string }
  | { readonly kind: 'resume'; readonly sessionId: string }
  | { readonly kind: 'fork'; readonly sessionId: string; readonly from: string; readonly at?: string };

/** What a process is started with. */
export interface PeerOptions {
  /** Path of the program. */
  readonly program: string;
  readonly environment: ClaudeEnvironment;
  readonly start: PeerStart;
  /** False leaves no transcript. */
  readonly persist: boolean;
  /** Is told everything that happens. */
  readonly recorder: Recorder;
  /** Decides on permission requests. */
  readonly decide: (tool: string, input: Record<string, unknown>) => Decision;
}

/** A program that is being driven. */
export interface Peer {
  send(text: string, priority?: 'now' | 'next' | 'later'): Promise<void>;
  interrupt(): Promise<void>;
  /** Ends it and waits until it is gone. */
  close(): Promise<void>;
}

/** A way to drive the program. */
export interface Driver {
  readonly name: string;
  /** Starts the program; settles when messages can be sent. */
  start(options: PeerOptions): Promise<Peer>;
}
