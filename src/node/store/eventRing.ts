import type { JournalEntry } from '../../core/storePorts.js';

/** What is kept in memory of one session: so many events, and so many characters of them, at most. */
const ringEvents = 2000;
const ringCharacters = 1024 * 1024;

/** The newest events of a session, so that those who follow it need no file. */
export class EventRing {
  #entries: { readonly entry: JournalEntry; readonly length: number }[] = [];
  /** Where the ring begins in the array; what is before it was dropped, and is cut off now and then. */
  #start = 0;
  #characters = 0;

  /** The number of the oldest event that is kept; infinite without one. */
  get first(): number {
    return this.#entries[this.#start]?.entry.seq ?? Number.POSITIVE_INFINITY;
  }

  /** The number after the newest event; 0 without one. */
  get end(): number {
    return (this.#entries.at(-1)?.entry.seq ?? -1) + 1;
  }

  /**
   * Adds an event at the end.
   * @param entry the event
   * @param length how many characters it has as a line
   */
  add(entry: JournalEntry, length: number): void {
    this.#entries.push({ entry, length });
    this.#characters += length;
    while (this.#entries.length - this.#start > ringEvents || this.#characters > ringCharacters) {
      this.#characters -= this.#entries[this.#start]?.length ?? 0;
      this.#start += 1;
    }
    if (this.#start <= ringEvents) return;
    this.#entries = this.#entries.slice(this.#start);
    this.#start = 0;
  }

  /**
   * The events from a number on.
   * @param from the first that is wanted
   * @param limit how many at most
   */
  from(from: number, limit: number): readonly JournalEntry[] {
    let low = this.#start;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.entry.seq ?? from) < from) low = middle + 1;
      else high = middle;
    }
    return this.#entries.slice(low, low + limit).map(({ entry }) => entry);
  }
}
