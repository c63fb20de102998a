import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import {
  answerLines,
  errorLine,
  interruptedLines,
  messageStart,
  textPieces,
  wholeLine,
} from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { outcomes, uuid } from '../../../support/fakes/world.js';
import { stage, type Stage } from './stage.js';

async function answer({ world }: Stage, text: string): Promise<void> {
  world.launcher.last.print(...answerLines(`m-${text}`, text));
  await settled();
}

function sent({ world }: Stage): readonly string[] {
  return world.launcher.processes.flatMap((process) => process.sent.map(({ text }) => text));
}

function waiting({ session }: Stage): readonly string[] {
  return session.queue.messages.map(({ text }) => text);
}

describe('The queue', () => {
  it('T7 keeps what is sent during a turn and sends it afterwards, one by one, in its order', async () => {
    const on = stage();
    for (const text of ['One', 'Two', 'Three']) on.session.send(text);
    await settled();
    expect(waiting(on)).toEqual(['Two', 'Three']);
    expect(on.session.queue.held).toBe(false);
    await answer(on, 'First.');
    expect(waiting(on)).toEqual(['Three']);
    await answer(on, 'Second.');
    await answer(on, 'Third.');
    expect(sent(on)).toEqual(['One', 'Two', 'Three']);
    expect(waiting(on)).toEqual([]);
  });

  it('T7 is held after the turn was stopped, and sent when the user says so', async () => {
    const on = stage();
    for (const text of ['One', 'Two', 'Three']) on.session.send(text);
    await settled();
    await on.session.stop();
    await settled();
    expect(on.session.queue.held).toBe(true);
    expect(waiting(on)).toEqual(['Two', 'Three']);
    expect(sent(on)).toEqual(['One']);
    on.session.sendQueue();
    await settled();
    expect(on.session.queue.held).toBe(false);
    await answer(on, 'Second.');
    expect(sent(on)).toEqual(['One', 'Two', 'Three']);
  });

  it.each([
    ['an error result', (on: Stage) => on.world.launcher.last.print(errorLine('Broken'))],
    ['the end of the process', (on: Stage) => on.world.launcher.last.exit({ code: 1 })],
  ])('T7 is held after a turn that failed (%s)', async (_, fail) => {
    const on = stage();
    on.session.send('One');
    on.session.send('Two');
    await settled();
    fail(on);
    await settled();
    expect(on.session.queue.held).toBe(true);
    expect(waiting(on)).toEqual(['Two']);
    expect(sent(on)).toEqual(['One']);
  });

  it('T7 what the user sends while the turn is being stopped goes next; what waited stays held', async () => {
    const on = stage();
    on.session.send('One');
    on.session.send('Waiting');
    await settled();
    const stopped = on.session.stop();
    on.session.send('Instead');
    await stopped;
    await settled();
    expect(sent(on)).toEqual(['One', 'Instead']);
    expect(waiting(on)).toEqual(['Waiting']);
    expect(on.session.queue.held).toBe(true);
    await answer(on, 'Done.');
    expect(sent(on)).toEqual(['One', 'Instead']);
  });

  it('T7 what is held does not keep back what the user sends afterwards', async () => {
    const on = stage();
    on.session.send('One');
    on.session.send('Held');
    await settled();
    await on.session.stop();
    on.session.send('Now');
    on.session.send('And then');
    await settled();
    expect(sent(on)).toEqual(['One', 'Now']);
    await answer(on, 'Done.');
    expect(sent(on)).toEqual(['One', 'Now', 'And then']);
    expect(waiting(on)).toEqual(['Held']);
  });

  it('T7 a message can be taken out, also for editing; one that was sent meanwhile cannot', async () => {
    const on = stage();
    for (const text of ['One', 'Two', 'Three']) on.session.send(text);
    await settled();
    const [two, three] = on.session.queue.messages;
    expect(on.session.unqueue(two?.id ?? '')).toBe('Two');
    expect(on.session.unqueue(two?.id ?? '')).toBeUndefined();
    await answer(on, 'First.');
    expect(on.session.unqueue(three?.id ?? '')).toBeUndefined();
    expect(sent(on)).toEqual(['One', 'Three']);
  });

  it('T7 S6 what an earlier window left is held until the user says so', async () => {
    const on = stage({ queue: [{ id: uuid(77), text: 'From before', priority: 'later', held: true }] });
    expect(on.session.queue.held).toBe(true);
    await settled();
    expect(on.world.launcher.launches).toEqual([]);
    on.session.sendQueue();
    await settled();
    expect(sent(on)).toEqual(['From before']);
    expect(on.world.launcher.last.sent[0]?.uuid).toBe(uuid(77));
  });

  it('T7 what a listener sends as a turn ends waits behind what waited before', async () => {
    const on = stage();
    on.session.onEvents(({ events }) => {
      if (events.some((event) => event.kind === 'complete') && sent(on).length === 1) on.session.send('Three');
    });
    on.session.send('One');
    on.session.send('Two');
    await settled();
    await answer(on, 'First.');
    await answer(on, 'Second.');
    expect(sent(on)).toEqual(['One', 'Two', 'Three']);
  });

  it('T7 is held after a turn that the program broke off by itself, although a stop came to nothing before', async () => {
    const on = stage();
    await on.session.stop();
    on.session.send('One');
    on.session.send('Two');
    await settled();
    on.world.launcher.last.print(...interruptedLines());
    await settled();
    expect(outcomes(on.events).map(({ kind }) => kind)).toEqual(['canceled']);
    expect(on.session.queue.held).toBe(true);
  });

  it('T7 sending the queue while a turn runs waits for the turn', async () => {
    const on = stage({ queue: [{ id: uuid(77), text: 'From before', priority: 'later', held: true }] });
    on.session.send('Now');
    await settled();
    on.session.sendQueue();
    await settled();
    expect(sent(on)).toEqual(['Now']);
    await answer(on, 'Done.');
    expect(sent(on)).toEqual(['Now', 'From before']);
  });

  it('T7 T5 goes on after a start that failed, when the user says so, with nothing lost', async () => {
    const on = stage();
    on.world.launcher.script.push(clientError('programNotFound'));
    on.session.send('One');
    on.session.send('Two');
    await settled();
    expect(waiting(on)).toEqual(['Two']);
    on.session.sendQueue();
    await settled();
    expect(sent(on)).toEqual(['Two']);
  });
});

