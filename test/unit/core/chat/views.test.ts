import { describe, expect, it } from 'vitest';
import { clipEvent, clipMessage, maxResultInView, maxTextInView } from '../../../../src/core/chat/clip.js';
import { recap } from '../../../../src/core/chat/recap.js';
import { earlierPage, messagesAround, sessionHeader, sessionSnapshot } from '../../../../src/core/chat/snapshot.js';
import { pageSize } from '../../../../src/core/session/history.js';
import { TranscriptReducer } from '../../../../src/core/session/reducer.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { emptyTranscript, type Transcript } from '../../../../src/protocol/session/transcript.js';
import { stage } from '../session/stage.js';

const folder = { name: 'ws', path: '/ws', branch: 'main', worktree: null };

function turn(prompt: string, answer: string): readonly SessionEvent[] {
  return [
    { kind: 'start', turn: prompt, prompt: { uuid: prompt, text: prompt }, at: 1 },
    { kind: 'text', block: { parent: null, message: prompt, index: 0 }, text: answer, whole: true },
    { kind: 'complete', turn: prompt, usage: noTurnUsage },
  ];
}

function manyTurns(count: number): readonly SessionEvent[] {
  return Array.from({ length: count }, (_, index) => turn(`p${String(index)}`, 'a')).flat();
}

function reduce(events: readonly SessionEvent[], from: Transcript = emptyTranscript()): Transcript {
  const reducer = new TranscriptReducer(from);
  for (const event of events) reducer.apply(event);
  return reducer.transcript;
}

