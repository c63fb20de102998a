import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventBatcher } from '../../../../src/core/chat/eventBatcher.js';
import type { EventBatch } from '../../../../src/core/session/eventLog.js';
import { TranscriptReducer } from '../../../../src/core/session/reducer.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { emptyTranscript, type Transcript } from '../../../../src/protocol/session/transcript.js';
import { ManualClock } from '../../../support/fakes/manualClock.js';
import { anyEvents } from '../session/anyEvents.js';

const frameMs = 16;

function bench(): {
  clock: ManualClock;
  batcher: EventBatcher;
  posted: EventBatch[];
  add: (...events: SessionEvent[]) => void;
} {
  const clock = new ManualClock();
  const posted: EventBatch[] = [];
  const batcher = new EventBatcher(clock, (batch) => posted.push(batch));
  let next = 0;
  const add = (...events: SessionEvent[]): void => {
    const from = next;
    next += events.length;
    batcher.add({ from, next, events });
  };
  return { clock, batcher, posted, add };
}

function text(piece: string, index = 0, whole = false): SessionEvent {
  return { kind: 'text', block: { parent: null, message: 'm', index }, text: piece, whole };
}

const start: SessionEvent = { kind: 'start', turn: 't', prompt: null, at: 0 };
const other: SessionEvent = { kind: 'subagent', toolUseId: null, task: 't', phase: 'progress', description: '' };

function reduce(events: readonly SessionEvent[]): Transcript {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript;
}

describe('EventBatcher', () => {
  it('U1 sends the first event after a pause at once', () => {
    const { clock, posted, add } = bench();
    add(text('a'));
    expect(posted).toHaveLength(1);
    clock.advance(1000);
    add(text('b'));
    expect(posted).toHaveLength(2);
    expect(clock.now()).toBeGreaterThan(0);
  });

  it('U1 sends the first words at once, although something else went out just before', () => {
    const { posted, add } = bench();
    add(start);
    add(other);
    add(text('a'));
    expect(posted.map(({ events }) => events.length)).toEqual([1, 2]);
  });

  it('what nobody waits for goes along with the next, or alone after a quarter of a second', () => {
    const { clock, posted, add } = bench();
    add(other);
    add(other);
    expect(posted).toHaveLength(0);
    add(text('a'));
    expect(posted.map(({ events }) => events.length)).toEqual([3]);
    clock.advance(1000);
    add(other);
    clock.advance(249);
    expect(posted).toHaveLength(1);
    clock.advance(1);
    expect(posted[1]).toEqual({ from: 3, next: 4, events: [other] });
  });

  it('U1 sends the end of a turn at once, with the last words before it', () => {
    const { posted, add } = bench();
    add(text('a'));
    add(text('b'));
    const end: SessionEvent = { kind: 'complete', turn: 't', usage: noTurnUsage };
    add(end);
    expect(posted[1]).toEqual({ from: 1, next: 3, events: [text('b'), end] });
  });

  it('U1 sends half as often while more comes than anybody can read', () => {
    const { clock, posted, add } = bench();
    for (let time = 0; time < 960; time += 1) {
      for (let piece = 0; piece < 5; piece += 1) add(text('x'));
      clock.advance(1);
    }
    expect(posted.length).toBeLessThanOrEqual(2 + 960 / (2 * frameMs));
    expect(posted.at(-1)?.next).toBeGreaterThan(4500);
  });

  it('U1 joins what comes within a frame, and sends it at the frame’s end', () => {
    const { clock, posted, add } = bench();
    add(text('a'));
    for (const piece of ['b', 'c', 'd']) add(text(piece));
    clock.advance(frameMs - 1);
    expect(posted).toHaveLength(1);
    clock.advance(1);
    expect(posted[1]).toEqual({ from: 1, next: 4, events: [text('bcd')] });
  });

  it('U1 sends at most two batches in a frame, however many events come', () => {
    const { clock, posted, add } = bench();
    for (let time = 0; time < 1000; time += 1) {
      add(time % 7 === 0 ? other : text('x', time % 3));
      clock.advance(1);
    }
    expect(posted.length).toBeLessThanOrEqual(2 * Math.ceil(1000 / frameMs) + 1);
  });

  it('U1 does not join pieces of different blocks, nor a piece to a whole', () => {
    const { clock, posted, add } = bench();
    add(other);
    clock.advance(0);
    add(text('a'));
    add(text('b', 1), text('c', 1), text('', 2, true), text('d', 2));
    clock.advance(frameMs);
    expect(posted.at(-1)?.events).toEqual([text('bc', 1), text('', 2, true), text('d', 2)]);
  });

  it('forgets what waits when a snapshot takes its place', () => {
    const { clock, batcher, posted, add } = bench();
    add(text('a'));
    add(text('b'));
    batcher.clear();
    add(text('c'));
    clock.advance(frameMs);
    expect(posted.slice(1)).toEqual([{ from: 2, next: 3, events: [text('c')] }]);
  });

  it('leaves no timer when it is disposed, and takes nothing any more', () => {
    const { clock, batcher, posted, add } = bench();
    add(text('a'));
    batcher.dispose();
    add(text('b'));
    clock.advance(1000);
    expect(posted).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('U1 what it sends makes the same conversation, without a gap, however it came', () => {
    const cuts = fc.array(fc.record({ size: fc.nat({ max: 6 }), wait: fc.constantFrom(0, 0, 1, 16, 40) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(anyEvents, cuts, (events, steps) => {
        const { clock, posted, add } = bench();
        let at = 0;
        for (let step = 0; at < events.length; step += 1) {
          const { size, wait } = steps[step % steps.length] ?? { size: 1, wait: 0 };
          add(...events.slice(at, at + Math.max(1, size)));
          at += Math.max(1, size);
          clock.advance(wait);
        }
        clock.advance(1000);
        let next = 0;
        for (const batch of posted) {
          expect(batch.from).toBe(next);
          next = batch.next;
        }
        expect(next).toBe(events.length);
        expect(clock.pending).toBe(0);
        expect(reduce(posted.flatMap((batch) => batch.events))).toEqual(reduce(events));
      }),
      { numRuns: 1500 },
    );
  });
});
