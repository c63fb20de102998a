import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TranscriptReducer, type ChangeSink } from '../../../../src/core/session/reducer.js';
import type { SessionEvent } from '../../../../src/protocol/session/events.js';
import { emptyTranscript, type Block, type Transcript } from '../../../../src/protocol/session/transcript.js';
import { anyEvents } from './anyEvents.js';

function reduce(events: readonly SessionEvent[], from: Transcript = emptyTranscript(), sink?: ChangeSink): Transcript {
  const reducer = new TranscriptReducer(from, sink);
  for (const event of events) reducer.apply(event);
  return reducer.transcript;
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** The messages and blocks with their own fields, by what names them. */
function fields(transcript: Transcript): Map<string, string> {
  const found = new Map<string, string>();
  const { messages, ...session } = transcript;
  found.set('session', JSON.stringify(session));
  found.set('messages', String(messages.length));
  const addBlocks = (path: string, blocks: readonly Block[]): void => {
    for (const [index, block] of blocks.entries()) {
      const own = block.type === 'tool' ? { ...block, children: block.children.length } : block;
      found.set(`${path}/${String(index)}`, JSON.stringify(own));
      if (block.type === 'tool') addBlocks(`${path}/${String(index)}`, block.children);
    }
  };
  for (const message of messages) {
    const own = message.role === 'assistant' ? { ...message, blocks: message.blocks.length } : message;
    found.set(`message ${String(message.number)}`, JSON.stringify(own));
    if (message.role === 'assistant') addBlocks(`block ${String(message.number)}`, message.blocks);
  }
  return found;
}

describe('The reducer on any events', () => {
  it('U1 S6 goes on from a snapshot taken anywhere as if it had seen everything', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(), (events, cut) => {
        const at = events.length === 0 ? 0 : cut % (events.length + 1);
        const snapshot = copy(reduce(events.slice(0, at)));
        expect(reduce(events.slice(at), snapshot)).toEqual(copy(reduce(events)));
      }),
      { numRuns: 4000 },
    );
  });

  it('U1 goes on from snapshots of snapshots', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let transcript = emptyTranscript();
        for (const event of events) transcript = reduce([event], copy(transcript));
        expect(transcript).toEqual(copy(reduce(events)));
      }),
      { numRuns: 500 },
    );
  });

  it('T6 leaves nothing open when a turn has ended', () => {
    fc.assert(
      fc.property(anyEvents, fc.constantFrom('complete', 'canceled', 'error'), (events, kind) => {
        const usage = { tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, costUsd: 0, durationMs: 0 };
        const end: SessionEvent =
          kind === 'complete'
            ? { kind, turn: 'x', usage }
            : kind === 'error'
              ? { kind, turn: 'x', usage, error: { code: 'unexpected', what: '' } }
              : { kind: 'canceled', turn: 'x', usage, by: 'user' };
        const transcript = reduce([...events, end]);
        const all = JSON.stringify(transcript);
        expect(all).not.toMatch(/"streaming":true|"state":"(streaming|input|running|awaiting)"/);
        expect(transcript).toMatchObject({ turn: null, activity: { kind: 'idle' } });
        expect(transcript.tokensByMessage).toEqual({});
      }),
      { numRuns: 1000 },
    );
  });

  it('T3 never loses a word: all text that was streamed, or what was put in its place, is there once', () => {
    const pieces = fc.array(
      fc.record({ index: fc.nat({ max: 3 }), parent: fc.constantFrom(null, 't1'), whole: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(pieces, (steps) => {
        const expected = new Map<string, string>();
        const events: SessionEvent[] = [
          { kind: 'start', turn: 't', prompt: null, at: 1 },
          { kind: 'toolUse', phase: 'open', block: { parent: null, message: 'm', index: 9 }, id: 't1', name: 'Task' },
        ];
        for (const [number, { index, parent, whole }] of steps.entries()) {
          const text = `<${String(number)}>`;
          const key = `${parent ?? ''}/${String(index)}`;
          expected.set(key, whole ? text : (expected.get(key) ?? '') + text);
          events.push({ kind: 'text', block: { parent, message: 'm', index }, text, whole });
        }
        const shown = JSON.stringify(reduce(events));
        for (const text of expected.values()) expect(shown.split(`"text":${JSON.stringify(text)}`)).toHaveLength(2);
      }),
      { numRuns: 500 },
    );
  });

  it('U1 numbers messages from 1, keys never repeat beside each other, and tools are in one place', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const { messages } = reduce(events);
        expect(messages.map(({ number }) => number)).toEqual(messages.map((_, index) => index + 1));
        const tools: string[] = [];
        const check = (blocks: readonly Block[]): void => {
          const keys = blocks.map((block) => (block.type === 'tool' ? `tool ${block.key}` : block.key));
          for (const block of blocks) {
            if (block.type !== 'tool') continue;
            tools.push(block.id);
            check(block.children);
          }
          expect(new Set(keys).size).toBe(keys.length);
        };
        for (const message of messages) if (message.role === 'assistant') check(message.blocks);
        expect(new Set(tools).size).toBe(tools.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('U1 tells the view of everything that it changes', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const told = new Set<unknown>();
        const sink: ChangeSink = {
          messages: () => told.add('messages'),
          message: (message) => told.add(message),
          block: (block) => told.add(block),
          session: () => told.add('session'),
        };
        const reducer = new TranscriptReducer(emptyTranscript(), sink);
        const objects = (): Map<string, unknown> => {
          const found = new Map<string, unknown>([
            ['session', 'session'],
            ['messages', 'messages'],
          ]);
          const add = (path: string, blocks: readonly Block[]): void => {
            for (const [index, block] of blocks.entries()) {
              found.set(`${path}/${String(index)}`, block);
              if (block.type === 'tool') add(`${path}/${String(index)}`, block.children);
            }
          };
          for (const message of reducer.transcript.messages) {
            found.set(`message ${String(message.number)}`, message);
            if (message.role === 'assistant') add(`block ${String(message.number)}`, message.blocks);
          }
          return found;
        };
        for (const event of events) {
          const before = fields(reducer.transcript);
          told.clear();
          reducer.apply(event);
          const named = objects();
          for (const [path, value] of fields(reducer.transcript)) {
            const was = before.get(path);
            if (was !== undefined && was !== value) expect([path, told.has(named.get(path))]).toEqual([path, true]);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
