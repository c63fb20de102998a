import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import type { JsonObject } from '../../../../src/base/json.js';
import { steeringGraceMs } from '../../../../src/core/session/steering.js';
import {
  answerLines,
  echoLine,
  errorLine,
  messageStart,
  resultLine,
  textPieces,
  toolResultLine,
} from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { outcomes } from '../../../support/fakes/world.js';
import { givesBack, idOf, sent, shown, withTool } from './queueStage.js';
import { stage, type Stage } from './stage.js';

async function echoes(on: Stage, text: string, words = text): Promise<void> {
  const message = on.world.launcher.last.sent.findLast((each) => each.text === text);
  on.world.launcher.last.print(echoLine(message?.uuid ?? '', words));
  await settled();
}

describe('A message that steers', () => {
  it('T7 is given to the program at once, and is delivered when the program says so, where it was', async () => {
    const on = await withTool();
    on.session.send('Later');
    on.session.send('Steer', 'next');
    await settled();
    expect(sent(on)).toEqual(['Run', 'Steer (next)']);
    expect(shown(on)).toEqual(['Steer: sent', 'Later: waiting']);
    expect(on.session.record.queue.map(({ text }) => text)).toEqual(['Steer', 'Later']);
    on.world.launcher.last.print(toolResultLine('t1', 'out'));
    await echoes(on, 'Steer');
    expect(shown(on)).toEqual(['Later: waiting']);
    on.world.launcher.last.print(...answerLines('m2', 'Both.').slice(1));
    await settled();
    expect(on.told()).toEqual([
      'you: Run',
      'claude (complete): Bash done',
      'you: Steer',
      'claude (complete): Both.',
      'you: Later',
    ]);
    expect(sent(on)).toEqual(['Run', 'Steer (next)', 'Later']);
  });

  it('T7 of those that wait, any can; the others keep their order', async () => {
    const on = await withTool();
    for (const text of ['One', 'Two', 'Three']) on.session.send(text);
    on.session.queue.steer(idOf(on, 'Three'));
    await settled();
    expect(shown(on)).toEqual(['Three: sent', 'One: waiting', 'Two: waiting']);
    expect(sent(on)).toEqual(['Run', 'Three (next)']);
  });

  it('T7 waits until the program has the prompt of the turn that it is to steer', async () => {
    const written = new Deferred<void>();
    const on = stage({}, { ...givesBack, onSend: ({ text }) => (text === 'Run' ? written.promise : undefined) });
    on.session.send('Run');
    on.session.send('Steer', 'next');
    await settled();
    expect(sent(on)).toEqual(['Run']);
    expect(shown(on)).toEqual(['Steer: waiting']);
    written.resolve();
    await settled();
    expect(sent(on)).toEqual(['Run', 'Steer (next)']);
  });

  it('T7 without a turn is sent like any other', async () => {
    const on = stage();
    on.session.send('Steer', 'next');
    await settled();
    expect(sent(on)).toEqual(['Steer']);
  });

  it('T7 begins the next turn where the running one ends before its next step; several do so as one', async () => {
    const on = await withTool();
    on.session.send('One', 'next');
    on.session.send('Two', 'next');
    on.session.send('Later');
    await settled();
    const { last } = on.world.launcher;
    last.print(toolResultLine('t1', 'out'), ...answerLines('m2', 'Done.').slice(1));
    await settled();
    // Nothing else is sent meanwhile: the program goes on by itself.
    expect(sent(on)).toEqual(['Run', 'One (next)', 'Two (next)']);
    await echoes(on, 'One');
    await echoes(on, 'Two', 'One\nTwo');
    last.print(...answerLines('m3', 'Both.'));
    await settled();
    expect(outcomes(on.events).map(({ kind }) => kind)).toEqual(['complete', 'complete']);
    expect(on.told()).toEqual([
      'you: Run',
      'claude (complete): Bash done | Done.',
      'you: One',
      'you: Two',
      'claude (complete): Both.',
      'you: Later',
    ]);
  });

  it('T7 whose echo comes in the same output as the end of the turn begins the next one', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    on.session.send('Later');
    await settled();
    const { last } = on.world.launcher;
    last.print(...answerLines('m2', 'Done.'), echoLine(last.sent.at(-1)?.uuid ?? '', 'Steer'), messageStart('m3'));
    await settled();
    expect(sent(on)).toEqual(['Run', 'Steer (next)']);
    expect(on.session.state).toBe('running');
    expect(on.told().at(-1)).toBe('you: Steer');
    expect(shown(on)).toEqual(['Later: waiting']);
  });

  it('T7 T5 is answered also when the turn that it was to steer failed; what waits is held', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    on.session.send('Later');
    await settled();
    on.world.launcher.last.print(errorLine('Broken'));
    await settled();
    await echoes(on, 'Steer');
    on.world.launcher.last.print(...answerLines('m2', 'Done.'));
    await settled();
    expect(outcomes(on.events).map(({ kind }) => kind)).toEqual(['error', 'complete']);
    expect(shown(on)).toEqual(['Later: held']);
  });

  it('T7 T6 is taken back before a stop, and is held like all others', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    on.session.send('Later');
    await settled();
    const before = idOf(on, 'Steer');
    const stopped = on.session.stop();
    expect(on.world.launcher.last.controls.at(-1)).toEqual({ subtype: 'cancel_async_message', message_uuid: before });
    await stopped;
    await settled();
    expect(shown(on)).toEqual(['Steer: held', 'Later: held']);
    // The program would say that it has it, and do nothing, if it came under its old id.
    expect(idOf(on, 'Steer')).not.toBe(before);
    on.session.sendQueue();
    await settled();
    expect(sent(on)).toEqual(['Run', 'Steer (next)', 'Steer']);
  });

  it('T7 is in the conversation once, whatever the program says of it afterwards', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    await settled();
    await echoes(on, 'Steer');
    const id = on.world.launcher.last.sent.at(-1)?.uuid ?? '';
    expect(await on.session.queue.takeBack(id)).toBeNull();
    expect(on.world.launcher.last.controls).toEqual([]);
    await on.session.queue.sendNow(id);
    expect(on.world.launcher.last.interrupts).toBe(0);
  });

  it('T7 that the program does not give back stays with it', async () => {
    const on = await withTool({ onControl: () => ({ cancelled: false }) });
    on.session.send('Steer', 'next');
    await settled();
    expect(await on.session.queue.takeBack(idOf(on, 'Steer'))).toBeNull();
    expect(shown(on)).toEqual(['Steer: sent']);
    await echoes(on, 'Steer');
    expect(on.told().at(-1)).toBe('you: Steer');
  });
});

