import type { Clock } from '../../base/clock.js';
import type { Disposable } from '../../base/disposable.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import type { EventBatch } from '../session/eventLog.js';

/** Milliseconds of one frame on a common screen: more batches than that nobody can see. */
const frameMs = 16;

/**
 * Sends events to a view at most once per frame. The first event after a pause goes at once, so that batching costs no
 * latency; what comes within the same frame waits for its end, and pieces of the same text are joined.
 */
export class EventBatcher implements Disposable {
  readonly #clock: Clock;
  readonly #post: (batch: EventBatch) => void;
  #events: SessionEvent[] = [];
  #from = 0;
  #next = 0;
  #frame: Disposable | null = null;
  #disposed = false;
  /** Text went out in this frame. */
  #proseSent = false;

  /**
   * @param clock the time
   * @param post sends a batch to the view
   */
  constructor(clock: Clock, post: (batch: EventBatch) => void) {
    this.#clock = clock;
    this.#post = post;
  }

  /** Takes events on their way to the view. */
  add(batch: EventBatch): void {
    if (this.#disposed) return;
    if (this.#events.length === 0) this.#from = batch.from;
    for (const event of batch.events) joinOrPush(this.#events, event);
    this.#next = batch.next;
    // What comes just before an answer, such as its usage, must not make the answer's first words wait for a frame.
    const urgent = !this.#proseSent && batch.events.some((event) => event.kind === 'text' || event.kind === 'thinking');
    if (!this.#frame || urgent) this.#flush();
  }

  /** Forgets what waits, because the view gets a snapshot instead. */
  clear(): void {
    this.#events = [];
  }

  #flush(): void {
    this.#frame?.dispose();
    this.#frame = null;
    this.#proseSent = false;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#proseSent = events.some((event) => event.kind === 'text' || event.kind === 'thinking');
    this.#frame = this.#clock.after(frameMs, () => {
      this.#flush();
    });
    this.#post({ from: this.#from, next: this.#next, events });
  }

  dispose(): void {
    this.#disposed = true;
    this.#frame?.dispose();
    this.#events = [];
  }
}

/** Adds an event to a list, or its text to the last event where both are pieces of the same block. */
function joinOrPush(events: SessionEvent[], event: SessionEvent): void {
  const last = events.at(-1);
  if (last?.kind === 'text' || last?.kind === 'thinking') {
    if (event.kind === last.kind && !last.whole && !event.whole && sameBlock(last.block, event.block)) {
      events[events.length - 1] = { ...last, text: last.text + event.text };
      return;
    }
  } else if (last?.kind === 'toolUse' && last.phase === 'input') {
    if (event.kind === 'toolUse' && event.phase === 'input' && event.id === last.id) {
      events[events.length - 1] = { ...last, json: last.json + event.json };
      return;
    }
  }
  events.push(event);
}

function sameBlock(a: { parent: string | null; message: string; index: number }, b: typeof a): boolean {
  return a.index === b.index && a.message === b.message && a.parent === b.parent;
}
