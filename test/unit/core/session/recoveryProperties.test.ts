import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { recover, type Recovery } from '../../../../src/core/session/recovery.js';
import { TranscriptReducer } from '../../../../src/core/session/reducer.js';
import type { JournalEntry } from '../../../../src/core/storePorts.js';
import { readConversation } from '../../../../src/node/transcripts/transcripts.js';
import { isOutcome, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { emptyTranscript, type Block, type Transcript } from '../../../../src/protocol/session/transcript.js';
import { temporaryFolder } from '../../node/store/storeParts.js';
import { livedEvents, sessionFile } from '../../node/transcripts/recording.js';

/*
 * Conversations of the real program. The host is killed after any event, when the program has written any number of its
 * transcript's lines: fewer than we had seen of it, or more, because it went on.
 */

const recordings = [
  'plain',
  'fourTools',
  'files',
  'denied',
  'interruptText',
  'interruptThinking',
  'interruptTool',
  'interruptPermission',
  'steerNext',
  'steerLater',
  'question',
  'subagentFg',
  'error500',
  'midError',
  'maxTurns',
  'image',
];

function reduce(events: readonly SessionEvent[]): Transcript {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript;
}

function blocksOf(transcript: Transcript): readonly Block[] {
  const below = (block: Block): readonly Block[] => [
    block,
    ...(block.type === 'tool' ? block.children.flatMap(below) : []),
  ];
  return transcript.messages.flatMap((message) => (message.role === 'assistant' ? message.blocks.flatMap(below) : []));
}

function proseOf(transcript: Transcript): readonly string[] {
  return blocksOf(transcript).flatMap((block) =>
    block.type === 'text' || block.type === 'thinking' ? [block.text] : [],
  );
}

function toolsOf(transcript: Transcript): readonly string[] {
  return blocksOf(transcript).flatMap((block) => (block.type === 'tool' ? [block.id] : []));
}

function ownToolsOf({ messages }: Transcript): readonly string[] {
  const blocks = messages.flatMap((message) => (message.role === 'assistant' ? message.blocks : []));
  return blocks.flatMap((block) => (block.type === 'tool' ? [block.id] : []));
}

function promptsOf(transcript: Transcript): readonly string[] {
  return transcript.messages.flatMap((message) => (message.role === 'user' ? [message.uuid] : []));
}

function unique(list: readonly string[]): void {
  expect(new Set(list).size).toBe(list.length);
}

function outlineOf(transcript: Transcript): unknown {
  return transcript.messages.map((message) =>
    message.role === 'user' ? message.text : [message.state, ...proseOf({ ...transcript, messages: [message] })],
  );
}

/**
 * What holds wherever the two were cut.
 * @param live all that a host would have seen
 * @param complete all that the transcript has in the end
 * @param replayed what the transcript has of it
 * @param tail what the journal has of it
 */
function check(
  live: readonly SessionEvent[],
  complete: readonly SessionEvent[],
  replayed: readonly SessionEvent[],
  tail: readonly JournalEntry[],
): Recovery {
  const recovery = recover(replayed, tail, []);
  const shown = reduce(recovery.events);
  const seen = reduce(tail.map(({ event }) => event));
  const whole = reduce(live);

  // Nothing twice.
  unique(promptsOf(shown));
  unique(toolsOf(shown));
  const most = Math.max(...[live, complete].map((events) => proseOf(reduce(events)).length));
  expect(proseOf(shown).filter((text) => text !== '').length).toBeLessThanOrEqual(most);
  // Nothing lost of what had been seen and was not taken back. Of subagents the transcript tells only when they are done.
  for (const id of [...promptsOf(seen), ...promptsOf(reduce(replayed))]) expect(promptsOf(shown)).toContain(id);
  for (const id of [...ownToolsOf(seen), ...ownToolsOf(reduce(replayed))]) expect(toolsOf(shown)).toContain(id);
  for (const text of proseOf(seen)) {
    const isKept = proseOf(whole).some((one) => one.startsWith(text));
    if (isKept) expect(proseOf(shown).some((one) => one.startsWith(text))).toBe(true);
  }
  for (const text of proseOf(reduce(replayed))) expect(proseOf(shown).some((one) => one.startsWith(text))).toBe(true);
  // Nothing runs.
  expect(shown.turn).toBeNull();
  for (const message of shown.messages) expect(message).not.toMatchObject({ state: 'streaming' });
  for (const block of blocksOf(shown)) expect(block).not.toMatchObject({ streaming: true });
  // The journal's turn has its end.
  const last = tail.findLast(({ event }) => event.kind === 'start' || isOutcome(event))?.event;
  expect(recovery.ended.filter(isOutcome)).toHaveLength(last?.kind === 'start' ? 1 : 0);
  return recovery;
}

it.each(recordings)(
  'T5 S6 a host that is killed at any moment of a conversation loses and repeats nothing (%s)',
  async (name) => {
    const temporary = temporaryFolder();
    onTestFinished(() => {
      temporary.dispose();
    });
    cpSync(dirname(sessionFile(name)), temporary.path, { recursive: true });
    const file = join(temporary.path, 'session.jsonl');
    const lines = readFileSync(sessionFile(name), 'utf8').trimEnd().split('\n');
    const live = livedEvents(name);
    const { events: complete } = await readConversation(file);
    const cuts = fc.tuple(fc.integer({ min: 1, max: live.length }), fc.nat({ max: lines.length }));
    await fc.assert(
      fc.asyncProperty(cuts, async ([seen, written]) => {
        const tail = live.slice(0, seen).map((event, seq) => ({ seq, at: seq, event }));
        // A turn that was complete is in the transcript.
        const isBehind =
          tail.findLast(({ event }) => event.kind === 'start' || isOutcome(event))?.event.kind !== 'complete';
        writeFileSync(file, lines.slice(0, isBehind ? written : lines.length).join('\n'));
        const { events: replayed } = await readConversation(file);
        const first = tail.findLastIndex(({ event }) => event.kind === 'start');
        const recovery = check(live, complete, replayed, tail.slice(first));
        const ended = recovery.ended.map((event, index) => ({ seq: seen + index, at: seen, event }));
        const again = recover(replayed, [...tail.slice(first), ...ended], []);
        expect(outlineOf(reduce(again.events))).toEqual(outlineOf(reduce(recovery.events)));
        expect(again.ended).toEqual([]);
      }),
      { numRuns: 100 },
    );
  },
);
