import { describe, expect, it } from 'vitest';
import { knownProgram } from '../../../../src/core/session/knownProgram.js';
import { answerLines } from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import type { World } from '../../../support/fakes/world.js';
import { outcomes } from '../../../support/fakes/world.js';
import { open } from './window.js';

async function spareIn(world: World, folder: string): Promise<string> {
  world.services.spares.plan(folder, 0);
  world.clock.advance(0);
  await settled();
  return world.launcher.last.sessionId;
}

describe('A new session with options', () => {
  it('S1 starts its program with all of them, and with the id that we minted', async () => {
    const { world, sessions } = open();
    const session = sessions.create('/ws', {
      name: '  Review  ',
      model: 'opus',
      mode: 'plan',
      appendSystemPrompt: 'Answer in verse.',
    });
    expect(session.record).toMatchObject({ name: 'Review', nameFrom: 'user', model: 'opus', mode: 'plan' });
    session.send('Hello');
    await settled();
    expect(world.launcher.last.options).toEqual({
      folder: '/ws',
      sessionId: session.id,
      start: { kind: 'new' },
      persist: true,
      model: 'opus',
      permissionMode: 'plan',
      appendSystemPrompt: 'Answer in verse.',
    });
    expect(session.record.name).toBe('Review');
  });

  it('S1 without a name is called after the first prompt’s first line', async () => {
    const { sessions } = open();
    const session = sessions.create('/ws', { name: ' ', appendSystemPrompt: ' ' });
    expect(session.record).toMatchObject({ name: '', nameFrom: 'prompt', appendSystemPrompt: null });
    session.send('First line\nand more');
    await settled();
    expect(session.record).toMatchObject({ name: 'First line', nameFrom: 'prompt' });
  });

  it('S1 P3 takes the spare and tells it the model and the mode ahead of the first message', async () => {
    const { world, sessions } = open();
    const id = await spareIn(world, '/ws');
    const spare = world.launcher.last;
    const session = sessions.create('/ws', { name: 'Mine', model: 'opus', mode: 'acceptEdits' });
    expect(session.id).toBe(id);
    session.warm();
    await settled();
    expect(spare.controls).toEqual([
      { subtype: 'set_model', model: 'opus' },
      { subtype: 'set_permission_mode', mode: 'acceptEdits' },
    ]);
    session.send('Hello');
    await settled();
    expect(spare.controls).toHaveLength(2);
    expect(spare.sent).toMatchObject([{ text: 'Hello' }]);
    expect(session.record).toMatchObject({ name: 'Mine', model: 'opus', mode: 'acceptEdits' });
  });

  it('S1 P3 leaves the spare to others where it has instructions, which a running program cannot be given', async () => {
    const { world, sessions } = open();
    const id = await spareIn(world, '/ws');
    const session = sessions.create('/ws', { appendSystemPrompt: 'Answer in verse.' });
    expect(session.id).not.toBe(id);
    session.warm();
    await settled();
    expect(world.launcher.last.options).toMatchObject({
      sessionId: session.id,
      appendSystemPrompt: 'Answer in verse.',
    });
    expect(sessions.create('/ws').id).toBe(id);
  });

  it('S1 T5 a model that the spare refuses is told with the first message, which is kept', async () => {
    const { world, sessions } = open();
    world.launcher.script.push({ onControl: () => Promise.reject(clientError('protocolError', 'no such model')) });
    await spareIn(world, '/ws');
    const session = sessions.create('/ws', { model: 'nonsense' });
    session.warm();
    await settled();
    session.send('Hello');
    await settled();
    const events = world.journal.events(session.id);
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'protocolError' } }]);
    expect(session.transcript.messages[0]).toMatchObject({ role: 'user', text: 'Hello' });
  });

  it('S1 S6 with instructions is kept although nothing was said in it yet', async () => {
    const { world, sessions } = open();
    const session = sessions.create('/ws', { appendSystemPrompt: 'Answer in verse.' });
    const plain = sessions.create('/ws', { model: 'opus' });
    sessions.create('/ws');
    await settled();
    const ids = world.store.state.sessions.map(({ id }) => id);
    expect(ids).toContain(session.id);
    expect(ids).not.toContain(plain.id);
  });
});

describe('What is known of the program', () => {
  it('S1 is from the folder’s own sessions first, else from its spare, else from anywhere', async () => {
    const { world, sessions } = open();
    const { spares } = world.services;
    const versionIn = (folder: string): string | undefined => knownProgram(sessions.live, spares, folder)?.version;
    sessions.create('/ws');
    expect(versionIn('/ws')).toBeUndefined();
    await spareIn(world, '/other');
    expect(spares.program('/other')?.version).toBe('2.1.329');
    expect(spares.program('/ws')).toBeNull();
    expect(versionIn('/other')).toBe('2.1.329');
    expect(versionIn('/ws')).toBeUndefined();
    const running = sessions.create('/third');
    running.send('Hello');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(versionIn('/ws')).toBe('2.1.329');
  });
});
