import { describe, expect, it, onTestFinished } from 'vitest';
import type { Session } from '../../../../src/core/session/session.js';
import { spareDelayMs, type Sessions } from '../../../../src/core/session/sessions.js';
import { answerLines, messageStart } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { tell, World } from '../../../support/fakes/world.js';
import { leavesNothing } from './stage.js';

const idleMs = 900_000;

interface Window {
  readonly world: World;
  readonly sessions: Sessions;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
  /** A session that has had a turn. */
  used(text?: string): Promise<Session>;
}

function open(maxLive = 8): Window {
  const world = new World();
  world.sleep = { idleMs, maxLive };
  const { sessions } = world.sessions();
  onTestFinished(async () => {
    sessions.dispose();
    await settled();
    leavesNothing(world);
  });
  return {
    world,
    sessions,
    async pass(milliseconds) {
      world.clock.advance(milliseconds);
      await settled();
    },
    async used(text = 'Hello') {
      const session = sessions.create('/ws');
      session.send(text);
      await settled();
      const process = world.launcher.living.find(({ sessionId }) => sessionId === session.id);
      process?.print(...answerLines(`m-${session.id}`, 'Hi.'));
      await settled();
      // One after the other, so that it is known who was used last.
      world.clock.advance(1);
      return session;
    },
  };
}

const names = (sessions: readonly Session[]): readonly string[] => sessions.map(({ state }) => state);

describe('Sleeping', () => {
  it('P3 a process that nobody has used for so long is ended, politely, and its session stays', async () => {
    const { world, sessions, pass, used } = open();
    const session = await used();
    const process = world.launcher.last;
    await pass(idleMs - 2);
    expect(session.state).toBe('ready');
    await pass(1);
    expect(session.state).toBe('idle');
    expect([process.stops, process.isDisposed]).toEqual([1, false]);
    expect(session.lifecycle.process).toBe('asleep');
    expect(sessions.get(session.id)).toBe(session);
    expect(tell(session.transcript)).toEqual(['you: Hello', 'claude (complete): Hi.']);
  });

  it('P3 wakes with the next message, as if nothing had been, and sleeps again', async () => {
    const { world, pass, used } = open();
    const session = await used();
    await pass(idleMs);
    session.send('More');
    await settled();
    const { last } = world.launcher;
    expect(last.options).toMatchObject({ sessionId: session.id, start: { kind: 'resume' } });
    last.print(...answerLines('m2', 'More.'));
    await settled();
    expect(tell(session.transcript)).toEqual([
      ...['you: Hello', 'claude (complete): Hi.'],
      ...['you: More', 'claude (complete): More.'],
    ]);
    await pass(idleMs);
    expect(session.lifecycle.process).toBe('asleep');
  });

  it('P3 wakes while the process is still on its way out: never two, and the message arrives', async () => {
    const { world, pass, used } = open();
    world.launcher.script.push({ endsWhenStopped: false });
    const session = await used();
    const first = world.launcher.last;
    const own = () => world.launcher.living.filter(({ sessionId }) => sessionId === session.id);
    await pass(idleMs);
    expect(session.lifecycle.process).toBe('ending');
    session.send('More');
    await settled();
    expect(own()).toEqual([first]);
    first.exit();
    await settled();
    expect(own()).toEqual([world.launcher.last]);
    expect(world.launcher.last).not.toBe(first);
    expect(world.launcher.last.sent).toMatchObject([{ text: 'More' }]);
  });

  it('P3 a draft keeps it awake and wakes it', async () => {
    const { pass, used } = open();
    const session = await used();
    await pass(idleMs - 10);
    session.update({ draft: 'H' });
    await pass(idleMs - 1);
    expect(session.state).toBe('ready');
    await pass(1);
    expect(session.state).toBe('idle');
    session.warm();
    await settled();
    expect(session.state).toBe('ready');
  });

  it('P3 is not for a session that runs, however long, nor for one that waits for the user', async () => {
    const { world, sessions, pass, used } = open();
    world.inactivityMs = 0;
    const running = sessions.create('/ws');
    running.send('Work');
    await settled();
    const waiting = sessions.create('/ws');
    waiting.send('Ask');
    await settled();
    world.launcher.last.print(messageStart('m1'));
    world.launcher.last.ask({ id: 'p1' });
    await settled();
    const idle = await used();
    await pass(idleMs * 5);
    expect(names([running, waiting, idle])).toEqual(['running', 'waiting', 'idle']);
  });

  it('P3 is not for a session whose question is pending although no turn runs', async () => {
    const { world, pass, used } = open();
    const session = await used();
    world.launcher.last.ask({ id: 'p1' });
    await settled();
    await pass(idleMs * 2);
    expect(session.state).toBe('waiting');
    world.prompter.open[0]?.answer.resolve({ behavior: 'deny', message: 'No.', interrupt: false });
    await settled();
    await pass(idleMs);
    expect(session.state).toBe('idle');
  });

  it('P3 is not for a session with work in the background, which would be lost', async () => {
    const { world, pass, used } = open();
    const session = await used();
    const process = world.launcher.last;
    const tasks = (...list: readonly object[]) =>
      process.print({ type: 'system', subtype: 'background_tasks_changed', tasks: list });
    tasks({ task_id: 'b1', task_type: 'local_bash', description: 'x' });
    await settled();
    await pass(idleMs * 3);
    expect(session.state).toBe('ready');
    // What only watches is no work.
    tasks({ task_id: 'w1', task_type: 'watch', description: 'x', ambient: true });
    await settled();
    await pass(idleMs);
    expect(session.state).toBe('idle');
  });

  it('P3 leaves the spare alone: of 8 idle sessions it is all that is left', async () => {
    const { world, pass, used } = open();
    for (let number = 0; number < 8; number += 1) await used();
    await pass(spareDelayMs);
    expect(world.launcher.living).toHaveLength(9);
    const spares = world.services.spares.list().map(({ process }) => process.sessionId);
    await pass(idleMs);
    expect(world.launcher.living.map(({ sessionId }) => sessionId)).toEqual(spares);
    expect(spares).toHaveLength(1);
  });

  it('P3 0 is never, and a change of the settings counts at once', async () => {
    const { world, sessions, pass, used } = open();
    world.sleep = { idleMs: 0, maxLive: 8 };
    const session = await used();
    await pass(idleMs * 10);
    expect(session.state).toBe('ready');
    world.sleep = { idleMs: 1000, maxLive: 8 };
    sessions.applyLimits();
    await settled();
    expect(session.state).toBe('idle');
  });
});

