import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import { interruptGraceMs } from '../../../../src/core/session/interruptTurn.js';
import {
  answerLines,
  messageEnd,
  messageStart,
  resultLine,
  textPieces,
  toolLines,
  toolResultLine,
} from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { allow, denial } from '../../../support/fakes/fakePermission.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { outcomes } from '../../../support/fakes/world.js';
import { stage, type Stage } from './stage.js';

const streaming = [messageStart('m1', 7), ...textPieces(0, 'Partial')];

/** Sends once more and sees that the conversation goes on, on the process that is there or on a new one. */
async function goesOn({ world, session, events }: Stage, starts: readonly string[]): Promise<void> {
  session.send('And now?');
  await settled();
  expect(world.launcher.launches.map(({ start }) => start.kind)).toEqual(starts);
  world.launcher.last.print(...answerLines('m9', 'Here.'));
  await settled();
  expect(outcomes(events).at(-1)?.kind).toBe('complete');
}

describe('Stop', () => {
  it('T6 while the journal is written: ends at once, and sends nothing', async () => {
    const on = stage();
    const { world, session, told, events } = on;
    const written = new Deferred<void>();
    world.journal.before = () => written.promise;
    session.send('Hello');
    await session.stop();
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
    written.resolve();
    await settled();
    expect(world.launcher.launches).toEqual([]);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): ']);
    await goesOn(on, ['new']);
  });

  it('T6 while the program starts: ends at once, and the program is there for the next message', async () => {
    const on = stage();
    const { world, session, events } = on;
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    await session.stop();
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
    expect(session.state).toBe('starting');
    world.launcher.last.becomeReady();
    await settled();
    expect(world.launcher.last.sent).toEqual([]);
    expect(world.launcher.last.interrupts).toBe(0);
    await goesOn(on, ['new']);
  });

  it('T6 while the program hangs at its start: the next message waits for it, and fails with it', async () => {
    const { world, session, events } = stage();
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    await session.stop();
    session.send('Again');
    await settled();
    world.launcher.last.failToStart(clientError('startTimeout'));
    await settled();
    expect(outcomes(events)).toMatchObject([{ kind: 'canceled' }, { kind: 'error', error: { code: 'startTimeout' } }]);
  });

  it('T6 while text streams: interrupts, keeps the text, and goes on with the same process', async () => {
    const on = stage();
    const { world, session, told, events } = on;
    session.send('Hello');
    await settled();
    world.launcher.last.print(...streaming);
    await settled();
    const stopped = session.stop();
    expect(session.state).toBe('stopping');
    await stopped;
    expect(world.launcher.last.interrupts).toBe(1);
    expect(world.launcher.last.stops).toBe(0);
    expect(outcomes(events)).toMatchObject([{ kind: 'canceled', by: 'user', usage: { tokens: { input: 7 } } }]);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Partial']);
    expect(world.clock.pending).toBe(0);
    await goesOn(on, ['new']);
  });

  it('T6 while a tool runs: its card closes as canceled, whatever it gives back', async () => {
    const on = stage(
      {},
      {
        onInterrupt: (process) => {
          process.print(toolResultLine('t1', 'The user does not want to go on.', true));
          process.print(resultLine({ subtype: 'error_during_execution', is_error: true, usage: {} }));
        },
      },
    );
    const { world, session, told } = on;
    session.send('Hello');
    await settled();
    world.launcher.last.print(messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'sleep 99' }));
    world.launcher.last.print(...toolLines('m1', 1, 't2', 'Read', { file_path: 'a' }));
    await settled();
    await session.stop();
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Bash canceled | Read canceled']);
    await goesOn(on, ['new']);
  });

  it('T6 while a permission is pending: it is denied, its card closes as canceled, and it leaves the screen', async () => {
    const on = stage();
    const { world, session, told, events } = on;
    session.send('Hello');
    await settled();
    world.launcher.last.print(messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'rm x' }));
    const permission = world.launcher.last.ask({ id: 'p1', toolUseId: 't1' });
    await settled();
    expect(session.state).toBe('waiting');
    expect(world.prompter.open).toHaveLength(1);
    await session.stop();
    expect(permission.answers).toEqual([denial('The user stopped the turn.')]);
    expect(world.prompter.open).toEqual([]);
    expect(world.audit.entries).toMatchObject([{ decision: 'deny', by: 'canceled' }]);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Bash canceled']);
    await settled();
    expect(events.filter((event) => event.kind === 'permission')).toMatchObject([
      { phase: 'asked' },
      { phase: 'denied', canceled: true },
    ]);
    await goesOn(on, ['new']);
  });

  it('T6 a permission that is asked for while the turn is being stopped is denied and never shown', async () => {
    const { world, session } = stage({}, { onInterrupt: () => undefined });
    session.send('Hello');
    await settled();
    world.launcher.last.print(...streaming);
    await settled();
    const stopped = session.stop();
    const permission = world.launcher.last.ask({ id: 'p1', toolUseId: 't1' });
    await settled();
    expect(world.prompter.shown).toEqual([]);
    expect(permission.answers).toEqual([denial('The turn is being stopped.')]);
    world.launcher.last.print(resultLine());
    await stopped;
  });

  it('T6 a program that does not react to the interrupt is ended after the grace time', async () => {
    const on = stage({}, { onInterrupt: () => new Promise(() => undefined) });
    const { world, session, told, events } = on;
    session.send('Hello');
    await settled();
    const { last } = world.launcher;
    last.print(...streaming);
    await settled();
    let isOver = false;
    const stopped = session.stop().then(() => {
      isOver = true;
    });
    await settled();
    world.clock.advance(interruptGraceMs - 1);
    await settled();
    expect(last.stops).toBe(0);
    expect(isOver).toBe(false);
    world.clock.advance(1);
    await settled();
    expect(last.stops).toBe(1);
    await stopped;
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Partial']);
    await goesOn(on, ['new', 'new']);
  });

  it('T6 a program that refuses the interrupt is ended too', async () => {
    const { world, session, events } = stage({}, { onInterrupt: () => Promise.reject(clientError('requestTimeout')) });
    session.send('Hello');
    await settled();
    const stopped = session.stop();
    await settled();
    world.clock.advance(interruptGraceMs);
    await stopped;
    expect(world.launcher.last.stops).toBe(1);
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
  });

  it('T6 a program that took the interrupt but does not end its turn is ended too', async () => {
    const { world, session } = stage({}, { onInterrupt: () => undefined });
    session.send('Hello');
    await settled();
    const stopped = session.stop();
    await settled();
    world.clock.advance(interruptGraceMs);
    await stopped;
    expect(world.launcher.last.stops).toBe(1);
  });

  it('T6 what the program still prints while it is ended belongs to the turn and begins no other', async () => {
    const { world, session, told, events } = stage({}, { onInterrupt: () => undefined, endsWhenStopped: false });
    session.send('Hello');
    await settled();
    const { last } = world.launcher;
    last.print(...streaming);
    await settled();
    const stopped = session.stop();
    await settled();
    world.clock.advance(interruptGraceMs);
    await settled();
    last.print(...textPieces(1, ' and more'));
    last.exit({ code: null, signal: 'SIGTERM' });
    await stopped;
    await settled();
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Partial |  and more']);
    expect(session.state).toBe('idle');
  });

  it('T6 the turn ends only when everything that the ended program printed was read', async () => {
    const { world, session, told, events } = stage({}, { onInterrupt: () => undefined });
    session.send('Hello');
    await settled();
    const { last } = world.launcher;
    last.print(...streaming);
    await settled();
    // Gone, but some of its output is still on its way.
    last.stop = () => Promise.resolve({ code: 0, signal: null, stderr: '' });
    const stopped = session.stop();
    await settled();
    world.clock.advance(interruptGraceMs);
    await settled();
    expect(outcomes(events)).toEqual([]);
    last.print(...textPieces(1, ' and more'));
    await settled();
    last.exit();
    await stopped;
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Partial |  and more']);
  });

  it('T6 a program that dies while it is stopped: the turn was stopped, not failed', async () => {
    const { world, session, events } = stage({}, { onInterrupt: (process) => process.exit({ code: 1 }) });
    session.send('Hello');
    await settled();
    await session.stop();
    expect(outcomes(events).map(({ kind }) => kind)).toEqual(['canceled']);
    expect(world.clock.pending).toBe(0);
  });

  it('T6 a turn that completes just then was stopped all the same, with its text and usage', async () => {
    const { world, session, told, events } = stage({}, { onInterrupt: () => undefined });
    session.send('Hello');
    await settled();
    world.launcher.last.print(...streaming);
    await settled();
    const stopped = session.stop();
    world.launcher.last.print(...textPieces(1, ' words'), ...messageEnd(), resultLine());
    await stopped;
    expect(outcomes(events)).toMatchObject([{ kind: 'canceled', usage: { costUsd: 0.5 } }]);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Partial |  words']);
  });

  it('T6 twice is as once', async () => {
    const { world, session, events } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(...streaming);
    await settled();
    await Promise.all([session.stop(), session.stop()]);
    await session.stop();
    expect(world.launcher.last.interrupts).toBe(1);
    expect(outcomes(events)).toHaveLength(1);
  });

  it('T6 without a turn does nothing, and holds nothing that is sent later', async () => {
    const { world, session, told } = stage();
    await session.stop();
    session.send('One');
    session.send('Two');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'First.'));
    await settled();
    world.launcher.last.print(...answerLines('m2', 'Second.'));
    await settled();
    expect(told()).toHaveLength(4);
    expect(session.queue.held).toBe(false);
  });

  it('T6 A4 a tool that was just allowed may be stopped as well', async () => {
    const { world, session, told } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'ls' }));
    const permission = world.launcher.last.ask({ id: 'p1', toolUseId: 't1' });
    await settled();
    world.prompter.open[0]?.answer.resolve(allow());
    await settled();
    expect(permission.answers).toEqual([allow()]);
    expect(told()).toEqual(['you: Hello', 'claude (streaming): Bash running']);
    await session.stop();
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Bash canceled']);
  });

  it('T7 closing the session while it is being stopped begins nothing more, and keeps what was sent meanwhile', async () => {
    const { world, session, events } = stage({}, { onInterrupt: () => undefined });
    session.send('Hello');
    await settled();
    world.launcher.last.echo();
    await settled();
    const stopped = session.stop();
    session.send('Instead');
    session.dispose();
    await stopped;
    await settled();
    expect(events.filter((event) => event.kind === 'start')).toHaveLength(1);
    expect(session.record.queue.map(({ text }) => text)).toEqual(['Instead']);
    expect(world.launcher.launches).toHaveLength(1);
  });

  it('T6 closing the session in the middle of a turn ends the process and the turn', async () => {
    const { world, session, events, told } = stage();
    session.send('Hello');
    session.send('Queued');
    await settled();
    world.launcher.last.print(...streaming);
    await settled();
    session.dispose();
    await settled();
    expect(world.launcher.living).toEqual([]);
    expect(told()).toEqual(['you: Hello', 'claude (canceled): Partial']);
    expect(outcomes(world.journal.events(session.id))).toMatchObject([{ kind: 'canceled', by: 'program' }]);
    expect(outcomes(events)).toHaveLength(1);
    expect(session.record.queue.map(({ text }) => text)).toEqual(['Queued']);
    expect(world.launcher.launches).toHaveLength(1);
  });

  it('A4 closing the session while it asks denies, and the log says so', async () => {
    const { world, session } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'ls' }));
    const permission = world.launcher.last.ask({ id: 'p1', toolUseId: 't1' });
    await settled();
    session.dispose();
    await settled();
    expect(permission.answers.filter(({ behavior }) => behavior === 'allow')).toEqual([]);
    expect(world.audit.entries).toMatchObject([{ decision: 'deny', by: 'closed', reason: 'The session was closed.' }]);
  });

  it('T6 closing the session while its process is being started leaves no process', async () => {
    const { world, session } = stage();
    const launched = new Deferred<Record<string, never>>();
    world.launcher.script.push(launched.promise);
    session.send('Hello');
    await settled();
    session.dispose();
    launched.resolve({});
    await settled();
    expect(world.launcher.processes).toHaveLength(1);
    expect(world.launcher.living).toEqual([]);
  });
});