describe('What would be lost with the window', () => {
  const kept = ({ session }: Stage): readonly string[] => session.record.queue.map(({ text }) => text);

  it('T7 S6 a prompt is kept until the program has it, and not longer', async () => {
    const on = stage();
    const launched = new Deferred<Record<string, never>>();
    on.world.launcher.script.push(launched.promise);
    on.session.send('Hello');
    on.session.send('More');
    await settled();
    expect(kept(on)).toEqual(['Hello', 'More']);
    expect(waiting(on)).toEqual(['More']);
    launched.resolve({});
    await settled();
    expect(sent(on)).toEqual(['Hello']);
    expect(kept(on)).toEqual(['Hello', 'More']);
    on.world.launcher.last.echo();
    await settled();
    expect(kept(on)).toEqual(['More']);
  });

  it('T7 S6 a prompt that could not be delivered stays kept, until the next one takes its place', async () => {
    const on = stage();
    on.world.launcher.script.push(clientError('programNotFound'));
    on.session.send('Hello');
    await settled();
    expect(outcomes(on.events)).toMatchObject([{ kind: 'error' }]);
    expect(kept(on)).toEqual(['Hello']);
    expect(waiting(on)).toEqual([]);
    on.session.send('Hello');
    await settled();
    expect(sent(on)).toEqual(['Hello']);
    on.world.launcher.last.echo();
    await settled();
    expect(kept(on)).toEqual([]);
  });

  it('T7 S6 a prompt that no program took waits, held, when something else is sent', async () => {
    const on = stage();
    on.world.launcher.script.push(clientError('programNotFound'));
    on.session.send('Hello');
    await settled();
    on.session.send('Something else');
    await settled();
    expect(sent(on)).toEqual(['Something else']);
    expect(waiting(on)).toEqual(['Hello']);
    expect(on.session.queue.held).toBe(true);
  });

  it.each([
    ['speaks', (on: Stage) => on.world.launcher.last.print(messageStart('m1'))],
    ['ends the turn', (on: Stage) => on.world.launcher.last.print(errorLine('Broken'))],
  ])('T7 S6 a prompt is kept until the program %s, where it does not echo', async (_, act) => {
    const on = stage();
    on.session.send('Hello');
    await settled();
    expect(kept(on)).toEqual(['Hello']);
    act(on);
    await settled();
    expect(kept(on)).toEqual([]);
  });

  it('T7 S6 a prompt that the program took with it when it died is kept', async () => {
    const on = stage();
    on.session.send('Hello');
    await settled();
    on.world.launcher.last.exit({ code: 1 });
    await settled();
    expect(outcomes(on.events)).toMatchObject([{ kind: 'error' }]);
    expect(kept(on)).toEqual(['Hello']);
  });

  it('T7 S6 a prompt that was stopped before it was delivered stays kept', async () => {
    const on = stage({}, { isReady: false });
    on.session.send('Hello');
    await settled();
    await on.session.stop();
    expect(kept(on)).toEqual(['Hello']);
  });

  it('T7 a prompt that is delivered a second time keeps its id', async () => {
    const on = stage();
    on.session.send('One');
    await settled();
    await answer(on, 'First.');
    on.world.launcher.last.exit({ code: 1 });
    on.session.send('Two');
    await settled();
    const [user] = on.session.transcript.messages.filter((message) => message.role === 'user').slice(-1);
    expect(on.world.launcher.last.sent).toEqual([{ uuid: user?.uuid, text: 'Two' }]);
  });
});

