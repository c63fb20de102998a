import type { SessionEvent, TurnOutcome } from '../../protocol/session/events.js';
import { isOutcome } from '../../protocol/session/events.js';

/** How far a stream is. */
export type StreamStatus = 'running' | 'awaitingPermission' | 'complete' | 'failed' | 'canceled';

/** An event of a stream. */
export interface StreamEvent {
  /** Counts the stream's events, from 0. */
  readonly number: number;
  /** When it happened, in milliseconds since 1970. */
  readonly at: number;
  readonly event: SessionEvent;
}

/** What a reader gets of a stream. */
export interface StreamPage {
  readonly id: string;
  readonly sessionId: string;
  readonly events: readonly StreamEvent[];
  /** The number to read on from. */
  readonly next: number;
  readonly status: StreamStatus;
  /** How many events the stream has by now. */
  readonly total: number;
  /** Whether there is something from `next` on already. */
  readonly more: boolean;
  /** How many of the events that were asked for are not kept any more. */
  readonly evicted: number;
  /** How many lines of the record could not be read on the way. */
  readonly unreadable: number;
}

/** A stream in the list. */
export interface StreamSummary {
  readonly id: string;
  readonly sessionId: string;
  readonly status: StreamStatus;
  readonly total: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** Where a stream is in its session's journal. */
export interface StreamPlace {
  readonly sessionId: string;
  /** Sequence number of its first event. */
  readonly first: number;
}

/**
 * A stream's id: its session's id and the sequence number of the event it begins with. So a stream is found in the session's
 * journal without an index, also after a restart.
 */
export function streamId({ sessionId, first }: StreamPlace): string {
  return `${sessionId}.${String(first)}`;
}

/** @returns undefined when it is no stream's id */
export function parseStreamId(id: string): StreamPlace | undefined {
  const parts = /^([\w-]{1,100})\.(0|[1-9]\d{0,14})$/.exec(id);
  const [, sessionId, first] = parts ?? [];
  return sessionId === undefined || first === undefined ? undefined : { sessionId, first: Number(first) };
}

/** How many events a stream has and what became of it, from the events as they come. */
export class StreamProgress {
  readonly #asked = new Set<string>();
  #outcome: TurnOutcome | null = null;
  total = 0;

  /** Takes the stream's next event. */
  take(event: SessionEvent): void {
    this.total += 1;
    if (isOutcome(event)) this.#outcome = event;
    if (event.kind !== 'permission') return;
    if (event.phase === 'asked') this.#asked.add(event.request);
    else this.#asked.delete(event.request);
  }

  get hasEnded(): boolean {
    return this.#outcome !== null;
  }

  get status(): StreamStatus {
    if (this.#outcome) return this.#outcome.kind === 'error' ? 'failed' : this.#outcome.kind;
    return this.#asked.size > 0 ? 'awaitingPermission' : 'running';
  }
}
