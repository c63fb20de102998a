import { describe, expect, it, onTestFinished } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import { spareDelayMs, type Sessions } from '../../../../src/core/session/sessions.js';
import { answerLines } from '../../../support/fakes/cliLines.js';
import { clientError, type FakeBehaviour } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { World } from '../../../support/fakes/world.js';
import { leavesNothing } from './stage.js';

function window(): { readonly world: World; readonly sessions: Sessions } {
  const world = new World();
  const { sessions } = world.sessions();
  onTestFinished(async () => {
    sessions.dispose();
    await settled();
    leavesNothing(world);
  });
  return { world, sessions };
}

/** Lets the time pass after which a spare is started. */
async function spareStarted(world: World): Promise<void> {
  world.clock.advance(spareDelayMs);
  await settled();
}

describe('The spare', () => {
  it('P3 is started some time after a turn began, when the user’s own is under way', async () => {
    const { world, sessions } = window();
    sessions.create('/ws').send('Hello');
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    world.clock.advance(spareDelayMs - 1);
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    world.clock.advance(1);
    await settled();
    expect(world.launcher.launches).toHaveLength(2);
    expect(world.launcher.last.options).toMatchObject({ folder: '/ws', start: { kind: 'new' } });
  });

  it('P3 S1 is what a new session takes, with its id, and another comes in its place', async () => {
    const { world, sessions } = window();
    const { spares } = world.services;
    spares.plan('/ws', 0);
    await spareStarted(world);
    const spare = world.launcher.last;
    const session = sessions.create('/ws');
    expect(session.id).toBe(spare.sessionId);
    expect(session.state).toBe('ready');
    await settled();
    expect(session.program?.models).toHaveLength(1);
    session.send('Hello');
    await settled();
    expect(spare.sent).toMatchObject([{ text: 'Hello' }]);
    expect(world.launcher.launches).toHaveLength(1);
    spare.print(...answerLines('m1', 'Hi.'));
    await spareStarted(world);
    expect(world.launcher.launches).toHaveLength(2);
    expect(sessions.create('/ws').id).toBe(world.launcher.last.sessionId);
  });

  it('P3 is started as a new session starts its own program, so that it makes no difference', async () => {
    const { world, sessions } = window();
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    const spare = world.launcher.last.options;
    sessions.create('/other').warm();
    await settled();
    const own = world.launcher.last.options;
    expect({ ...spare, sessionId: '', folder: '' }).toEqual({ ...own, sessionId: '', folder: '' });
  });

  it('P3 that is not ready yet is waited for', async () => {
    const { world, sessions } = window();
    world.launcher.script.push({ isReady: false });
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    const session = sessions.create('/ws');
    session.send('Hello');
    await settled();
    expect(world.launcher.last.sent).toEqual([]);
    world.launcher.last.becomeReady();
    await settled();
    expect(world.launcher.last.sent).toMatchObject([{ text: 'Hello' }]);
    expect(world.launcher.launches).toHaveLength(1);
  });

  it('P3 that was taken before it was ready is replaced too', async () => {
    const { world, sessions } = window();
    world.launcher.script.push({ isReady: false });
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    sessions.create('/ws').send('Hello');
    await settled();
    await spareStarted(world);
    expect(world.launcher.launches).toHaveLength(2);
  });

  it('P3 that was taken and then does not get ready leaves its successor alone', async () => {
    const { world, sessions } = window();
    world.launcher.script.push({ isReady: false });
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    const first = world.launcher.last;
    const session = sessions.create('/ws');
    session.send('Hello');
    await settled();
    await spareStarted(world);
    const second = world.launcher.last;
    first.failToStart(clientError('programBroken'));
    await settled();
    expect(second.hasEnded).toBe(false);
    expect(sessions.create('/ws').id).toBe(second.sessionId);
  });

  it('P3 that fails to start is no error for anybody, and is tried again later', async () => {
    const { world, sessions } = window();
    world.launcher.script.push(clientError('programNotFound'), { isReady: false });
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    world.launcher.last.failToStart(clientError('programBroken'));
    await settled();
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    expect(world.launcher.launches).toHaveLength(3);
    expect(sessions.create('/ws').id).toBe(world.launcher.last.sessionId);
  });

  it('P3 that has ended is not given to anybody', async () => {
    const { world, sessions } = window();
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    const spare = world.launcher.last;
    spare.exit({ code: 1 });
    await settled();
    const session = sessions.create('/ws');
    expect(session.id).not.toBe(spare.sessionId);
    session.send('Hello');
    await settled();
    expect(world.launcher.last.sent).toHaveLength(1);
  });

  it('P3 that ends in the moment it is taken costs nothing but time', async () => {
    const { world, sessions } = window();
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    world.launcher.last.exit({ code: 1 });
    const session = sessions.create('/ws');
    session.send('Hello');
    await settled();
    expect(world.launcher.launches).toHaveLength(2);
    expect(world.launcher.last.sent).toMatchObject([{ text: 'Hello' }]);
    expect(world.launcher.last.sessionId).toBe(session.id);
  });

  it('P3 there is one per folder, however often it is planned', async () => {
    const { world } = window();
    const launched = new Deferred<FakeBehaviour>();
    world.launcher.script.push(launched.promise);
    for (let time = 0; time < 3; time += 1) world.services.spares.plan('/ws', 10);
    await spareStarted(world);
    world.services.spares.plan('/ws', 10);
    await spareStarted(world);
    launched.resolve({});
    await settled();
    world.services.spares.plan('/ws', 10);
    await spareStarted(world);
    world.services.spares.plan('/other', 10);
    await spareStarted(world);
    expect(world.launcher.launches.map(({ folder }) => folder)).toEqual(['/ws', '/other']);
  });

  it('P3 P4 ends with the window, also one that is being started', async () => {
    const { world, sessions } = window();
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    const launched = new Deferred<FakeBehaviour>();
    world.launcher.script.push(launched.promise);
    world.services.spares.plan('/other', 0);
    await spareStarted(world);
    world.services.spares.plan('/third', 1000);
    sessions.dispose();
    launched.resolve({});
    await settled();
    world.services.spares.plan('/fourth', 0);
    await spareStarted(world);
    expect(world.launcher.living).toEqual([]);
    expect(world.launcher.launches).toHaveLength(2);
  });

  it('P3 is dropped when the settings changed, also one that is being started with the old ones', async () => {
    const { world } = window();
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    const launched = new Deferred<FakeBehaviour>();
    world.launcher.script.push(launched.promise);
    world.services.spares.plan('/other', 0);
    await spareStarted(world);
    world.services.spares.clear();
    launched.resolve({});
    await settled();
    expect(world.launcher.processes).toHaveLength(2);
    expect(world.launcher.living).toEqual([]);
    world.services.spares.plan('/ws', 0);
    await spareStarted(world);
    expect(world.launcher.living).toHaveLength(1);
  });
});
