import { describe, expect, it } from 'vitest';
import { findTool } from '../../../../src/core/session/findTool.js';
import { TranscriptReducer } from '../../../../src/core/session/reducer.js';
import type {
  PermissionEvent,
  SessionEvent,
  ToolResultEvent,
  TurnUsage,
} from '../../../../src/protocol/session/events.js';
import {
  emptyTranscript,
  type AssistantMessage,
  type Transcript,
} from '../../../../src/protocol/session/transcript.js';
import { tell } from '../../../support/fakes/world.js';

const usage: TurnUsage = {
  tokens: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 },
  costUsd: 0.25,
  durationMs: 10,
};
const start = (prompt: string | null, turn = 't', at = 1000): SessionEvent => ({
  kind: 'start',
  turn,
  prompt: prompt === null ? null : { uuid: `u-${prompt}`, text: prompt },
  at,
});
const text = (index: number, piece: string, parent: string | null = null, whole = false): SessionEvent => ({
  kind: 'text',
  block: { parent, message: 'm1', index },
  text: piece,
  whole,
});
const thinking = (index: number, piece: string): SessionEvent => ({
  kind: 'thinking',
  block: { parent: null, message: 'm1', index },
  text: piece,
  whole: false,
});
const tool = (id: string, name = 'Bash', parent: string | null = null): SessionEvent => ({
  kind: 'toolUse',
  phase: 'ready',
  block: { parent, message: 'm1', index: 1 },
  id,
  name,
  input: { command: 'ls' },
  invalid: false,
});
const result = (id: string, given: Partial<ToolResultEvent> = {}): SessionEvent => ({
  kind: 'toolResult',
  id,
  output: { text: 'out', attachments: 0 },
  isError: false,
  ...given,
});
const permission = (
  id: string,
  phase: PermissionEvent['phase'],
  given: Partial<PermissionEvent> = {},
): SessionEvent => ({
  kind: 'permission',
  request: 'p',
  toolUseId: id,
  tool: 'Bash',
  phase,
  reason: null,
  ...given,
});
const complete: SessionEvent = { kind: 'complete', turn: 't', usage };
const canceled: SessionEvent = { kind: 'canceled', turn: 't', by: 'user', usage };

function reduce(...events: readonly SessionEvent[]): Transcript {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript;
}

function lastOf({ messages }: Transcript): AssistantMessage | undefined {
  return messages.findLast((message) => message.role === 'assistant');
}

