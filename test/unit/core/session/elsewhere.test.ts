import { describe, expect, it } from 'vitest';
import { patienceMs } from '../../../../src/core/session/otherPrograms.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { answerLines } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, World } from '../../../support/fakes/world.js';
import { before, open, stateWith, told, type Window } from './window.js';

const { id } = newRecord();
const terminal = { pid: 4711, isTerminal: true, isBusy: false };
const window = { pid: 4712, isTerminal: false, isBusy: false };

const elsewhere: readonly SessionEvent[] = [
  { kind: 'start', turn: 'line-9', prompt: { uuid: 'typed there', text: 'Typed there' }, at: 7 },
  { kind: 'text', block: { parent: null, message: 'm9', index: 0 }, text: 'Said there.', whole: true },
  { kind: 'message', parent: null, message: 'm9', uuid: 'line-m9', model: 'opus' },
  { kind: 'complete', turn: 'line-9', usage: noTurnUsage },
];

/** Opens a window with a session that has a conversation. */
async function used(): Promise<Window> {
  const world = new World(stateWith());
  world.transcripts.conversations.set(id, before);
  const on = open(world);
  await on.sessions.restore(['/ws']);
  await settled();
  return on;
}

/** Lets the time pass in which another program may end. */
async function wait({ world }: Window, milliseconds: number): Promise<void> {
  for (let passed = 0; passed <= milliseconds; passed += 50) {
    world.clock.advance(50);
    await settled();
  }
}

describe('A session that another program is at', () => {
  it('S8 is opened, and that is said', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, before);
    world.others.set(id, [terminal]);
    const on = open(world);
    await on.sessions.restore(['/ws']);
    await settled();
    expect(told(on.sessions.open).at(-1)).toBe('claude (complete): notice sessionInUse');
    expect(JSON.stringify(on.sessions.open?.transcript.messages.at(-1))).toContain('a terminal (process 4711)');
  });

  it('S8 T7 is not written to: the message is kept, no program is started, and it works when the other one has ended', async () => {
    const on = await used();
    const session = on.sessions.open;
    on.world.others.set(id, [terminal]);
    session?.send('Mine');
    await settled();
    expect(told(session).slice(2)).toEqual(['you: Mine', 'claude (failed): error sessionInUse']);
    expect(on.world.launcher.launches).toEqual([]);
    expect(on.world.store.state.sessions[0]?.queue).toMatchObject([{ text: 'Mine' }]);
    on.world.others.clear();
    session?.send('Mine');
    await settled();
    expect(on.world.launcher.last.options.start).toEqual({ kind: 'resume' });
    on.world.launcher.last.print(...answerLines('m2', 'Yours.'));
    await settled();
    expect(told(session).slice(4)).toEqual(['you: Mine', 'claude (complete): Yours.']);
  });

  it('S8 is not written to by the warm program either, which stays', async () => {
    const on = await used();
    const session = on.sessions.open;
    session?.warm();
    await settled();
    on.world.others.set(id, [terminal]);
    session?.send('Mine');
    await settled();
    expect(on.world.launcher.last.sent).toEqual([]);
    expect(told(session).at(-1)).toBe('claude (failed): error sessionInUse');
  });

  it('S8 a program that is about to end, such as that of a window that was reloaded, is waited for', async () => {
    const on = await used();
    const session = on.sessions.open;
    on.world.others.set(id, [window]);
    session?.send('Mine');
    await wait(on, patienceMs / 2);
    expect(session?.transcript.turn).not.toBeNull();
    on.world.others.clear();
    await wait(on, 300);
    expect(on.world.launcher.last.sent).toMatchObject([{ text: 'Mine' }]);
    await session?.stop();
  });

  it('S8 one that does not end in that time counts', async () => {
    const on = await used();
    on.world.others.set(id, [window]);
    on.sessions.open?.send('Mine');
    await wait(on, patienceMs + 500);
    expect(told(on.sessions.open).at(-1)).toBe('claude (failed): error sessionInUse');
    expect(on.world.launcher.launches).toEqual([]);
  });

  it('S8 T6 a turn that waits for it can be stopped', async () => {
    const on = await used();
    const session = on.sessions.open;
    on.world.others.set(id, [window]);
    session?.send('Mine');
    await settled();
    await session?.stop();
    expect(told(session).at(-1)).toMatch(/^claude \(canceled\)/);
    await wait(on, patienceMs + 500);
    expect(on.world.launcher.launches).toEqual([]);
  });
});

