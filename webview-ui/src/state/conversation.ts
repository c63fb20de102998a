import { batch, signal, type Signal } from '@preact/signals';
import { TranscriptReducer, type ChangeSink } from '../../../src/core/session/reducer.js';
import type { ScrollPlace } from '../../../src/protocol/chat/toHost.js';
import type { ToView } from '../../../src/protocol/chat/toView.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';
import type { Block, Message, Transcript } from '../../../src/protocol/session/transcript.js';

/** What a batch of events did to the conversation. */
export type Applied = 'applied' | 'known' | 'gap';

/**
 * The conversation that the view shows: the shared reducer on top of a snapshot. The reducer changes plain data in place;
 * here each changed object gets a new version number in a signal, and only what reads that number draws again.
 */
export class Conversation {
  /** The id of the session. */
  readonly id: string;
  /** How many messages that the host has come before those that are here. */
  readonly earlier: Signal<number>;
  /** Whether there are more before those, nobody knows how many. */
  readonly unread: Signal<boolean>;
  /** The page before the first message was asked for and has not come. */
  asked = false;
  /** Counts batches of events. */
  readonly batches: Signal<number> = signal(0);
  readonly #reducer: TranscriptReducer;
  readonly #versions = new WeakMap<object, Signal<number>>();
  readonly #list = signal(0);
  readonly #fields = signal(0);
  /** The number before the conversation's first message; null while that is not known. */
  readonly #origin: Signal<number | null>;
  #older: readonly Message[] = [];
  #next: number;

  /** @param snapshot what the host sent; its transcript belongs to this object from now on */
  constructor(snapshot: Extract<ToView, { type: 'snapshot' }>) {
    this.id = snapshot.header.id;
    this.earlier = signal(snapshot.earlier);
    this.unread = signal(snapshot.unread);
    this.#next = snapshot.next;
    this.#reducer = new TranscriptReducer(snapshot.transcript, this.#sink());
    this.#origin = signal(this.#findOrigin());
  }

  /** The messages, oldest first. Reading subscribes to messages being added. */
  get all(): readonly Message[] {
    track(this.#list);
    const { messages } = this.#reducer.transcript;
    return this.#older.length === 0 ? messages : [...this.#older, ...messages];
  }

  /** The session's own fields. Reading subscribes to them, not to the messages. */
  get fields(): Readonly<Transcript> {
    track(this.#fields);
    return this.#reducer.transcript;
  }

  /** Subscribes to a message's or block's own fields. @returns the same object */
  watch<T extends Message | Block>(item: T): T {
    let version = this.#versions.get(item);
    if (!version) {
      version = signal(0);
      this.#versions.set(item, version);
    }
    track(version);
    return item;
  }

  /**
   * Takes events of the host. All that they change is drawn once.
   * @param from the sequence number of the first event
   * @param next the sequence number after the last one
   * @param events in order
   * @returns `known` when they are all in already, `gap` when some are missing and a new snapshot is needed
   */
  apply(from: number, next: number, events: readonly SessionEvent[]): Applied {
    if (next <= this.#next) return 'known';
    if (from !== this.#next) return 'gap';
    this.#next = next;
    batch(() => {
      for (const event of events) this.#reducer.apply(event);
      this.batches.value += 1;
    });
    return 'applied';
  }

  /** Puts an older page of messages before the others. One that does not end where they begin was asked for by another view. */
  prepend({ messages, earlier, unread }: Extract<ToView, { type: 'earlier' }>): void {
    this.asked = false;
    const last = messages.at(-1);
    if (last && last.number + 1 !== this.#first) return;
    batch(() => {
      this.#older = [...messages, ...this.#older];
      this.earlier.value = earlier;
      this.unread.value = unread;
      this.#origin.value = this.#findOrigin();
      this.#list.value += 1;
    });
  }

  /** Which message of the conversation it is, from 1 on; null while its beginning was not read. Reading subscribes to that. */
  ordinal(message: Message): number | null {
    const origin = this.#origin.value;
    return origin === null ? null : message.number - origin;
  }

  /** The place with what is needed to find it in another view, whose numbers may be others. */
  anchored(place: ScrollPlace): ScrollPlace {
    if (place.atEnd) return place;
    const { all } = this;
    const index = all.findIndex(({ number }) => number === place.message);
    const anchor = all.slice(0, index + 1).findLastIndex(({ role }) => role === 'user');
    const message = all[anchor];
    return message?.role === 'user' ? { ...place, anchor: { uuid: message.uuid, after: index - anchor } } : place;
  }

  /** The place with the number that its message has here; null when it is not here. */
  located(place: ScrollPlace): ScrollPlace | null {
    if (place.atEnd) return place;
    const { all } = this;
    const { anchor } = place;
    if (!anchor) return all.some(({ number }) => number === place.message) ? place : null;
    const index = all.findLastIndex((message) => message.role === 'user' && message.uuid === anchor.uuid);
    const message = index < 0 ? undefined : all[index + anchor.after];
    return message ? { ...place, message: message.number } : null;
  }

  /** The number of the first message that is here, or would be. */
  get #first(): number {
    const { messages, firstNumber } = this.#reducer.transcript;
    return (this.#older[0] ?? messages[0])?.number ?? firstNumber;
  }

  #findOrigin(): number | null {
    return this.unread.peek() ? null : this.#first - 1 - this.earlier.peek();
  }

  #sink(): ChangeSink {
    return {
      messages: () => {
        this.#list.value += 1;
      },
      message: (message) => {
        this.#touch(message);
      },
      block: (block) => {
        this.#touch(block);
      },
      session: () => {
        this.#fields.value += 1;
      },
    };
  }

  #touch(item: object): void {
    const version = this.#versions.get(item);
    if (version) version.value += 1;
  }
}

/** Subscribes whoever is drawing to a version. @returns the version */
function track(version: Signal<number>): number {
  return version.value;
}