describe('A message that steers and is not delivered', () => {
  it('T7 is asked back when the program does not go on with it, and sent anew', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    await settled();
    on.world.launcher.last.print(...answerLines('m2', 'Done.'));
    await settled();
    on.world.clock.advance(steeringGraceMs - 1);
    await settled();
    expect(on.world.launcher.last.controls).toEqual([]);
    on.world.clock.advance(1);
    await settled();
    expect(sent(on)).toEqual(['Run', 'Steer (next)', 'Steer']);
    const [, first, second] = on.world.launcher.last.sent;
    expect(second?.uuid).not.toBe(first?.uuid);
  });

  it('T7 is held when the program neither delivers it nor gives it back, and is ended', async () => {
    const answers: JsonObject[] = [{ cancelled: false }];
    const on = await withTool({ onControl: () => answers[0] ?? {} });
    on.session.send('Steer', 'next');
    await settled();
    on.world.launcher.last.print(...answerLines('m2', 'Done.'));
    await settled();
    on.world.clock.advance(steeringGraceMs);
    await settled();
    expect(on.world.launcher.last.stops).toBe(0);
    on.world.clock.advance(steeringGraceMs);
    await settled();
    expect(on.world.launcher.last.stops).toBe(1);
    expect(shown(on)).toEqual(['Steer: held']);
    on.session.sendQueue();
    await settled();
    expect(sent(on)).toEqual(['Run', 'Steer (next)', 'Steer']);
  });

  it.each([
    [
      'with the turn',
      (on: Stage) => {
        on.world.launcher.last.exit({ code: 1 });
        return Promise.resolve();
      },
    ],
    [
      'between turns',
      async (on: Stage) => {
        on.world.launcher.last.print(resultLine());
        await settled();
        on.world.launcher.last.exit({ code: 1 });
      },
    ],
  ])('T7 T5 is held when the program dies %s', async (_, die) => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    await settled();
    await die(on);
    await settled();
    expect(shown(on)).toEqual(['Steer: held']);
    expect(on.session.record.queue.map(({ text }) => text)).toEqual(['Steer']);
  });

  it('T7 is shown as delivered when the transcript of a program that died has it', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    on.session.send('Lost', 'next');
    await settled();
    const prompt = { uuid: idOf(on, 'Steer'), text: 'Steer' };
    on.world.transcripts.conversations.set(on.session.id, [{ kind: 'steeringDelivered', prompt }]);
    on.world.launcher.last.exit({ code: 1 });
    await settled();
    expect(shown(on)).toEqual(['Lost: held']);
    expect(on.told().at(-1)).toBe('you: Steer');
  });

  it('T7 is held when that transcript cannot be read', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    await settled();
    on.world.transcripts.failure = clientError('transcriptMissing');
    on.world.launcher.last.exit({ code: 1 });
    await settled();
    expect(shown(on)).toEqual(['Steer: held']);
    expect(on.world.logger.errors).toHaveLength(1);
    on.world.logger.errors.length = 0;
  });

  it('T7 is held when the program does not take it', async () => {
    const on = await withTool({
      onSend: ({ text }) => (text === 'Steer' ? Promise.reject(clientError('processExited')) : undefined),
    });
    on.session.send('Steer', 'next');
    await settled();
    expect(on.world.launcher.last.stops).toBe(1);
    expect(shown(on)).toEqual(['Steer: held']);
  });
});