describe('The reducer', () => {
  it('T2 makes messages of a turn: text, thinking and tools in the order in which they began', () => {
    const transcript = reduce(start('Hi'), thinking(0, 'Hm'), text(1, 'I '), tool('a'), text(1, 'look.'), complete);
    expect(tell(transcript)).toEqual(['you: Hi', 'claude (complete): (Hm) | I look. | Bash canceled']);
    expect(lastOf(transcript)).toMatchObject({ number: 2, turn: 't', at: 1000, usage });
  });

  it('T3 never mixes parallel blocks of Claude and of subagents', () => {
    const transcript = reduce(
      start('Hi'),
      tool('task-1', 'Task'),
      tool('task-2', 'Task'),
      text(0, 'Main '),
      text(0, 'one', 'task-1'),
      text(0, 'two', 'task-2'),
      text(0, 'text'),
      text(0, ' more', 'task-1'),
      tool('sub', 'Read', 'task-2'),
      result('sub'),
    );
    expect(tell(transcript)).toEqual([
      'you: Hi',
      'claude (streaming): Task running [one more] | Task running [two | Read done] | Main text',
    ]);
    expect(findTool(transcript, 'sub')).toMatchObject({ name: 'Read', state: 'done' });
    expect(findTool(transcript, 'nobody')).toBeUndefined();
  });

  it('T3 what a subagent of an unknown tool says is not lost', () => {
    expect(tell(reduce(start('Hi'), text(0, 'Lost?', 'unknown')))[1]).toBe('claude (streaming): Lost?');
  });

  it('T3 a tool that says it is its own parent is a tool like any other', () => {
    expect(tell(reduce(start('Hi'), tool('a', 'Task', 'a')))[1]).toBe('claude (streaming): Task running');
  });

  it('T3 a whole block takes the place of what was streamed, and an empty one takes it back', () => {
    const transcript = reduce(
      start('Hi'),
      text(0, 'Broken o'),
      text(0, '', null, true),
      text(1, 'a'),
      text(1, 'Whole.', null, true),
    );
    expect(lastOf(transcript)?.blocks).toMatchObject([
      { text: '', streaming: false },
      { text: 'Whole.', streaming: false },
    ]);
  });

  it('T3 shows the input of a tool as it streams, and flags one that is no JSON', () => {
    const at = { parent: null, message: 'm1', index: 1 };
    const open: SessionEvent = { kind: 'toolUse', phase: 'open', block: at, id: 'a', name: 'Bash' };
    const input = (json: string): SessionEvent => ({ kind: 'toolUse', phase: 'input', block: at, id: 'a', json });
    const ready = { kind: 'toolUse', phase: 'ready', block: at, id: 'a', name: 'Bash', input: {} } as const;
    expect(findTool(reduce(start('Hi'), open, input('{"a"'), input(':1')), 'a')).toMatchObject({
      inputText: '{"a":1',
      state: 'input',
    });
    expect(findTool(reduce(start('Hi'), open, input('{"a"'), { ...ready, invalid: true }), 'a')).toMatchObject({
      inputText: '{"a"',
      input: {},
      inputInvalid: true,
      state: 'running',
    });
    expect(findTool(reduce(start('Hi'), open, input('{}'), { ...ready, invalid: false }), 'a')).toMatchObject({
      inputText: '',
    });
  });

  it('A4 tells what became of a permission on the tool’s card', () => {
    const asked = [start('Hi'), tool('a'), permission('a', 'asked')];
    expect(findTool(reduce(...asked), 'a')?.state).toBe('awaiting');
    expect(findTool(reduce(...asked, permission('a', 'allowed')), 'a')?.state).toBe('running');
    const denied = [...asked, permission('a', 'denied', { reason: 'Not now.' })];
    expect(findTool(reduce(...denied, result('a', { isError: true }), complete), 'a')).toMatchObject({
      state: 'denied',
      deniedReason: 'Not now.',
    });
    expect(findTool(reduce(...denied, canceled), 'a')?.state).toBe('denied');
  });

  it('T6 a request that was taken back or stopped is canceled, and nobody is said to have denied it', () => {
    const events = [
      start('Hi'),
      tool('a'),
      permission('a', 'asked'),
      permission('a', 'denied', { reason: 'Stopped.', canceled: true }),
    ];
    expect(findTool(reduce(...events, result('a', { isError: true }), canceled), 'a')).toMatchObject({
      state: 'canceled',
      deniedReason: null,
    });
  });

  it('T6 an answer that is recorded after the tool has ended changes nothing any more', () => {
    for (const phase of ['allowed', 'denied', 'asked'] as const) {
      const done = [start('Hi'), tool('a'), result('a'), permission('a', phase)];
      expect(findTool(reduce(...done), 'a')?.state).toBe('done');
      expect(findTool(reduce(start('Hi'), tool('a'), canceled, permission('a', phase)), 'a')?.state).toBe('canceled');
    }
  });

  it('T6 closes what is open when a turn is stopped, and marks the message', () => {
    const transcript = reduce(
      start('Hi'),
      text(0, 'Par'),
      tool('a'),
      tool('b'),
      result('b', { isError: true }),
      tool('c'),
      canceled,
    );
    expect(tell(transcript)).toEqual([
      'you: Hi',
      'claude (canceled): Par | Bash canceled | Bash failed | Bash canceled',
    ]);
    expect(lastOf(transcript)?.blocks[0]).toMatchObject({ streaming: false });
  });

  it('T6 an error that a tool gives back because the turn is stopped is not the tool’s', () => {
    expect(findTool(reduce(start('Hi'), tool('a'), result('a', { isError: true, canceled: true })), 'a')?.state).toBe(
      'canceled',
    );
  });

  it('T6 a turn that was stopped before Claude said anything still says so', () => {
    expect(tell(reduce(start('Hi'), canceled))).toEqual(['you: Hi', 'claude (canceled): ']);
  });

  it('T5 a failure is a card at the end of what was said', () => {
    const error: SessionEvent = { kind: 'error', turn: 't', error: { code: 'overloaded', what: 'x' }, usage };
    expect(tell(reduce(start('Hi'), text(0, 'Par'), error))).toEqual([
      'you: Hi',
      'claude (failed): Par | error overloaded',
    ]);
    expect(tell(reduce(start('Hi'), error))).toEqual(['you: Hi', 'claude (failed): error overloaded']);
  });

  it('T5 tools that an earlier turn left open without an end are closed when the next begins', () => {
    const reducer = new TranscriptReducer(emptyTranscript());
    for (const event of [start('One'), tool('a'), text(0, 'Par'), start('Two', 't2')]) reducer.apply(event);
    expect(tell(reducer.transcript)).toEqual(['you: One', 'claude (complete): Bash canceled | Par', 'you: Two']);
    expect(reducer.tools.isAnyRunning).toBe(false);
  });

  it('T7 a message that was delivered during the turn stands between what Claude said before and after', () => {
    const steering: SessionEvent = { kind: 'steeringDelivered', prompt: { uuid: 's', text: 'Also this' } };
    expect(
      tell(reduce(start('Hi'), text(0, 'One'), tool('a'), steering, result('a'), text(2, 'Two'), complete)),
    ).toEqual(['you: Hi', 'claude (complete): One | Bash done', 'you: Also this', 'claude (complete): Two']);
  });

  it('M1 counts the tokens of a turn as they come and each message once, and adds up the turns', () => {
    const counted = (message: string, input: number, output: number, parent: string | null = null): SessionEvent => ({
      kind: 'usage',
      parent,
      message,
      tokens: { input, output, cacheRead: 0, cacheWrite: 0 },
    });
    const running = reduce(
      start('Hi'),
      counted('m1', 10, 1),
      counted('m1', 10, 7),
      counted('m2', 5, 2),
      counted('s', 1, 1, 'task'),
    );
    expect(running.turnTokens).toEqual({ input: 16, output: 10, cacheRead: 0, cacheWrite: 0 });
    const ended = reduce(start('Hi'), counted('m1', 10, 7), complete, start('More'), counted('m1', 3, 3));
    expect(ended.turnTokens).toEqual({ input: 3, output: 3, cacheRead: 0, cacheWrite: 0 });
    expect(reduce(start('Hi'), complete, start('More'), canceled).total).toEqual({
      tokens: { input: 2, output: 4, cacheRead: 6, cacheWrite: 8 },
      costUsd: 0.5,
      durationMs: 20,
    });
  });

  it('U1 what is said outside of a turn is complete at once, each for itself', () => {
    const notice: SessionEvent = { kind: 'notice', level: 'info', notice: { code: 'unexpected', what: 'x' } };
    const transcript = reduce(notice, notice, start('Hi'), notice, text(0, 'a'), complete, notice);
    expect(tell(transcript)).toEqual([
      'claude (complete): notice unexpected',
      'claude (complete): notice unexpected',
      'you: Hi',
      'claude (complete): notice unexpected | a',
      'claude (complete): notice unexpected',
    ]);
  });

  it('U1 a turn that the program began by itself has the time of its beginning', () => {
    const transcript = reduce(start('Hi', 't', 1000), text(0, 'a'), complete, start(null, 't2', 9000), text(5, 'b'));
    expect(lastOf(transcript)?.at).toBe(9000);
  });

  it('T2 tells what the session is busy with, and nothing of it after the turn', () => {
    const retrying: SessionEvent = {
      kind: 'status',
      status: 'retrying',
      attempt: 1,
      attempts: 3,
      delayMs: 5,
      reason: '529',
    };
    expect(reduce(start('Hi')).activity).toEqual({ kind: 'working' });
    expect(reduce(start('Hi'), retrying).activity).toMatchObject({ kind: 'retrying', attempt: 1 });
    expect(reduce(start('Hi'), { kind: 'status', status: 'compacting' }).activity).toEqual({ kind: 'compacting' });
    expect(reduce(start('Hi'), retrying, complete).activity).toEqual({ kind: 'idle' });
    expect(reduce({ kind: 'status', status: 'working' }).activity).toEqual({ kind: 'idle' });
  });

  it('U1 takes 400,000 events into a long conversation without work that grows with it', () => {
    const reducer = new TranscriptReducer(emptyTranscript());
    for (let turn = 0; turn < 2000; turn += 1) {
      reducer.apply(start(`p${String(turn)}`));
      reducer.apply(tool(`tool-${String(turn)}`));
      reducer.apply(text(turn + 10, 'answer'));
      reducer.apply(complete);
    }
    reducer.apply(start('Last'));
    for (let index = 0; index < 500; index += 1) reducer.apply(tool(`open-${String(index)}`));
    for (let piece = 0; piece < 400_000; piece += 1) reducer.apply(text(5, 'x'));
    const block = lastOf(reducer.transcript)?.blocks.at(-1);
    expect(block?.type === 'text' ? block.text.length : 0).toBe(400_000);
  });
});
