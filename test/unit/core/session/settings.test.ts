import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import type { JsonObject } from '../../../../src/base/json.js';
import { sessionHeader } from '../../../../src/core/chat/snapshot.js';
import { answerLines, initLine } from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { outcomes } from '../../../support/fakes/world.js';
import { stage } from './stage.js';

const folder = { name: 'ws', path: '/ws', branch: null, worktree: null };
const setMode = (mode: string): JsonObject => ({ subtype: 'set_permission_mode', mode });
const setModel = (model: string): JsonObject => ({ subtype: 'set_model', model });

describe('Model and mode', () => {
  it('T1 chosen before the first message are what the process is started with', async () => {
    const { world, session } = stage();
    await session.setModel('opus');
    await session.setMode('plan');
    session.send('Hello');
    await settled();
    expect(world.launcher.last.options).toMatchObject({ model: 'opus', permissionMode: 'plan' });
    expect(world.launcher.last.controls).toEqual([]);
  });

  it('T1 chosen while the process runs are told to it, once', async () => {
    const { world, session } = stage();
    session.send('Hello');
    await settled();
    await session.setModel('opus');
    await session.setMode('acceptEdits');
    await session.setMode('acceptEdits');
    await session.setModel(null);
    expect(world.launcher.last.controls).toEqual([setModel('opus'), setMode('acceptEdits'), setModel('default')]);
    expect(session.record).toMatchObject({ model: null, mode: 'acceptEdits' });
  });

  it('T1 chosen while the process starts are told to it before the message', async () => {
    const { world, session } = stage();
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    await session.setMode('plan');
    world.launcher.last.becomeReady();
    await settled();
    expect(world.launcher.last.options.permissionMode).toBe('default');
    expect(world.launcher.last.controls).toEqual([setMode('plan')]);
    expect(world.launcher.last.sent).toHaveLength(1);
  });

  it('T1 a choice that the program refuses is taken back and told', async () => {
    const { session } = stage({}, { onControl: () => Promise.reject(clientError('protocolError', 'no such mode')) });
    session.send('Hello');
    await settled();
    await expect(session.setMode('plan')).rejects.toMatchObject({ code: 'protocolError' });
    expect(session.record.mode).toBe('default');
    await expect(session.setModel('nonsense')).rejects.toMatchObject({ code: 'protocolError' });
    expect(session.record.model).toBeNull();
  });

  it('T1 of several quick choices the last one counts', async () => {
    const answers: Deferred<JsonObject>[] = [];
    const { world, session } = stage(
      {},
      {
        onControl: () => {
          const answer = new Deferred<JsonObject>();
          answers.push(answer);
          return answer.promise;
        },
      },
    );
    session.send('Hello');
    await settled();
    const chosen = [session.setMode('plan'), session.setMode('acceptEdits'), session.setMode('dontAsk')];
    expect(session.record.mode).toBe('dontAsk');
    for (let turn = 0; turn < 3; turn += 1) {
      await settled();
      answers[turn]?.resolve({});
    }
    await Promise.all(chosen);
    expect(world.launcher.last.controls.at(-1)).toEqual(setMode('dontAsk'));
    expect(session.record.mode).toBe('dontAsk');
  });

  it('T1 a refused choice does not undo an earlier one of the other kind', async () => {
    const { session } = stage(
      {},
      {
        onControl: ({ subtype }) => {
          if (subtype === 'set_model') throw clientError('protocolError');
          return {};
        },
      },
    );
    session.send('Hello');
    await settled();
    const mode = session.setMode('plan');
    const model = session.setModel('nonsense');
    const failed = expect(model).rejects.toMatchObject({ code: 'protocolError' });
    await mode;
    await failed;
    expect(session.record).toMatchObject({ model: null, mode: 'plan' });
  });

  it('T1 a process that dies instead of answering refuses nothing: the next one is started with the choice', async () => {
    const { world, session } = stage(
      {},
      {
        onControl: (_, process) => {
          process.exit({ code: 1 });
          return new Promise(() => undefined);
        },
      },
    );
    session.warm();
    await settled();
    await session.setMode('plan');
    world.launcher.otherwise = {};
    session.send('Hello');
    await settled();
    expect(world.launcher.last.options.permissionMode).toBe('plan');
    expect(session.record.mode).toBe('plan');
  });

  it('T5 a model that is refused as the turn begins fails the turn, and the process stays', async () => {
    const { world, session, events } = stage({}, { onControl: () => Promise.reject(clientError('protocolError')) });
    world.launcher.script.push({ isReady: false, onControl: () => Promise.reject(clientError('protocolError')) });
    session.warm();
    await settled();
    await session.setModel('nonsense');
    world.launcher.last.becomeReady();
    await settled();
    session.send('Hello');
    await settled();
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'protocolError' } }]);
    expect(world.launcher.last.sent).toEqual([]);
    expect(session.state).toBe('ready');
  });

  it('T1 a mode that the program changes by itself is the session’s, and can be chosen back', async () => {
    const { world, session } = stage({ mode: 'plan' });
    session.send('Hello');
    await settled();
    // As after a plan was approved.
    world.launcher.last.print({ type: 'system', subtype: 'status', permissionMode: 'acceptEdits' });
    await settled();
    expect(session.record.mode).toBe('acceptEdits');
    expect(sessionHeader(session, folder, () => undefined).mode).toBe('acceptEdits');
    world.launcher.last.print(...answerLines('m1', 'Done.').slice(1));
    await settled();
    session.send('More');
    await settled();
    expect(world.launcher.last.controls).toEqual([]);
    await session.setMode('plan');
    expect(world.launcher.last.controls).toEqual([setMode('plan')]);
  });

  it('T1 what the program says of its mode while it is being told another does not undo the choice', async () => {
    const answer = new Deferred<JsonObject>();
    const { world, session } = stage({}, { onControl: () => answer.promise });
    session.send('Hello');
    await settled();
    const chosen = session.setMode('plan');
    await settled();
    world.launcher.last.print(initLine({ permissionMode: 'default' }));
    await settled();
    answer.resolve({});
    await chosen;
    expect(session.record.mode).toBe('plan');
    world.launcher.last.print(...answerLines('m1', 'Done.').slice(1));
    await settled();
    session.send('More');
    await settled();
    expect(world.launcher.last.controls).toEqual([setMode('plan')]);
  });

  it('T1 the header shows a choice at once, also without a process', async () => {
    const { session } = stage();
    let changes = 0;
    session.onChange(() => (changes += 1));
    await session.setMode('plan');
    expect(changes).toBeGreaterThan(0);
    expect(sessionHeader(session, folder, () => undefined)).toMatchObject({ mode: 'plan', model: null, state: 'idle' });
  });

  it('P3 the state tells of a process that is being started, and the models when it is there', async () => {
    const { world, session } = stage({}, { isReady: false });
    const states: string[] = [];
    session.onChange(() => states.push(session.state));
    session.warm();
    await settled();
    expect(states).toContain('starting');
    world.launcher.last.becomeReady();
    await settled();
    expect(session.state).toBe('ready');
    expect(sessionHeader(session, folder, () => undefined).models).toMatchObject([{ value: 'opus' }]);
  });

  it('P3 callers that come while the process starts share it', async () => {
    const { world, session } = stage();
    session.warm();
    session.warm();
    session.send('Hello');
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
  });

  it('P3 starting ahead may fail without a word to the user', async () => {
    const { world, session, events } = stage();
    world.launcher.script.push(clientError('programNotFound'));
    session.warm();
    await settled();
    expect(events).toEqual([]);
    expect(session.state).toBe('idle');
  });

  it('P3 never starts a second process while the first is still ending', async () => {
    const { world, session, events } = stage();
    world.launcher.script.push({ isReady: false, endsWhenStopped: false });
    session.send('Hello');
    await settled();
    const [first] = world.launcher.processes;
    // It does not get ready, and its end takes a while.
    const dispose = first?.dispose.bind(first);
    if (first) first.dispose = () => undefined;
    if (first) first.becomeUnready(clientError('startTimeout'));
    await settled();
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'startTimeout' } }]);
    session.send('Again');
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    dispose?.();
    await settled();
    expect(world.launcher.launches).toHaveLength(2);
    expect(world.launcher.last.sent).toMatchObject([{ text: 'Again' }]);
  });
});