describe('A message that is sent now', () => {
  it('T7 stops the running turn, is the next prompt, and the others follow in their order', async () => {
    const on = await withTool();
    for (const text of ['One', 'Two', 'Now']) on.session.send(text);
    await on.session.queue.sendNow(idOf(on, 'Now'));
    await settled();
    expect(on.world.launcher.last.interrupts).toBe(1);
    expect(on.told()).toEqual(['you: Run', 'claude (canceled): Bash canceled', 'you: Now']);
    expect(shown(on)).toEqual(['One: waiting', 'Two: waiting']);
    expect(sent(on)).toEqual(['Run', 'Now']);
    on.world.launcher.last.print(...answerLines('m2', 'Now done.'));
    await settled();
    expect(sent(on)).toEqual(['Run', 'Now', 'One']);
  });

  it('T7 can be sent so from the composer, and without a turn is sent like any other', async () => {
    const on = await withTool();
    on.session.send('Now', 'now');
    await settled();
    expect(sent(on)).toEqual(['Run', 'Now']);
    const idle = stage();
    idle.session.send('Now', 'now');
    await settled();
    expect(sent(idle)).toEqual(['Now']);
    expect(idle.world.launcher.last.interrupts).toBe(0);
  });

  it('T7 that steered is taken back first', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    await settled();
    await on.session.queue.sendNow(idOf(on, 'Steer'));
    await settled();
    expect(sent(on)).toEqual(['Run', 'Steer (next)', 'Steer']);
    expect(on.told().at(-1)).toBe('you: Steer');
  });

  it('T7 while others steer: those wait behind it and are not held', async () => {
    const on = await withTool();
    on.session.send('Steer', 'next');
    on.session.send('Now', 'now');
    await settled();
    expect(shown(on)).toEqual(['Steer: waiting']);
    expect(sent(on)).toEqual(['Run', 'Steer (next)', 'Now']);
  });

  it('T7 T6 is the next prompt of the next program where the running one must be ended for it', async () => {
    const on = await withTool({ ...givesBack, onInterrupt: () => undefined });
    on.session.send('Now', 'now');
    await settled();
    expect(shown(on)).toEqual(['Now: waiting']);
    on.world.clock.advance(3000);
    await settled();
    expect(on.world.launcher.processes.map((process) => process.sent.map(({ text }) => text))).toEqual([
      ['Run'],
      ['Now'],
    ]);
  });

  it('T7 is held when the user stops everything meanwhile', async () => {
    const on = await withTool({ ...givesBack, onInterrupt: () => undefined });
    on.session.send('Now', 'now');
    await settled();
    const stopped = on.session.stop();
    on.world.launcher.last.print(resultLine());
    await stopped;
    await settled();
    expect(sent(on)).toEqual(['Run']);
    expect(shown(on)).toEqual(['Now: held']);
  });
});

describe('What a program says by itself', () => {
  it('T7 an echo that nobody waits for is shown and begins nothing', async () => {
    const on = await withTool();
    on.world.launcher.last.print(echoLine('elsewhere', 'From elsewhere'), ...textPieces(0, 'Ok'));
    await settled();
    expect(on.told().slice(2)).toEqual(['you: From elsewhere', 'claude (streaming): Ok']);
  });
});
