import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import type { NoticeEvent, SessionEvent } from '../../protocol/session/events.js';
import type { Message } from '../../protocol/session/transcript.js';
import type { ProgramRegistry } from '../ports.js';
import { askAgainMs, type Searched } from './otherPrograms.js';

/** Whether events have a prompt that is not known. */
export function hasUnknownPrompt(events: readonly SessionEvent[], known: readonly Message[]): boolean {
  const ids = new Set(known.map(({ uuid }) => uuid));
  return events.some((event) => event.kind === 'start' && event.prompt !== null && !ids.has(event.prompt.uuid));
}

/**
 * The turns that another program added to a conversation behind what is known of it.
 * @param page the end of the transcript
 * @param known the messages that are known
 * @returns empty when there are none, and when nothing of the page is known: then it is another conversation
 */
export function saidElsewhere(page: readonly SessionEvent[], known: readonly Message[]): readonly SessionEvent[] {
  const ids = new Set(known.flatMap(({ uuid }) => (uuid === null ? [] : [uuid])));
  const last = page.findLastIndex((event) => isKnown(event, ids));
  if (last < 0) return [];
  const from = page.findIndex((event, index) => index > last && event.kind === 'start' && event.prompt !== null);
  return from < 0 ? [] : [wentOn, ...page.slice(from)];
}

function isKnown(event: SessionEvent, ids: ReadonlySet<string>): boolean {
  if (event.kind === 'start' || event.kind === 'steeringDelivered') return ids.has(event.prompt?.uuid ?? '');
  return event.kind === 'message' && ids.has(event.uuid ?? '');
}

const wentOn: NoticeEvent = {
  kind: 'notice',
  level: 'info',
  notice: {
    code: 'transcriptChanged',
    what: 'This conversation went on in another program, such as a terminal.',
    kept: 'What was said there follows. Claude knows of it here, too.',
  },
};

/** What a follower needs of a session. */
export interface Followed extends Searched {
  /** Takes in what another program added. */
  followTranscript(): Promise<void>;
}

/** What a follower works with. */
export interface FollowerParts {
  readonly registry: ProgramRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Has a session take in what another program added to its transcript, when that one has come to the end of its turn. */
export class TranscriptFollower implements Disposable {
  readonly #session: Followed;
  readonly #parts: FollowerParts;
  #timer: Disposable | undefined;
  #isLooking = false;
  #isChanged = false;
  #disposed = false;

  /**
   * @param session the session
   * @param parts what it works with
   */
  constructor(session: Followed, parts: FollowerParts) {
    this.#session = session;
    this.#parts = parts;
  }

  /** The transcript has changed. */
  changed(): void {
    this.#isChanged = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    const done = this.#look().finally(() => {
      this.#isLooking = false;
    });
    detach(done, (error) => {
      // It is looked at again when it changes again, and read anew when the session is opened.
      this.#parts.logger.warn(`What another program added to a transcript could not be read: ${String(error)}`);
    });
  }

  async #look(): Promise<void> {
    const { registry, clock } = this.#parts;
    while (this.#isChanged && !this.#disposed) {
      this.#isChanged = false;
      const others = await registry.othersOn(this.#session.id, this.#session.running?.process.pid ?? null);
      if (this.#isGone()) return;
      if (others.some(({ isBusy }) => isBusy)) {
        this.#timer?.dispose();
        this.#timer = clock.after(askAgainMs, () => {
          this.changed();
        });
      } else await this.#session.followTranscript();
    }
  }

  /** For code that has waited. */
  #isGone(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
  }
}
