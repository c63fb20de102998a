import { describe, expect, it } from 'vitest';
import { deliveredOf } from '../../../../src/core/session/deliveredPrompts.js';
import { readTail } from '../../../../src/core/session/journalTail.js';
import { recover, type Recovery } from '../../../../src/core/session/recovery.js';
import { TranscriptReducer } from '../../../../src/core/session/reducer.js';
import type { JournalEntry } from '../../../../src/core/storePorts.js';
import { noTurnUsage, noUsage, type SessionEvent, type TurnUsage } from '../../../../src/protocol/session/events.js';
import { emptyTranscript, type Transcript } from '../../../../src/protocol/session/transcript.js';
import { FakeJournal } from '../../../support/fakes/fakeStores.js';
import { tell } from '../../../support/fakes/world.js';

function start(turn: string, text: string, at = 10): SessionEvent & { readonly kind: 'start' } {
  return { kind: 'start', turn, prompt: { uuid: `prompt ${text}`, text }, at };
}
function streamed(message: string, text: string, index = 0): SessionEvent {
  return { kind: 'text', block: { parent: null, message, index }, text, whole: false };
}
function whole(message: string, text: string, index = 0): SessionEvent {
  return { kind: 'text', block: { parent: null, message, index }, text, whole: true };
}
function line(message: string): SessionEvent {
  return { kind: 'message', parent: null, message, uuid: `line-${message}`, model: 'opus' };
}
function complete(turn: string, usage: TurnUsage = noTurnUsage): SessionEvent {
  return { kind: 'complete', turn, usage };
}
function canceled(turn: string, by: 'user' | 'program' = 'program'): SessionEvent {
  return { kind: 'canceled', turn, by, usage: noTurnUsage };
}
function tool(message: string, id: string, phase: 'open' | 'ready' = 'ready'): SessionEvent {
  const use = { kind: 'toolUse', block: { parent: null, message, index: 1 }, id, name: 'Bash' } as const;
  return phase === 'open' ? { ...use, phase } : { ...use, phase, input: {}, invalid: false };
}
function result(id: string): SessionEvent {
  return { kind: 'toolResult', id, output: { text: 'done', attachments: 0 }, isError: false };
}

function journal(...events: SessionEvent[]): JournalEntry[] {
  return events.map((event, index) => ({ seq: index, at: 1000 + index, event }));
}

function shown({ events }: Recovery): Transcript {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript;
}

const told = (recovery: Recovery): readonly string[] => tell(shown(recovery));
const before = [start('r0', 'Before'), whole('m0', 'Yes.'), line('m0'), complete('r0')];

