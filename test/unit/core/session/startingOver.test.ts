import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import {
  answerLines,
  echoLine,
  errorLine,
  messageStart,
  resultLine,
  toolLines,
} from '../../../support/fakes/cliLines.js';
import { clientError, type FakeProcess } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { outcomes, uuid } from '../../../support/fakes/world.js';
import { stage } from './stage.js';

describe('A process that ends between turns', () => {
  it('T1 is replaced at the next message, which goes on with the conversation', async () => {
    const { world, session, told } = stage();
    session.send('One');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'First.'));
    await settled();
    world.launcher.last.exit({ code: 1 });
    await settled();
    expect(session.state).toBe('idle');
    session.send('Two');
    await settled();
    expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['new', 'resume']);
    world.launcher.last.print(...answerLines('m2', 'Second.'));
    await settled();
    expect(told()).toEqual(['you: One', 'claude (complete): First.', 'you: Two', 'claude (complete): Second.']);
  });

  it('T7 is replaced when it turns out dead as the message is handed over: nothing is lost', async () => {
    const { world, session, events, told } = stage();
    session.send('One');
    await settled();
    const first = world.launcher.last;
    first.print(...answerLines('m1', 'First.'));
    await settled();
    // Its end has not been read yet when the message is sent.
    first.exit({ code: 1 });
    session.send('Two');
    await settled();
    expect(first.sent.map(({ text }) => text)).toEqual(['One']);
    expect(world.launcher.last.sent.map(({ text }) => text)).toEqual(['Two']);
    world.launcher.last.print(...answerLines('m2', 'Second.'));
    await settled();
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['complete', 'complete']);
    expect(told().at(-1)).toBe('claude (complete): Second.');
  });

  it('T7 is replaced once when its end is known before the failure of the message', async () => {
    const { world, session, events } = stage();
    const failed = new Deferred<void>();
    world.launcher.script.push({
      onSend: (_, process) => {
        process.exit({ code: 1 });
        return failed.promise;
      },
    });
    session.send('Hello');
    await settled();
    expect(world.launcher.processes).toHaveLength(2);
    failed.reject(clientError('processExited'));
    await settled();
    expect(world.launcher.last.sent.map(({ text }) => text)).toEqual(['Hello']);
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['complete']);
    expect(world.launcher.processes).toHaveLength(2);
  });

  it('T7 is replaced once in a turn, not for ever', async () => {
    const { world, session, events } = stage();
    world.launcher.otherwise = {
      onSend: (_, process) => {
        process.exit({ code: 1 });
        throw clientError('processExited');
      },
    };
    session.send('Hello');
    await settled();
    expect(world.launcher.launches).toHaveLength(2);
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'processExited' } }]);
  });

  it('T7 does not say a message twice to a program that has taken it', async () => {
    const { world, session, events } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(echoLine(uuid(1), 'Hello'));
    await settled();
    world.launcher.last.exit({ code: 1 });
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'processExited' } }]);
  });
});

const notFound = 'No conversation found with session ID: x';

/** The program refuses to resume as 2.1.329 does: a result, and then its end, before it is ready. */
function refuseToResume(process: FakeProcess): void {
  process.print(errorLine(notFound, { total_cost_usd: 0, usage: {} }));
  process.failToStart(clientError('conversationNotFound', notFound), { stderr: notFound });
}

describe('A conversation that the program does not have', () => {
  it('T10 begins anew with the same message, and the user is told and offered a recap', async () => {
    const { world, session, events, told } = stage({ head: 'gone' });
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    refuseToResume(world.launcher.last);
    await settled();
    expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['resume', 'new']);
    expect(world.launcher.launches.map(({ sessionId }) => sessionId)).toEqual([session.id, session.id]);
    expect(world.launcher.last.sent.map(({ text }) => text)).toEqual(['Hello']);
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(told()).toEqual(['you: Hello', 'claude (complete): notice conversationNotFound | Hi.']);
    const notices = events.filter((event) => event.kind === 'notice');
    expect(notices).toMatchObject([{ level: 'warning', notice: { actions: ['sendRecap'] } }]);
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['complete']);
    expect(session.record.head).toBe('line-m1');
  });

  it('T10 also where an older program says so only when it is given the message', async () => {
    const { world, session, told } = stage({ head: 'gone' });
    session.send('Hello');
    await settled();
    const [first] = world.launcher.processes;
    first?.print(errorLine(notFound));
    first?.exit({ code: 1 });
    await settled();
    expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['resume', 'new']);
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(told()).toEqual(['you: Hello', 'claude (complete): notice conversationNotFound | Hi.']);
  });

  it('T10 P5 the time in which the new process starts is no silence of the turn', async () => {
    const { world, session, events } = stage({ head: 'gone' });
    session.send('Hello');
    await settled();
    world.launcher.script.push({ isReady: false });
    world.launcher.last.print(errorLine(notFound));
    await settled();
    expect(world.launcher.launches).toHaveLength(2);
    world.clock.advance(world.inactivityMs * 2);
    await settled();
    expect(outcomes(events)).toEqual([]);
    world.launcher.last.becomeReady();
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['complete']);
  });

  it('T10 T5 the new process that dies as well ends the turn', async () => {
    const { world, session, events } = stage({ head: 'gone' });
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    refuseToResume(world.launcher.last);
    await settled();
    world.launcher.last.exit({ code: 2 });
    await settled();
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'processExited' } }]);
    expect(world.launcher.launches).toHaveLength(2);
  });

  it('T10 a process that was being started ahead is refused: the message still begins anew', async () => {
    const { world, session, told } = stage({ head: 'gone' });
    world.launcher.script.push({ isReady: false });
    session.warm();
    await settled();
    session.send('Hello');
    await settled();
    refuseToResume(world.launcher.last);
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(told()).toEqual(['you: Hello', 'claude (complete): notice conversationNotFound | Hi.']);
  });

  it('T10 the turn after a fresh start goes on with the new conversation', async () => {
    const { world, session } = stage({ head: 'gone' });
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    refuseToResume(world.launcher.last);
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    world.launcher.last.exit();
    await settled();
    session.send('More');
    await settled();
    expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['resume', 'new', 'resume']);
  });

  it('T10 never after a tool was used', async () => {
    const { world, session, events } = stage({ head: 'gone' });
    session.send('Hello');
    await settled();
    world.launcher.last.print(
      messageStart('m1'),
      ...toolLines('m1', 0, 't1', 'Bash', { command: 'rm x' }),
      errorLine(notFound),
    );
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'conversationNotFound' } }]);
  });

  it.each(['programBroken', 'startTimeout', 'signInRequired', 'notFound', 'overloaded'] as const)(
    'T10 never on another error (%s)',
    async (code) => {
      const { world, session, events } = stage({ head: 'there' });
      world.launcher.script.push({ isReady: false });
      session.send('Hello');
      await settled();
      world.launcher.last.failToStart(clientError(code, 'something else'));
      await settled();
      expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['resume']);
      expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code } }]);
    },
  );

  it('T10 never when a new conversation is said not to exist', async () => {
    const { world, session, events } = stage();
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    refuseToResume(world.launcher.last);
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'conversationNotFound' } }]);
  });

  it('T10 T6 not when the user stopped meanwhile', async () => {
    const { world, session, events } = stage({ head: 'gone' });
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    await session.stop();
    refuseToResume(world.launcher.last);
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
  });
});

