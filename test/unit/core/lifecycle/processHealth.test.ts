import { describe, expect, it, onTestFinished } from 'vitest';
import { ProcessHealth } from '../../../../src/core/lifecycle/processHealth.js';
import { processList, type ProcessFacts } from '../../../../src/core/lifecycle/processRows.js';
import type { Sessions } from '../../../../src/core/session/sessions.js';
import { answerLines, messageStart } from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { tell, World } from '../../../support/fakes/world.js';
import { leavesNothing } from '../session/stage.js';

interface Window {
  readonly world: World;
  readonly sessions: Sessions;
  readonly health: ProcessHealth;
}

function open(): Window {
  const world = new World();
  const { sessions } = world.sessions();
  const { spares } = world.services;
  const meter = { memory: (pids: readonly number[]) => Promise.resolve(new Map(pids.map((pid) => [pid, pid * 1000]))) };
  onTestFinished(async () => {
    sessions.dispose();
    await settled();
    leavesNothing(world);
  });
  return { world, sessions, health: new ProcessHealth({ sessions, spares, meter, clock: world.clock }) };
}

async function spare(world: World): Promise<string> {
  world.services.spares.plan('/ws', 0);
  world.clock.advance(0);
  await settled();
  return world.launcher.last.sessionId;
}

describe('The list of processes', () => {
  it('P8 has every session with its process, the spare, and sessions that sleep', async () => {
    const { world, sessions, health } = open();
    const asleep = sessions.create('/ws');
    const running = sessions.create('/other');
    running.send('Work on it');
    await settled();
    world.clock.advance(4000);
    await settled();
    world.clock.advance(1000);
    const list = await health.list();
    const [own, idle] = world.launcher.processes;
    expect(list).toEqual({
      processes: 2,
      memoryBytes: 2_001_000,
      rows: [
        {
          ...{ id: running.id, name: 'Work on it', folder: '/other', state: 'running', pid: own?.pid },
          ...{ ageMs: 5000, memoryBytes: 1_000_000, actions: ['stop', 'restart'] },
        },
        {
          ...{ id: idle?.sessionId, name: '', folder: '/other', state: 'spare', pid: idle?.pid },
          ...{ ageMs: 1000, memoryBytes: 1_001_000, actions: ['stop', 'restart'] },
        },
        {
          ...{ id: asleep.id, name: '', folder: '/ws', state: 'asleep', pid: null },
          ...{ ageMs: null, memoryBytes: null, actions: ['resume'] },
        },
      ],
    });
  });

  it('P8 has first what concerns the user most, and the last used first', () => {
    const facts = (id: string, state: ProcessFacts['state'], usedAt: number): ProcessFacts => {
      return { id, name: id, folder: '/ws', state, pid: null, startedAt: null, usedAt };
    };
    const { rows } = processList(
      [
        ...[facts('a', 'asleep', 9), facts('b', 'ready', 1), facts('c', 'ready', 2), facts('d', 'waiting', 0)],
        ...[facts('e', 'closed', 9), facts('f', 'running', 5), facts('g', 'spare', 9)],
      ],
      new Map(),
      10,
    );
    expect(rows.map(({ id }) => id)).toEqual(['d', 'f', 'c', 'b', 'g', 'a']);
  });

  it('P8 offers something for every state but those that pass by themselves', () => {
    const states = ['asleep', 'starting', 'ready', 'background', 'running', 'waiting', 'stopping', 'failed'] as const;
    for (const state of states) {
      const fact = { id: 'a', name: '', folder: '/', state, pid: null, startedAt: null, usedAt: 0 };
      expect(processList([fact], new Map(), 0).rows[0]?.actions, state).not.toEqual([]);
    }
  });
});