describe('A turn whose host was killed', () => {
  it('T5 shows the words that had arrived, in their place, as cut off', () => {
    const replayed = [...before, start('r1', 'Tell me'), canceled('r1')];
    const tail = journal(start('t1', 'Tell me'), streamed('m1', 'Once upon '), streamed('m1', 'a ti'));
    const recovery = recover(replayed, tail, []);
    expect(told(recovery)).toEqual([
      'you: Before',
      'claude (complete): Yes.',
      'you: Tell me',
      'claude (canceled): Once upon a ti | notice turnCutOff',
    ]);
    expect(recovery.ended).toMatchObject([
      { kind: 'notice', level: 'warning' },
      { kind: 'canceled', turn: 't1', by: 'program' },
    ]);
  });

  it('T5 shows a turn that the transcript has nothing of, and says that Claude does not know it', () => {
    const recovery = recover(before, journal(start('t1', 'Tell me', 99), streamed('m1', 'On')), []);
    expect(told(recovery).slice(2)).toEqual(['you: Tell me', 'claude (canceled): On | notice turnCutOff']);
    expect(JSON.stringify(recovery.ended)).toContain('send it again');
    const known = recover(
      [...before, start('r1', 'Tell me')],
      journal(start('t1', 'Tell me'), streamed('m1', 'On')),
      [],
    );
    expect(JSON.stringify(known.ended)).not.toContain('send it again');
  });

  it('T5 does not show twice what the transcript has: messages, tools and their results', () => {
    const replayed = [
      start('r1', 'Work'),
      whole('m1', 'Working.'),
      tool('m1', 'tool1'),
      result('tool1'),
      line('m1'),
      canceled('r1'),
    ];
    const tail = journal(
      start('t1', 'Work'),
      streamed('m1', 'Working.'),
      tool('m1', 'tool1', 'open'),
      tool('m1', 'tool1'),
      line('m1'),
      result('tool1'),
      streamed('m2', 'Now the'),
      tool('m2', 'tool2', 'open'),
    );
    expect(told(recover(replayed, tail, []))).toEqual([
      'you: Work',
      'claude (canceled): Working. | Bash done | Now the | Bash canceled | notice turnCutOff',
    ]);
  });

  it('T5 shows the whole of a text that the program wrote down in part when it was ended', () => {
    const replayed = [start('r1', 'Tell'), whole('m1', 'Once upon'), line('m1'), complete('r1')];
    const recovery = recover(replayed, journal(start('t1', 'Tell'), streamed('m1', 'Once upon a time')), []);
    expect(told(recovery)).toEqual(['you: Tell', 'claude (canceled): Once upon a time | notice turnCutOff']);
  });

  it('T5 a message that was being streamed cannot be forked from', () => {
    const recovery = recover([], journal(start('t1', 'Tell'), streamed('m1', 'On'), line('m1')), []);
    expect(shown(recovery).messages.at(-1)).toMatchObject({ uuid: null });
  });

  it('M1 T5 counts what the turn used until then, and invents no cost', () => {
    const usage = (output: number): SessionEvent => ({
      kind: 'usage',
      parent: null,
      message: 'm1',
      tokens: { ...noUsage, input: 7, output },
    });
    const recovery = recover([], journal(start('t1', 'Tell'), usage(1), streamed('m1', 'On'), usage(5)), []);
    expect(recovery.usage).toEqual({ tokens: { ...noUsage, input: 7, output: 5 }, costUsd: 0, durationMs: 3 });
  });

  it('T5 says it once: what was recovered is the same when it is opened again', () => {
    const replayed = [...before, start('r1', 'Tell me'), canceled('r1')];
    const tail = journal(start('t1', 'Tell me'), streamed('m1', 'Once'));
    const first = recover(replayed, tail, []);
    const second = recover(replayed, journal(...tail.map(({ event }) => event), ...first.ended), []);
    expect(told(second)).toEqual(told(first));
    expect(second.ended).toEqual([]);
    expect(second.usage).toEqual(noTurnUsage);
  });

  it('T5 stays in its place when the conversation has gone on', () => {
    const replayed = [
      start('r1', 'Tell me', 1),
      start('r2', 'Go on', 20),
      whole('m2', 'Sure.'),
      line('m2'),
      complete('r2'),
    ];
    const tail = journal(
      start('t1', 'Tell me'),
      streamed('m1', 'Once'),
      canceled('t1'),
      start('t2', 'Go on'),
      streamed('m2', 'Sure.'),
      line('m2'),
      complete('t2'),
    );
    expect(told(recover(replayed, tail, []))).toEqual([
      'you: Tell me',
      'claude (canceled): Once',
      'you: Go on',
      'claude (complete): Sure.',
    ]);
  });

  it('T5 one that the transcript has nothing of comes before what was said later, such as in a terminal', () => {
    const later = [start('r9', 'Later', 500), whole('m9', 'Hi.'), line('m9'), complete('r9')];
    const recovery = recover([...before, ...later], journal(start('t1', 'Lost', 100), streamed('m1', 'On')), []);
    expect(told(recovery).map((words) => words.split(' ').at(-1))).toEqual([
      'Before',
      'Yes.',
      'Lost',
      'turnCutOff',
      'Later',
      'Hi.',
    ]);
  });

  it('T5 one that the program began by itself is found by its messages', () => {
    const own = (turn: string): SessionEvent => ({ kind: 'start', turn, prompt: null, at: 1 });
    const replayed = [...before, own('r1'), whole('m1', 'It is done'), tool('m1', 'tool1'), canceled('r1')];
    const tail = journal(own('t1'), streamed('m1', 'It is done'), tool('m1', 'tool1'), streamed('m2', 'And'));
    expect(told(recover(replayed, tail, [])).slice(2)).toEqual([
      'claude (canceled): It is done | Bash canceled | And | notice turnCutOff',
    ]);
  });
});

