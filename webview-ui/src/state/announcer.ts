import type { Disposable } from '../../../src/base/disposable.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';

/** Least time between two announcements, in milliseconds, so that a screen reader can keep up. */
const pauseMs = 2000;
/** Characters that may wait to be announced; of a flood only the end is. */
const most = 4000;
/** Announcements that stay in the region; older ones have been read. */
const kept = 6;

/**
 * Tells screen readers what happens, in whole sentences and with pauses, through a polite live region. The conversation
 * itself is no live region: it would announce every few letters.
 */
export class Announcer implements Disposable {
  #region: HTMLElement | null = null;
  #pending = '';
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Takes the live region's element. */
  readonly region = (element: HTMLElement | null): void => {
    this.#region = element;
  };

  /** Takes events that were just drawn. */
  events(events: readonly SessionEvent[]): void {
    for (const event of events) {
      switch (event.kind) {
        case 'text':
          if (event.block.parent === null && !event.whole) this.#pending += event.text;
          break;
        case 'permission':
          if (event.phase === 'asked') this.#sentence(`${event.tool} waits for your permission.`);
          break;
        case 'steeringDelivered':
          this.#sentence('Your message was delivered.');
          break;
        case 'notice':
          this.#sentence(event.notice.what);
          break;
        case 'complete':
          this.#sentence('Claude is done.');
          break;
        case 'canceled':
          this.#sentence('Claude was stopped.');
          break;
        case 'error':
          this.#sentence(`The turn failed. ${event.error.what}`);
          break;
        default:
          break;
      }
    }
    if (this.#pending.length > most) this.#pending = this.#pending.slice(-most);
    if (this.#pending !== '') this.#timer ??= setTimeout(this.#speak, pauseMs / 4);
  }

  /** Stops speaking. */
  dispose(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #sentence(text: string): void {
    this.#pending += `\n${text}\n`;
  }

  readonly #speak = (): void => {
    this.#timer = null;
    const end = lastSentenceEnd(this.#pending);
    const text = plain(this.#pending.slice(0, end));
    this.#pending = this.#pending.slice(end);
    if (text !== '') this.#say(text);
    if (this.#pending !== '') this.#timer = setTimeout(this.#speak, pauseMs);
  };

  #say(text: string): void {
    if (!this.#region) return;
    const line = document.createElement('p');
    line.textContent = text;
    this.#region.append(line);
    while (this.#region.childElementCount > kept) this.#region.firstElementChild?.remove();
  }
}

/** Where the last whole sentence ends; 0 when there is none yet. */
export function lastSentenceEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(/[.!?…。！？؟](?=\s)\s+|\n+/gu)) end = match.index + match[0].length;
  return end;
}

/** Markdown without the signs that a voice would spell out. */
function plain(text: string): string {
  return text
    .replace(/[*_`#>|~]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}