describe('A turn that the program begins by itself', () => {
  const byTheWay = wholeLine('m2', [{ type: 'text', text: 'By the way' }]);

  it('T1 is a turn without a prompt, and what is sent meanwhile waits for it', async () => {
    const on = stage();
    on.session.send('One');
    await settled();
    await answer(on, 'First.');
    on.world.launcher.last.print(messageStart('m2'), ...textPieces(0, 'By the way'), byTheWay);
    await settled();
    expect(on.session.state).toBe('running');
    on.session.send('Two');
    await settled();
    expect(sent(on)).toEqual(['One']);
    await answer(on, 'done.');
    expect(sent(on)).toEqual(['One', 'Two']);
    expect(on.told()).toEqual([
      'you: One',
      'claude (complete): First.',
      'claude (complete): By the way | done.',
      'you: Two',
    ]);
  });

  it('T6 can be stopped', async () => {
    const on = stage();
    on.session.send('One');
    await settled();
    await answer(on, 'First.');
    on.world.launcher.last.print(messageStart('m2'), ...textPieces(0, 'By the way'));
    await settled();
    await on.session.stop();
    expect(outcomes(on.events).map(({ kind }) => kind)).toEqual(['complete', 'canceled']);
  });

  it('T7 that comes in the same output as the end of another does not swallow the message that waits', async () => {
    const on = stage();
    on.session.send('One');
    on.session.send('Two');
    await settled();
    on.world.launcher.last.print(
      ...answerLines('m1', 'First.'),
      messageStart('m2'),
      ...textPieces(0, 'By the way'),
      byTheWay,
      ...answerLines('m3', 'over.').slice(1),
    );
    await settled();
    expect(sent(on)).toEqual(['One', 'Two']);
    await answer(on, 'Second.');
    expect(outcomes(on.events).map(({ kind }) => kind)).toEqual(['complete', 'complete', 'complete']);
    expect(on.told()).toEqual([
      'you: One',
      'claude (complete): First.',
      'claude (complete): By the way | over.',
      'you: Two',
      'claude (complete): Second.',
    ]);
  });

  it('T7 M1 whose end comes before the next prompt was handed over does not end that one, and is paid for', async () => {
    const on = stage();
    on.session.send('One');
    await settled();
    await answer(on, 'First.');
    const written = new Deferred<void>();
    on.world.journal.before = () => written.promise;
    on.session.send('Two');
    on.world.launcher.last.print(...answerLines('m2', 'By the way.', { total_cost_usd: 0.75 }));
    await settled();
    expect(outcomes(on.events)).toHaveLength(1);
    written.resolve();
    on.world.journal.before = () => undefined;
    await settled();
    expect(sent(on)).toEqual(['One', 'Two']);
    on.world.launcher.last.print(...answerLines('m3', 'Second.', { total_cost_usd: 1 }));
    await settled();
    expect(outcomes(on.events).map((outcome) => outcome.usage.costUsd)).toEqual([0.5, 0.5]);
    expect(on.session.record.total.costUsd).toBe(1);
  });

  it('T1 is not what a subagent says in the background', async () => {
    const on = stage();
    on.session.send('One');
    await settled();
    await answer(on, 'First.');
    on.world.launcher.last.print(messageStart('m2', 1, 'task-1'), {
      type: 'assistant',
      parent_tool_use_id: 'task-1',
      message: { id: 'm3', content: [{ type: 'text', text: 'In the background' }] },
    });
    await settled();
    expect(on.session.state).toBe('ready');
    on.session.send('Two');
    await settled();
    expect(sent(on)).toEqual(['One', 'Two']);
  });

  it('T5 is not what a process says that was given up at its start', async () => {
    const on = stage({}, { isReady: false });
    on.session.warm();
    await settled();
    const { last } = on.world.launcher;
    const dispose = last.dispose.bind(last);
    last.dispose = () => undefined;
    last.becomeUnready(clientError('startTimeout'));
    await settled();
    last.print(messageStart('m1'), ...textPieces(0, 'Late'));
    await settled();
    expect(on.session.state).toBe('idle');
    expect(on.events.filter((event) => event.kind === 'start')).toEqual([]);
    dispose();
  });

  it('T5 ends with the process', async () => {
    const on = stage();
    on.session.warm();
    await settled();
    on.world.launcher.last.print(messageStart('m1'));
    await settled();
    on.world.launcher.last.exit({ code: 1 });
    await settled();
    expect(outcomes(on.events)).toMatchObject([{ kind: 'error', error: { code: 'processExited' } }]);
  });
});
