import type { Clock } from '../../base/clock.js';
import { Deferred } from '../../base/deferred.js';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import { ArborError } from '../../base/errors.js';
import type { Event } from '../../base/event.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import type { Journal } from '../storePorts.js';
import { findStored, type StoredStream } from './storedStream.js';
import { streamId, StreamProgress, type StreamPage, type StreamPlace, type StreamSummary } from './stream.js';

/** Finished streams that are listed; the oldest go first. They can still be read by their id. */
const listedStreams = 100;
/** Most events that are read at once. */
const maxStreamPage = 1000;
const defaultPage = 100;

/** What streams need of a session. */
export interface StreamSource {
  readonly id: string;
  /** The session's events in their order, each batch with the first one's sequence number. */
  readonly onEvents: Event<{ readonly from: number; readonly events: readonly SessionEvent[] }>;
}

/** A session in which a turn can be begun. */
export interface StreamStarter extends StreamSource {
  readonly transcript: { readonly turn: string | null };
  /** Begins a turn, or queues the message while one runs. @throws ArborError when the message cannot be sent */
  send(text: string): void;
}

/** A stream of this run. */
class LiveStream implements StreamPlace {
  readonly id: string;
  readonly sessionId: string;
  readonly first: number;
  readonly startedAt: number;
  readonly progress = new StreamProgress();
  #grown = new Deferred<void>();

  constructor(sessionId: string, first: number, startedAt: number) {
    this.sessionId = sessionId;
    this.first = first;
    this.startedAt = startedAt;
    this.id = streamId(this);
  }

  /** Resolves when there is more of it, or its session was closed. */
  get grown(): Promise<void> {
    return this.#grown.promise;
  }

  /** Wakes whoever waits for more. */
  wake(): void {
    this.#grown.resolve();
    this.#grown = new Deferred<void>();
  }
}

/**
 * Every turn of the sessions of this window as a stream of events that any number of readers read at their own pace. Nothing
 * is kept for a reader, so that none disturbs another; what they read is the journal.
 */
export class Streams {
  readonly #journal: Journal;
  readonly #clock: Clock;
  /** By id, in the order in which they began. */
  readonly #live = new Map<string, LiveStream>();
  /** The one that each attached session runs, by the session's id. */
  readonly #running = new Map<string, LiveStream | null>();
  /** Finished streams that were looked up in the journal. */
  readonly #stored = new Map<string, StoredStream>();

  /**
   * @param journal where the events are
   * @param clock for those who wait
   */
  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Follows a session from now on, until the result is disposed. */
  attach(session: StreamSource): Disposable {
    this.#running.set(session.id, null);
    const listening = session.onEvents(({ from, events }) => {
      this.#take(session.id, from, events);
    });
    return toDisposable(() => {
      listening.dispose();
      const running = this.#running.get(session.id);
      this.#running.delete(session.id);
      if (!running) return;
      // Its end is for the journal to tell.
      this.#live.delete(running.id);
      running.wake();
    });
  }

