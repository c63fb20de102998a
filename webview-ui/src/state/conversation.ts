import { batch, signal, type Signal } from '@preact/signals';
import { TranscriptReducer, type ChangeSink } from '../../../src/core/session/reducer.js';
import type { ScrollPlace } from '../../../src/protocol/chat/toHost.js';
import type { MessageRun, ToView } from '../../../src/protocol/chat/toView.js';
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
  /** Number of the message before which a page was asked for that has not come; null when none was. */
  asked: number | null = null;
  /** Counts batches of events. */
  readonly batches: Signal<number> = signal(0);
  readonly #reducer: TranscriptReducer;
  readonly #versions = new WeakMap<object, Signal<number>>();
  readonly #list = signal(0);
  readonly #fields = signal(0);
  /** The number before the conversation's first message; null while that is not known. */
  readonly #origin: Signal<number | null>;
  /** Messages before the last page, in their order; where the host sent what is around a place, some may be missing between. */
  #older: readonly Message[] = [];
  #next: number;

  /** @param snapshot what the host sent; its transcript belongs to this object from now on */
  constructor(snapshot: Extract<ToView, { type: 'snapshot' }>) {
    this.id = snapshot.header.id;
    this.earlier = signal(snapshot.earlier);
    this.unread = signal(snapshot.unread);
    this.#next = snapshot.next;
    this.#reducer = new TranscriptReducer(snapshot.transcript, this.#sink());
    if (snapshot.around) this.#merge(snapshot.around);
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

  /** Takes an older page of messages. One that does not end where others begin was asked for by another view. */
  prepend(page: MessageRun): void {
    this.asked = null;
    const last = page.messages.at(-1)?.number;
    const first = page.messages[0]?.number;
    const { all } = this;
    const joins = all.some(({ number }) => number - 1 === last || number + 1 === first);
    if (last === undefined || joins || last + 1 === this.#first) this.take(page);
  }

  /** Takes messages, wherever they are in the conversation. */
  take(run: MessageRun): void {
    batch(() => {
      this.#merge(run);
      this.#origin.value = this.#findOrigin();
      this.#list.value += 1;
    });
  }

  #merge({ messages, earlier, unread }: MessageRun): void {
    const first = messages[0]?.number;
    if (first === undefined || first <= this.#first) {
      this.earlier.value = earlier;
      this.unread.value = unread;
    }
    const lastPage = this.#reducer.transcript.messages[0]?.number ?? this.#reducer.transcript.firstNumber;
    const known = new Set(this.#older.map(({ number }) => number));
    const fresh = messages.filter(({ number }) => number < lastPage && !known.has(number));
    this.#older = [...this.#older, ...fresh].sort((a, b) => a.number - b.number);
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
    const message = all.findLast(({ number, role }) => number <= place.message && role === 'user');
    if (message?.role !== 'user') return place;
    return { ...place, anchor: { uuid: message.uuid, after: place.message - message.number } };
  }

  /** The place with the number that its message has here; null when it is not here. */
  located(place: ScrollPlace): ScrollPlace | null {
    if (place.atEnd) return place;
    const { all } = this;
    const { anchor } = place;
    if (!anchor) return all.some(({ number }) => number === place.message) ? place : null;
    const from = all.findLast((message) => message.role === 'user' && message.uuid === anchor.uuid);
    const message = from && all.find(({ number }) => number === from.number + anchor.after);
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