describe('A conversation that the program has already', () => {
  it('S1 is resumed with the same message', async () => {
    const { world, session, told } = stage();
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    world.launcher.last.failToStart(clientError('sessionInUse', 'Session ID x is already in use.'));
    await settled();
    expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['new', 'resume']);
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(told()).toEqual(['you: Hello', 'claude (complete): Hi.']);
  });

  it('S1 neither begun nor resumed: the turn fails, and nothing goes round in circles', async () => {
    const { world, session, events } = stage();
    world.launcher.otherwise = { isReady: false };
    session.send('Hello');
    await settled();
    world.launcher.last.failToStart(clientError('sessionInUse'));
    await settled();
    refuseToResume(world.launcher.last);
    await settled();
    world.launcher.last.failToStart(clientError('sessionInUse'));
    await settled();
    expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['new', 'resume', 'new']);
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'sessionInUse' } }]);
  });

  it('S3 is resumed where there is a transcript, although we know of no head', async () => {
    const { world, session } = stage();
    world.transcripts.conversations.set(session.id, []);
    session.send('Hello');
    await settled();
    expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(['resume']);
  });

  it('T5 transcripts that cannot be looked for do not keep the message from being sent', async () => {
    const { world, session } = stage();
    world.transcripts.failure = new Error('EACCES');
    session.send('Hello');
    await settled();
    expect(world.launcher.last.sent.map(({ text }) => text)).toEqual(['Hello']);
    expect(world.logger.errors.splice(0)).toHaveLength(1);
  });
});

describe('What a conversation cost', () => {
  const usage = { session: { total_cost_usd: 0.25 } };

  it('M1 is the difference of what a process reports', async () => {
    const { world, session, events } = stage();
    for (const [prompt, total] of [
      ['One', 0.5],
      ['Two', 0.75],
    ] as const) {
      session.send(prompt);
      await settled();
      world.launcher.last.print(...answerLines(`m-${prompt}`, 'Hi.', { total_cost_usd: total }));
      await settled();
    }
    expect(outcomes(events).map((outcome) => outcome.usage.costUsd)).toEqual([0.5, 0.25]);
    expect(session.record.total.costUsd).toBe(0.75);
    expect(session.record.total.tokens).toMatchObject({ input: 20, output: 10 });
  });

  it('M1 a process that resumes goes on counting from what it says that the conversation had cost', async () => {
    const { world, session, events } = stage(
      {
        head: 'there',
        total: { tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 }, costUsd: 0.3, durationMs: 5 },
      },
      { onControl: (request) => (request.subtype === 'get_usage' ? usage : {}) },
    );
    session.send('Hello');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.', { total_cost_usd: 0.375 }));
    await settled();
    expect(outcomes(events)[0]?.usage.costUsd).toBeCloseTo(0.125);
    expect(session.record.total.costUsd).toBeCloseTo(0.425);
  });

  it('M1 where it does not say, from what we know', async () => {
    const { world, session, events } = stage(
      {
        head: 'there',
        total: { tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 }, costUsd: 0.25, durationMs: 5 },
      },
      { onControl: () => Promise.reject(clientError('protocolError')) },
    );
    session.send('Hello');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.', { total_cost_usd: 0.375 }));
    await settled();
    expect(outcomes(events)[0]?.usage.costUsd).toBeCloseTo(0.125);
  });

  it('M1 an answer about the cost that comes too late changes nothing', async () => {
    let answer: (value: typeof usage) => void = () => undefined;
    const { world, session, events } = stage(
      { head: 'there' },
      { onControl: () => new Promise((resolve) => (answer = resolve)) },
    );
    session.send('Hello');
    await settled();
    world.launcher.last.print(messageStart('m1'));
    await settled();
    answer(usage);
    await settled();
    world.launcher.last.print(resultLine({ total_cost_usd: 0.375 }));
    await settled();
    expect(outcomes(events)[0]?.usage.costUsd).toBeCloseTo(0.375);
  });

  it('M1 a process that begins a conversation is not asked', async () => {
    const { world, session } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(world.launcher.last.controls).toEqual([]);
  });
});
