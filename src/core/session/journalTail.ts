import type { Journal, JournalEntry } from '../storePorts.js';

const pageEvents = 500;
/** A turn of more events than that is taken as far as it goes. */
const mostEvents = 100_000;

/**
 * The end of a session's journal, from the beginning of its last turn or some turns before.
 * @param journal where to read
 * @param sessionId the session
 * @param last the number of the journal's last event
 * @returns the events in their order; empty when the journal has no turn's beginning any more
 * @throws ArborError `stateUnreadable` when the journal cannot be read
 */
export async function readTail(journal: Journal, sessionId: string, last: number): Promise<readonly JournalEntry[]> {
  const pages: (readonly JournalEntry[])[] = [];
  let count = 0;
  for (let to = last + 1; to > 0 && count < mostEvents;) {
    const from = Math.max(0, to - pageEvents);
    const page = await journal.read(sessionId, from, to - from);
    const end = to;
    const entries = page.entries.filter(({ seq }) => seq < end);
    pages.unshift(entries);
    count += entries.length;
    if (page.evicted > 0 || entries.some(({ event }) => event.kind === 'start')) break;
    to = from;
  }
  const tail = pages.flat();
  const start = tail.findIndex(({ event }) => event.kind === 'start');
  return start < 0 ? [] : tail.slice(start);
}
