import type { Clock } from '../../base/clock.js';
import type { Disposable } from '../../base/disposable.js';
import { isOutcome, type SessionEvent } from '../../protocol/session/events.js';
import type { EventBatch } from '../session/eventLog.js';

/** Milliseconds of one frame on a common screen: more batches than that nobody can see. */
const frameMs = 16;
/** The pause while more comes in a frame than anybody can read: drawing less often leaves the machine to the program. */
const floodFrameMs = 32;
const floodEvents = 64;
/** How long what nobody waits for may wait for something that it can go along with. */
const quietMs = 250;

/**
 * Sends events to a view at most once per frame. The first event after a pause goes at once, so that batching costs no
 * latency; what comes within the same frame waits for its end, and pieces of the same text are joined. Events of which
 * little or nothing is to be seen, such as usage, go along with the others: each message to a view costs the editor and the
 * view some work, just when an answer is to come.
 */
export class EventBatcher implements Disposable {
  readonly #clock: Clock;
  readonly #post: (batch: EventBatch) => void;
  #events: SessionEvent[] = [];
  #from = 0;
  #next = 0;
  /** The end of the frame, or of the time that quiet events wait. */
  #timer: Disposable | null = null;
  /** A batch was sent less than a frame ago. */
  #inFrame = false;
  #disposed = false;
  /** Nothing waits that anybody waits for. */
  #onlyQuiet = true;
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
    this.#onlyQuiet &&= batch.events.every(isQuiet);
    if (!this.#inFrame && !this.#onlyQuiet) this.#flush();
    // The answer's first words do not wait for the frame of what came just before them, nor its last ones for more to come.
    else if ((!this.#proseSent && batch.events.some(isProse)) || batch.events.some(isOutcome)) this.#flush();
    else this.#timer ??= this.#flushAfter(quietMs);
  }

  /** Forgets what waits, because the view gets a snapshot instead. */
  clear(): void {
    this.#events = [];
    this.#onlyQuiet = true;
  }

  #flushAfter(milliseconds: number): Disposable {
    return this.#clock.after(milliseconds, () => {
      this.#flush();
    });
  }

  #endFrame(): void {
    this.#timer = null;
    this.#inFrame = false;
    this.#proseSent = false;
    if (this.#events.length === 0) return;
    if (this.#onlyQuiet) this.#timer = this.#flushAfter(quietMs);
    else this.#flush();
  }

  #flush(): void {
    this.#timer?.dispose();
    this.#timer = null;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#onlyQuiet = true;
    this.#inFrame = true;
    this.#proseSent = events.some(isProse);
    const pauseMs = this.#next - this.#from > floodEvents ? floodFrameMs : frameMs;
    this.#timer = this.#clock.after(pauseMs, () => {
      this.#endFrame();
    });
    this.#post({ from: this.#from, next: this.#next, events });
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
    this.#events = [];
  }
}

function isProse(event: SessionEvent): boolean {
  return event.kind === 'text' || event.kind === 'thinking';
}

/** Whether a view shows little or nothing of it. */
function isQuiet({ kind }: SessionEvent): boolean {
  return ['passthrough', 'usage', 'message', 'status', 'rateLimit', 'subagent', 'toolProgress'].includes(kind);
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