describe('A conversation that went on in another program', () => {
  it('S8 is shown, and the next message goes on from there: no branch is lost', async () => {
    const on = await used();
    const session = on.sessions.open;
    session?.warm();
    await settled();
    const warm = on.world.launcher.last;
    on.world.transcripts.conversations.set(id, [...before, ...elsewhere]);
    on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
    await settled();
    expect(told(session).slice(2)).toEqual([
      'claude (complete): notice transcriptChanged',
      'you: Typed there',
      'claude (complete): Said there.',
    ]);
    // The warm program remembers the conversation as it was.
    expect(warm.hasEnded).toBe(true);
    session?.send('Mine');
    await settled();
    expect(on.world.launcher.last).not.toBe(warm);
    expect(on.world.launcher.last.options.start).toEqual({ kind: 'resume' });
    await session?.stop();
  });

  it('S8 is shown once, however often the file is said to have changed', async () => {
    const on = await used();
    on.world.transcripts.conversations.set(id, [...before, ...elsewhere]);
    for (let time = 0; time < 3; time += 1) {
      on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
      await settled();
    }
    expect(told(on.sessions.open).filter((line) => line === 'you: Typed there')).toHaveLength(1);
  });

  it('S8 is shown when the turn there has ended, not before', async () => {
    const on = await used();
    on.world.transcripts.conversations.set(id, [...before, ...elsewhere.slice(0, 1)]);
    on.world.others.set(id, [{ ...terminal, isBusy: true }]);
    on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
    await wait(on, 1000);
    expect(told(on.sessions.open)).toHaveLength(2);
    on.world.transcripts.conversations.set(id, [...before, ...elsewhere]);
    on.world.others.set(id, [terminal]);
    await wait(on, 300);
    expect(told(on.sessions.open).at(-1)).toBe('claude (complete): Said there.');
  });

  it('S8 a turn of our own is not taken for one of somebody else', async () => {
    const on = await used();
    const session = on.sessions.open;
    session?.send('Mine');
    await settled();
    const [sent] = on.world.launcher.last.sent;
    on.world.transcripts.conversations.set(id, [
      ...before,
      { kind: 'start', turn: 'line-2', prompt: { uuid: sent?.uuid ?? '', text: 'Mine' }, at: 6 },
    ]);
    on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
    await settled();
    on.world.launcher.last.print(...answerLines('m2', 'Yours.'));
    await settled();
    on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
    await settled();
    expect(told(session).slice(2)).toEqual(['you: Mine', 'claude (complete): Yours.']);
    expect(on.world.launcher.last.hasEnded).toBe(false);
  });

  it('S8 a file that has become another conversation changes nothing that is shown', async () => {
    const on = await used();
    on.world.transcripts.conversations.set(id, elsewhere);
    on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
    await settled();
    expect(told(on.sessions.open)).toEqual(['you: Hello', 'claude (complete): Hi.']);
  });

  it('S8 a file that cannot be read now is looked at again when it changes again', async () => {
    const on = await used();
    on.world.transcripts.failure = new Error('EBUSY');
    on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
    await settled();
    on.world.transcripts.failure = null;
    on.world.transcripts.conversations.set(id, [...before, ...elsewhere]);
    on.sessions.outside.transcriptsChanged({ changed: [id], removed: [] });
    await settled();
    expect(told(on.sessions.open).at(-1)).toBe('claude (complete): Said there.');
  });
});