describe('A program that went on without its host', () => {
  const tail = journal(start('t1', 'Tell'), streamed('m1', 'Once upon'));

  it.each([
    ['finished its text', [whole('m1', 'Once upon a time.'), line('m1')]],
    ['began its answer anew', [whole('m2', 'There was'), line('m2')]],
    ['ran a tool', [whole('m1', 'Once upon'), tool('m1', 'tool1'), result('tool1'), whole('m2', 'Done.'), line('m2')]],
  ])('T5 is right where it %s', (_, said) => {
    const replayed = [...before, start('r1', 'Tell'), ...said, complete('r1')];
    const recovery = recover(replayed, tail, []);
    expect(recovery.events).toEqual(replayed);
    // The stream of the turn has an end all the same.
    expect(recovery.ended).toEqual([complete('t1')]);
  });

  it('T5 is right also where the turn was told to be cut off before', () => {
    const replayed = [start('r1', 'Tell'), whole('m1', 'Once upon a time.'), line('m1'), complete('r1')];
    const first = recover([start('r1', 'Tell')], tail, []);
    const again = recover(replayed, journal(...tail.map(({ event }) => event), ...first.ended), []);
    expect(again.events).toEqual(replayed);
    expect(again.ended).toEqual([]);
  });

  it('T5 an answer that was whole is complete although its end was not recorded', () => {
    const replayed = [start('r1', 'Tell'), whole('m1', 'Once.'), line('m1'), complete('r1')];
    const recovery = recover(replayed, journal(start('t1', 'Tell'), streamed('m1', 'Once.'), line('m1')), []);
    expect(told(recovery)).toEqual(['you: Tell', 'claude (complete): Once.']);
    expect(recovery.ended).toEqual([complete('t1')]);
  });

  it('T5 what the user stopped before is stopped, not cut off', () => {
    const replayed = [start('r1', 'Tell'), whole('m1', 'Once upon'), line('m1'), canceled('r1', 'user')];
    const recovery = recover(replayed, tail, []);
    expect(told(recovery)).toEqual(['you: Tell', 'claude (canceled): Once upon']);
    expect(recovery.ended).toEqual([canceled('t1', 'user')]);
  });
});

describe('Turns that ended', () => {
  it('M1 have the costs that they reported, which a transcript does not have', () => {
    const usage = { tokens: { ...noUsage, input: 3 }, costUsd: 0.25, durationMs: 8 };
    const replayed = [start('r1', 'Tell'), whole('m1', 'Once.'), line('m1'), complete('r1')];
    const tail = journal(start('t1', 'Tell'), streamed('m1', 'Once.'), line('m1'), complete('t1', usage));
    const recovery = recover(replayed, tail, []);
    expect(shown(recovery).messages.at(-1)).toMatchObject({ state: 'complete', usage });
    expect(recovery.ended).toEqual([]);
  });

  it('T5 keep the partial text and the error that the transcript does not have', () => {
    const failed: SessionEvent = {
      kind: 'error',
      turn: 't1',
      error: { code: 'inactive', what: 'Nothing came.' },
      usage: noTurnUsage,
    };
    const replayed = [start('r1', 'Tell'), canceled('r1')];
    const recovery = recover(replayed, journal(start('t1', 'Tell'), streamed('m1', 'On'), failed), []);
    expect(told(recovery)).toEqual(['you: Tell', 'claude (failed): On | error inactive']);
    expect(recovery.ended).toEqual([]);
  });

  it('S6 a conversation without a journal is as its transcript has it', () => {
    expect(recover(before, [], [])).toMatchObject({ events: before, ended: [], usage: noTurnUsage });
  });

  it('S6 a transcript that is gone does not come back from the journal', () => {
    const tail = journal(start('t1', 'Tell'), streamed('m1', 'Once.'), line('m1'), complete('t1'));
    expect(recover([], tail, []).events).toEqual([]);
  });
});