  /**
   * Begins a turn without waiting for anything.
   * @param session a session that is attached
   * @param text the prompt
   * @returns the id of the turn's stream
   * @throws ArborError `busy` while another turn runs, `promptEmpty` or `promptTooLarge`; nothing was sent then
   */
  start(session: StreamStarter, text: string): string {
    if (!this.#running.has(session.id)) throw new Error('the session is not attached');
    if (session.transcript.turn !== null) {
      throw busy('The message was not sent.', 'Wait until the running turn has ended, or stop it.');
    }
    session.send(text);
    const stream = this.#running.get(session.id);
    if (!stream) throw busy('The message waits in the queue.', 'Its turn is listed as a stream as soon as it begins.');
    return stream.id;
  }

  /** The streams of this run: those that run and the last ones that ended, in the order in which they began. */
  list(): readonly StreamSummary[] {
    return [...this.#live.values()].map(({ id, sessionId, startedAt, progress: { status, total } }) => ({
      id,
      sessionId,
      status,
      total,
      startedAt,
    }));
  }

  /**
   * Reads events of a stream, of this run or an earlier one.
   * @param id the stream's id
   * @param from number of the first event that is wanted; the stream's first is 0
   * @param limit how many at most, 1 to 1,000
   * @throws ArborError `notFound` when there is no such stream (any more), `badMessage` for numbers that make no sense,
   * `stateUnreadable` when the journal cannot be read
   */
  async read(id: string, from: number, limit = defaultPage): Promise<StreamPage> {
    check('from', from, 0, Number.MAX_SAFE_INTEGER);
    check('limit', limit, 1, maxStreamPage);
    const live = this.#live.get(id);
    if (!live) return this.#page(id, await this.#find(id), from, limit);
    const { status, total } = live.progress;
    const { sessionId, first } = live;
    return this.#page(id, { sessionId, first, status, total }, from, limit);
  }

  /**
   * Reads as soon as there is something to read: an event from that number on, or the stream's end.
   * @param id the stream's id
   * @param from number of the first event that is wanted
   * @param timeoutMs how long to wait at most, in milliseconds; then the page is empty
   * @param limit how many at most, 1 to 1,000
   * @throws ArborError as `read`
   */
  async wait(id: string, from: number, timeoutMs: number, limit = defaultPage): Promise<StreamPage> {
    const over = new Deferred<void>();
    const timer = this.#clock.after(timeoutMs, () => over.resolve());
    try {
      for (let live = this.#live.get(id); live; live = this.#live.get(id)) {
        const { hasEnded, total } = live.progress;
        if (hasEnded || total > from || over.settled) break;
        await Promise.race([live.grown, over.promise]);
      }
      return await this.read(id, from, limit);
    } finally {
      timer.dispose();
    }
  }

  #take(sessionId: string, from: number, events: readonly SessionEvent[]): void {
    const grown = new Set<LiveStream>();
    for (const [index, event] of events.entries()) {
      if (event.kind === 'start') this.#begin(new LiveStream(sessionId, from + index, event.at));
      const stream = this.#running.get(sessionId);
      if (!stream) continue;
      stream.progress.take(event);
      grown.add(stream);
      if (stream.progress.hasEnded) this.#end(stream);
    }
    for (const stream of grown) stream.wake();
  }

  #begin(stream: LiveStream): void {
    const before = this.#running.get(stream.sessionId);
    // A turn that another one follows without an end of its own: the journal says the same.
    if (before) this.#live.delete(before.id);
    before?.wake();
    this.#running.set(stream.sessionId, stream);
    this.#live.set(stream.id, stream);
  }

  #end(stream: LiveStream): void {
    this.#running.set(stream.sessionId, null);
    const ended = [...this.#live.values()].filter(({ progress }) => progress.hasEnded);
    for (const { id } of ended.slice(0, -listedStreams)) this.#live.delete(id);
  }

  async #find(id: string): Promise<StoredStream> {
    const known = this.#stored.get(id);
    if (known) return known;
    const found = await findStored(this.#journal, id);
    if (!found.hasEnded) return found;
    this.#stored.set(id, found);
    for (const oldest of [...this.#stored.keys()].slice(0, -listedStreams)) this.#stored.delete(oldest);
    return found;
  }

  async #page(
    id: string,
    { sessionId, first, status, total }: StreamPlace & Pick<StreamSummary, 'status' | 'total'>,
    from: number,
    limit: number,
  ): Promise<StreamPage> {
    const known = { id, sessionId, status, total };
    const wanted = Math.min(limit, total - from);
    if (wanted <= 0) return { ...known, events: [], next: from, more: false, evicted: 0, unreadable: 0 };
    const page = await this.#journal.read(sessionId, first + from, wanted);
    const events = page.entries
      .map(({ seq, at, event }) => ({ number: seq - first, at, event }))
      .filter(({ number }) => number < total);
    const next = Math.min(total, page.next - first);
    const evicted = Math.min(page.evicted, total - from);
    return { ...known, events, next, more: next < total, evicted, unreadable: page.unreadable };
  }
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ArborError({
    code: 'badMessage',
    what: `A stream cannot be read with ${name} = ${String(value)}.`,
    next: `Use a whole number from ${String(least)} to ${String(most)}.`,
  });
}

function busy(kept: string, next: string): ArborError {
  return new ArborError({
    code: 'busy',
    what: 'Another turn runs in this session, or messages wait in it.',
    kept,
    next,
  });
}