describe('What can be done with a process', () => {
  it('P8 T6 stop ends the turn and the process; resume starts one with the same conversation', async () => {
    const { world, sessions, health } = open();
    const session = sessions.create('/ws');
    session.send('Work');
    await settled();
    world.launcher.last.print(messageStart('m1'));
    await settled();
    await health.act(session.id, 'stop');
    expect(world.launcher.living).toEqual([]);
    expect(tell(session.transcript)).toEqual(['you: Work', 'claude (canceled): ']);
    expect((await health.list()).rows).toMatchObject([{ state: 'asleep', actions: ['resume'] }]);
    world.transcripts.conversations.set(session.id, []);
    await health.act(session.id, 'resume');
    await settled();
    expect(world.launcher.last.options).toMatchObject({ sessionId: session.id, start: { kind: 'resume' } });
    expect((await health.list()).rows).toMatchObject([{ state: 'ready' }]);
  });

  it('P8 restart puts a new process in the place of the old one', async () => {
    const { world, sessions, health } = open();
    const session = sessions.create('/ws');
    session.send('Hello');
    await settled();
    const first = world.launcher.last;
    first.print(...answerLines('m1', 'Hi.'));
    await settled();
    await health.act(session.id, 'restart');
    await settled();
    expect([first.stops, first.hasEnded]).toEqual([1, true]);
    expect(world.launcher.living).toEqual([world.launcher.last]);
    expect(world.launcher.last.options.start).toEqual({ kind: 'resume' });
    expect(session.state).toBe('ready');
  });

  it('P8 a process that ended by itself is shown as such, and can be resumed', async () => {
    const { world, sessions, health } = open();
    const session = sessions.create('/ws');
    session.warm();
    await settled();
    world.launcher.last.exit({ code: 1 });
    await settled();
    expect((await health.list()).rows).toMatchObject([{ state: 'failed', pid: null, actions: ['resume'] }]);
    await health.act(session.id, 'resume');
    await settled();
    expect(session.state).toBe('ready');
  });

  it('P8 a spare can be stopped, and restarted as another one', async () => {
    const { world, health } = open();
    await health.act(await spare(world), 'stop');
    expect(world.launcher.living).toEqual([]);
    const id = await spare(world);
    await health.act(id, 'restart');
    world.clock.advance(0);
    await settled();
    expect(world.launcher.living).toHaveLength(1);
    expect(world.launcher.last.sessionId).not.toBe(id);
  });

  it('P8 says why a process could not be started, and that session can be resumed again', async () => {
    const { world, sessions, health } = open();
    const session = sessions.create('/ws');
    world.launcher.script.push(clientError('programNotFound'));
    await expect(health.act(session.id, 'resume')).rejects.toMatchObject({ code: 'programNotFound' });
    world.launcher.script.push({ isReady: false });
    const resumed = health.act(session.id, 'resume');
    await settled();
    world.launcher.last.failToStart(clientError('programBroken'));
    await expect(resumed).rejects.toMatchObject({ code: 'programBroken' });
    await settled();
    expect((await health.list()).rows).toMatchObject([{ state: 'failed', actions: ['resume'] }]);
    await health.act(session.id, 'resume');
    expect((await health.list()).rows).toMatchObject([{ state: 'ready' }]);
  });

  it('P8 a process that is stopped while it starts is no failure', async () => {
    const { world, sessions, health } = open();
    const session = sessions.create('/ws');
    world.launcher.script.push({ isReady: false });
    const resumed = health.act(session.id, 'resume');
    await settled();
    expect((await health.list()).rows).toMatchObject([{ state: 'starting', actions: ['stop'] }]);
    await health.act(session.id, 'stop');
    await resumed;
    expect((await health.list()).rows).toMatchObject([{ state: 'asleep', actions: ['resume'] }]);
  });

  it('P8 S9 lists the spare of each folder', async () => {
    const { world, health } = open();
    const { spares } = world.services;
    for (const folder of ['/one', '/two']) spares.plan(folder, 0);
    world.clock.advance(0);
    await settled();
    expect((await health.list()).rows).toMatchObject([
      { folder: '/one', state: 'spare' },
      { folder: '/two', state: 'spare' },
    ]);
  });

  it('P8 says so when the process is not there any more', async () => {
    const { health } = open();
    await expect(health.act('gone', 'stop')).rejects.toMatchObject({ code: 'notFound' });
  });
});