describe('What the view gets', () => {
  it('U2 a long tool result cut, saying so, and the same whether by an event or by a snapshot', () => {
    const at = { parent: null, message: 'm', index: 0 };
    const long = 'x'.repeat(maxResultInView + 1);
    const events: readonly SessionEvent[] = [
      { kind: 'start', turn: 't', prompt: null, at: 1 },
      { kind: 'toolUse', phase: 'ready', block: at, id: 'a', name: 'Task', input: {}, invalid: false },
      {
        kind: 'toolUse',
        phase: 'ready',
        block: { ...at, parent: 'a' },
        id: 'b',
        name: 'Read',
        input: {},
        invalid: false,
      },
      { kind: 'toolResult', id: 'b', output: { text: long, attachments: 0 }, isError: false },
      { kind: 'toolResult', id: 'a', output: { text: 'short', attachments: 0 }, isError: false },
    ];
    const whole = reduce(events);
    const byEvents = reduce(events.map(clipEvent)).messages;
    expect(whole.messages.map(clipMessage)).toEqual(byEvents);
    expect(JSON.stringify(byEvents)).toContain(`"resultCutFrom":${String(maxResultInView + 1)}`);
    expect(JSON.stringify(whole)).toContain(long);
  });

  it('U2 every other text that is too long for a view cut, too, wherever it is', () => {
    const at = { parent: null, message: 'm', index: 0 };
    const long = 'x'.repeat(maxTextInView + 5);
    let deep: unknown = 'deep';
    for (let level = 0; level < 5000; level += 1) deep = [deep];
    const input = { content: long, edits: [{ text: long }], deep, count: 7 };
    const events: readonly SessionEvent[] = [
      { kind: 'start', turn: 't', prompt: { uuid: 'u', text: long }, at: 1 },
      { kind: 'text', block: at, text: long, whole: true },
      { kind: 'thinking', block: { ...at, index: 1 }, text: long, whole: true },
      { kind: 'toolUse', phase: 'ready', block: { ...at, index: 2 }, id: 'a', name: 'Write', input, invalid: false },
      { kind: 'steeringDelivered', prompt: { uuid: 'v', text: long } },
      { kind: 'text', block: { ...at, message: 'n' }, text: 'short', whole: true },
    ];
    const whole = reduce(events);
    const byEvents = reduce(events.map(clipEvent)).messages;
    expect(whole.messages.map(clipMessage)).toEqual(byEvents);
    const sent = JSON.stringify(byEvents);
    expect(sent.match(/\(5 more characters are in the transcript/g)).toHaveLength(6);
    expect(sent.length).toBeLessThan(6 * maxTextInView + 5000);
    expect(sent).toContain('"count":7');
    expect(sent).toContain('"text":"short"');
  });

  it('U1 S6 a snapshot with the last page and where the events go on, and earlier pages on demand', () => {
    const { session } = stage({ draft: 'Half' });
    session.restore({ events: manyTurns(130), cursor: null }, 77);
    const snapshot = sessionSnapshot(session, folder, () => undefined);
    expect(snapshot).toMatchObject({ earlier: 260 - pageSize, next: 77, draft: 'Half', scroll: null });
    expect(snapshot.transcript.messages.map(({ number }) => number)).toEqual(
      Array.from({ length: pageSize }, (_, index) => 161 + index),
    );
    const page = earlierPage(session, 161);
    expect(page.messages.map(({ number }) => number)).toEqual(
      Array.from({ length: pageSize }, (_, index) => 61 + index),
    );
    expect(page.earlier).toBe(60);
    expect(earlierPage(session, 61).messages).toHaveLength(60);
    expect(earlierPage(session, 1).messages).toEqual([]);
    expect(earlierPage(session, 10_000).messages).toHaveLength(pageSize);
  });

  it('T9 S6 what is around a message, also with the snapshot where the reader was on no page of its', () => {
    const { session } = stage({ scroll: { atEnd: false, message: 0, offset: 5, anchor: { uuid: 'p20', after: 1 } } });
    session.restore({ events: manyTurns(130), cursor: null });
    const around = messagesAround(session, 42);
    expect(around).toMatchObject({ earlier: 0, unread: false });
    expect(around.messages.map(({ number }) => number)).toEqual(
      Array.from({ length: pageSize }, (_, index) => 1 + index),
    );
    expect(messagesAround(session, 130).messages.map(({ number }) => number)).toEqual(
      Array.from({ length: pageSize }, (_, index) => 80 + index),
    );
    expect(sessionSnapshot(session, folder, () => undefined).around).toEqual(around);
    session.update({ scroll: { atEnd: false, message: 0, offset: 5, anchor: { uuid: 'p120', after: 1 } } });
    expect(sessionSnapshot(session, folder, () => undefined).around).toBeUndefined();
    session.update({ scroll: { atEnd: false, message: 0, offset: 5, anchor: { uuid: 'not here', after: 1 } } });
    expect(sessionSnapshot(session, folder, () => undefined).around).toBeUndefined();
  });

  it('U1 a view that has the last page only goes on as the host does', () => {
    const { session } = stage();
    session.restore({ events: manyTurns(130), cursor: null });
    const page = JSON.parse(JSON.stringify(sessionSnapshot(session, folder, () => undefined).transcript)) as Transcript;
    const more: readonly SessionEvent[] = [
      ...turn('next', 'b'),
      { kind: 'notice', level: 'info', notice: { code: 'unexpected', what: 'x' } },
    ];
    const inView = reduce(more, page);
    const inHost = reduce(more, session.transcript);
    expect(inView.messages).toEqual(inHost.messages.slice(-inView.messages.length));
    expect({ ...inView, messages: [] }).toEqual({ ...inHost, messages: [] });
  });

  it('S9 a header with folder, branch and what can be chosen, bypassing all questions left out', () => {
    const { session } = stage({ name: 'Mine', model: 'opus', mode: 'plan' });
    const header = sessionHeader(session, folder, () => undefined);
    expect(header).toMatchObject({
      name: 'Mine',
      branch: 'main',
      model: 'opus',
      mode: 'plan',
      state: 'idle',
      queueHeld: false,
    });
    expect(header.modes.map(({ value }) => value)).toEqual(['default', 'acceptEdits', 'plan', 'dontAsk']);
    const bypassing = sessionHeader(stage({ mode: 'bypassPermissions' }).session, folder, () => undefined);
    expect(bypassing.modes.map(({ value }) => value)).toContain('bypassPermissions');
  });
});

describe('A recap', () => {
  it('T10 tells who said what, the newest last', () => {
    const transcript = reduce([...turn('One', 'First.'), ...turn('Two', 'Second.')]);
    expect(recap(transcript)).toMatch(/I said:\nOne\n\nYou said:\nFirst\.\n\nI said:\nTwo\n\nYou said:\nSecond\.\n$/);
  });

  it('T10 leaves out the oldest where it gets long, and cuts a message that alone is too long', () => {
    const many = recap(
      reduce(Array.from({ length: 100 }, (_, index) => turn(`p${String(index)}`, 'y'.repeat(500))).flat()),
    );
    expect(many.length).toBeLessThan(13_000);
    expect(many).toContain('p99');
    expect(many).not.toContain('p1\n');
    const one = recap(reduce(turn('x'.repeat(50_000), '')));
    expect(one).toContain('I said:\nxxx');
    expect(one.length).toBeLessThan(13_000);
  });
});
