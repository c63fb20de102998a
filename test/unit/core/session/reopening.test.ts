import { describe, expect, it } from 'vitest';
import { noTurnUsage } from '../../../../src/protocol/session/events.js';
import type { QueuedPrompt } from '../../../../src/protocol/state/workspaceState.js';
import { answerLines } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { before, open, stateWith, told } from './window.js';

describe('Opening a session whose host was killed', () => {
  it('T5 M1 a turn whose host was killed is shown with what had arrived, and its end is recorded', async () => {
    const total = { ...noTurnUsage, costUsd: 0.5 };
    const world = new World(stateWith({ total }));
    const { id } = newRecord();
    world.transcripts.conversations.set(id, [
      ...before,
      { kind: 'start', turn: 'line-2', prompt: { uuid: uuid(501), text: 'More' }, at: 6 },
      { kind: 'canceled', turn: 'line-2', by: 'program', usage: noTurnUsage },
    ]);
    const tokens = { ...noTurnUsage.tokens, output: 7 };
    await world.journal.append(id, 40, [
      { kind: 'start', turn: 't2', prompt: { uuid: uuid(501), text: 'More' }, at: 6 },
      { kind: 'usage', parent: null, message: 'm2', tokens },
      { kind: 'text', block: { parent: null, message: 'm2', index: 0 }, text: 'Once upon', whole: false },
    ]);
    const { sessions } = open(world);
    const session = await sessions.restore(['/ws']);
    const shown = [
      'you: Hello',
      'claude (complete): Hi.',
      'you: More',
      'claude (canceled): Once upon | notice turnCutOff',
    ];
    expect(told(session)).toEqual(shown);
    expect(session?.state).toBe('idle');
    await settled();
    expect(world.journal.entries.slice(3)).toMatchObject([
      { seq: 43, event: { kind: 'notice' } },
      { seq: 44, event: { kind: 'canceled', turn: 't2', by: 'program' } },
    ]);
    expect(session?.nextSequence).toBe(45);
    expect(world.store.state.sessions[0]?.total).toEqual({ ...total, tokens });

    // The same in the next window, and counted once.
    sessions.dispose();
    const next = new World(world.store.state);
    next.transcripts.conversations.set(id, world.transcripts.conversations.get(id) ?? []);
    next.journal.entries.push(...world.journal.entries);
    const again = await open(next).sessions.restore(['/ws']);
    expect(told(again)).toEqual(shown);
    expect(again?.nextSequence).toBe(45);
    await settled();
    expect(next.store.state.sessions[0]?.total).toEqual({ ...total, tokens });

    // The next prompt works.
    again?.send('Go on');
    await settled();
    next.launcher.last.print(...answerLines('m3', 'A time.'));
    await settled();
    expect(told(again).slice(4)).toEqual(['you: Go on', 'claude (complete): A time.']);
  });

  it('T7 a message that was delivered although the state says that it waits is not sent again', async () => {
    const waiting = (id: number): QueuedPrompt => ({ id: uuid(id), text: 'x', priority: 'later', held: false });
    const world = new World(stateWith({ queue: [waiting(500), waiting(7)] }));
    world.transcripts.conversations.set(newRecord().id, before);
    const session = await open(world).sessions.restore(['/ws']);
    expect(session?.queue.messages.map(({ id }) => id)).toEqual([uuid(7)]);
    await settled();
    expect(world.store.state.sessions[0]?.queue.map(({ id }) => id)).toEqual([uuid(7)]);
  });

  it('S6 a journal that cannot be read costs nothing of the conversation', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(newRecord().id, before);
    await world.journal.append(newRecord().id, 0, before);
    world.journal.failure = new Error('EIO');
    const session = await open(world).sessions.restore(['/ws']);
    expect(told(session)).toEqual(['you: Hello', 'claude (complete): Hi.']);
    expect(session?.nextSequence).toBe(4);
    expect(world.logger.errors.splice(0)).toHaveLength(1);
  });
});