describe('Prompts that wait', () => {
  const waiting = (text: string): { id: string; text: string } => ({ id: `prompt ${text}`, text });

  it('T7 one that was not delivered stays in the queue and is not shown as a turn', () => {
    const recovery = recover(before, journal(start('t1', 'Wait')), ['prompt Wait']);
    expect(recovery.events).toEqual(before);
    expect(deliveredOf(recovery.events, [waiting('Wait')]).size).toBe(0);
    expect(recovery.ended.at(-1)).toMatchObject({ kind: 'canceled', turn: 't1' });
  });

  it('T7 one that the program has all the same need not be sent again', () => {
    const steered: SessionEvent = { kind: 'steeringDelivered', prompt: { uuid: 'prompt Steer', text: 'Steer' } };
    const replayed = [start('r1', 'Tell'), steered, whole('m1', 'Once.'), line('m1'), complete('r1')];
    const { events } = recover(replayed, [], ['prompt Tell', 'prompt Steer', 'prompt Wait']);
    const delivered = deliveredOf(events, [waiting('Tell'), waiting('Steer'), waiting('Wait')]);
    expect([...delivered]).toEqual(['prompt Tell', 'prompt Steer']);
  });

  it('T7 those that the program delivered as one are known by their words', () => {
    const joined = (text: string): readonly SessionEvent[] => [
      { kind: 'start', turn: 'r1', prompt: { uuid: 'prompt Two', text }, at: 10 },
    ];
    const queue = ['Zero', 'One', 'Two', 'Three'].map(waiting);
    expect([...deliveredOf(joined('One\nTwo'), queue)].sort()).toEqual(['prompt One', 'prompt Two']);
    expect([...deliveredOf(joined('Zero\nOne\nTwo'), queue)].sort()).toEqual([
      'prompt One',
      'prompt Two',
      'prompt Zero',
    ]);
    // Words that are not theirs make nothing of the others delivered.
    expect([...deliveredOf(joined('Once\nTwo'), queue)]).toEqual(['prompt Two']);
    expect([...deliveredOf(joined('/two'), queue)]).toEqual(['prompt Two']);
  });

  it('T7 one that Claude has answered to is shown with the answer', () => {
    const recovery = recover([], journal(start('t1', 'Tell'), streamed('m1', 'On')), ['prompt Tell']);
    expect(told(recovery)).toEqual(['you: Tell', 'claude (canceled): On | notice turnCutOff']);
    expect(deliveredOf(recovery.events, [waiting('Tell')]).size).toBe(1);
  });
});

describe('The end of the journal', () => {
  async function tailOf(events: readonly SessionEvent[]): Promise<readonly JournalEntry[]> {
    const fake = new FakeJournal([]);
    await fake.append('s', 0, events);
    return readTail(fake, 's', events.length - 1);
  }

  it('T5 begins where a turn begins, however long that is', async () => {
    const long = [start('t2', 'Two'), ...Array.from({ length: 2600 }, (_, n) => streamed('m', String(n)))];
    const tail = await tailOf([start('t1', 'One'), complete('t1'), ...long]);
    expect(tail.length).toBeGreaterThanOrEqual(long.length);
    expect(tail.slice(-long.length).map(({ event }) => event)).toEqual(long);
    expect(tail[0]?.event.kind).toBe('start');
  });

  it('T5 is empty where there is no beginning', async () => {
    expect(await tailOf([])).toEqual([]);
    expect(await tailOf([streamed('m', 'a'), complete('t')])).toEqual([]);
  });
});