describe('At most so many processes', () => {
  it('P3 the least recently used sleeps when one more comes', async () => {
    const { used } = open(2);
    const [first, second] = [await used(), await used()];
    first.update({ draft: 'x' });
    const third = await used();
    expect(names([first, second, third])).toEqual(['ready', 'idle', 'ready']);
  });

  it('P3 wakes one that sleeps, and another sleeps for it', async () => {
    const { world, used } = open(2);
    const [first, second, third] = [await used(), await used(), await used()];
    expect(names([first, second, third])).toEqual(['idle', 'ready', 'ready']);
    first.send('Again');
    await settled();
    expect(names([first, second, third])).toEqual(['running', 'idle', 'ready']);
    expect(world.launcher.living).toHaveLength(2);
  });

  it('P3 none that works is ended for it: there is one more until it has done its work', async () => {
    const { world, sessions, used } = open(1);
    const busy = sessions.create('/ws');
    busy.send('Work');
    await settled();
    const process = world.launcher.last;
    process.print(messageStart('m1'));
    await settled();
    const other = await used();
    expect(names([busy, other])).toEqual(['running', 'ready']);
    process.print(...answerLines('m1', 'Done.'));
    await settled();
    expect(names([busy, other])).toEqual(['ready', 'idle']);
  });

  it('P3 what is typed into one while all others work does not put it to sleep again and again', async () => {
    const { world, sessions, pass } = open(1);
    const busy = sessions.create('/ws');
    busy.send('Work');
    await settled();
    world.launcher.last.print(messageStart('m1'));
    const typed = sessions.create('/ws');
    for (const draft of ['a', 'ab', 'abc']) {
      typed.update({ draft });
      if (typed.state === 'idle') typed.warm();
      await pass(10);
    }
    expect(typed.state).toBe('ready');
    expect(world.launcher.launches).toHaveLength(2);
  });

  it('P3 the spare is none of them', async () => {
    const { world, pass, used } = open(1);
    const session = await used();
    await pass(spareDelayMs);
    expect(world.launcher.living).toHaveLength(2);
    expect(session.state).toBe('ready');
  });
});

describe('Ending a process by hand', () => {
  it('P8 stops the turn, ends the process, and the next message goes on', async () => {
    const { world, sessions } = open();
    const session = sessions.create('/ws');
    session.send('Work');
    await settled();
    world.launcher.last.print(messageStart('m1'));
    await settled();
    await session.endProcess();
    expect(world.launcher.living).toEqual([]);
    expect(session.state).toBe('idle');
    expect(tell(session.transcript)).toEqual(['you: Work', 'claude (canceled): ']);
    world.transcripts.conversations.set(session.id, []);
    session.send('Go on');
    await settled();
    expect(world.launcher.last.options.start.kind).toBe('resume');
  });

  it('P8 ends one that is being started, also before there is a process', async () => {
    const { world, sessions } = open();
    let launch: () => void = () => undefined;
    world.launcher.script.push(new Promise((resolve) => (launch = () => resolve({}))));
    const session = sessions.create('/ws');
    session.warm();
    await settled();
    const ended = session.endProcess();
    await settled();
    launch();
    await ended;
    expect(world.launcher.processes).toHaveLength(1);
    expect(world.launcher.living).toEqual([]);
    expect(session.state).toBe('idle');
    session.warm();
    await settled();
    expect(session.state).toBe('ready');
  });
});
