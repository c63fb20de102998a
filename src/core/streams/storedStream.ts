import { ArborError } from '../../base/errors.js';
import type { Journal } from '../storePorts.js';
import { parseStreamId, StreamProgress, type StreamPlace, type StreamStatus } from './stream.js';

/** What the journal says of a stream. */
export interface StoredStream extends StreamPlace {
  readonly status: StreamStatus;
  readonly total: number;
  /** Whether the journal has its end: nothing will change about it. */
  readonly hasEnded: boolean;
}

/** Events that are looked through at a time for a stream's end. */
const scanEvents = 1000;

/**
 * Finds a stream of an earlier run in its session's journal. One whose end is not in it counts as canceled: whoever ran it in
 * this window is gone.
 * @param id the stream's id
 * @throws ArborError `notFound` when there never was such a stream, or its events are not kept any more; `stateUnreadable`
 */
export async function findStored(journal: Journal, id: string): Promise<StoredStream> {
  const place = parseStreamId(id);
  if (!place) throw unknownStream(id);
  const { sessionId, first } = place;
  const progress = new StreamProgress();
  for (let from = first; ;) {
    const page = await journal.read(sessionId, from, scanEvents);
    if (from === first) {
      if (page.evicted > 0) throw evictedStream(id);
      const begin = page.entries[0];
      if (begin?.seq !== first || begin.event.kind !== 'start') throw unknownStream(id);
    }
    for (const { seq, event } of page.entries) {
      if (event.kind === 'start' && seq !== first)
        return { ...place, status: 'canceled', total: seq - first, hasEnded: true };
      progress.take(event);
      // Where a line is missing in between its number is not.
      progress.total = seq - first + 1;
      if (progress.hasEnded) return { ...place, status: progress.status, total: progress.total, hasEnded: true };
    }
    from = page.next;
    if (page.entries.length === 0) return { ...place, status: 'canceled', total: progress.total, hasEnded: false };
  }
}

function unknownStream(id: string): ArborError {
  return new ArborError({
    code: 'notFound',
    what: 'There is no stream with this id.',
    next: 'List the streams, and use an id from there.',
    detail: id.slice(0, 200),
  });
}

function evictedStream(id: string): ArborError {
  return new ArborError({
    code: 'notFound',
    what: 'The events of this stream are not kept any more: newer ones took their place.',
    kept: 'What was said is in the conversation.',
    next: 'Open the session to read it.',
    detail: id,
  });
}
