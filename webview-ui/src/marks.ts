import type { SessionEvent } from '../../src/protocol/session/events.js';

/*
 * Marks in the browser's performance timeline, for the benchmark. They are always on: a mark costs about a microsecond,
 * and there are at most two a frame. Each name has one entry, the newest.
 *
 *   arbor:send-clicked         the user asked to send
 *   arbor:first-text-painted   the first frame that shows text of the turn's answer was painted
 *   arbor:last-paint           the last frame that shows a batch of events was painted
 */

/** Sets a mark, replacing the one of that name. */
export function mark(name: 'arbor:send-clicked' | 'arbor:first-text-painted' | 'arbor:last-paint'): void {
  performance.clearMarks(name);
  performance.mark(name);
}

/** Marks what the events of each batch lead to, once it is painted. */
export class PaintMarks {
  #awaitsText = false;
  #scheduled = false;
  #first = false;

  /** Takes a batch that was just drawn. */
  readonly events = (events: readonly SessionEvent[]): void => {
    for (const event of events) {
      if (event.kind === 'start') this.#awaitsText = true;
      else if (event.kind === 'text' && this.#awaitsText) {
        this.#awaitsText = false;
        this.#first = true;
      }
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A task that is posted in a frame's callback runs after that frame was painted.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        this.#painted();
      };
      channel.port2.postMessage(null);
    });
  };

  #painted(): void {
    this.#scheduled = false;
    if (this.#first) mark('arbor:first-text-painted');
    this.#first = false;
    mark('arbor:last-paint');
  }
}
