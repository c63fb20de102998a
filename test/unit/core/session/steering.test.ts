import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import type { JsonObject } from '../../../../src/base/json.js';
import { steeringGraceMs } from '../../../../src/core/session/steering.js';
import {
  answerLines,
  echoLine,
  errorLine,
  initLine,
  messageStart,
  resultLine,
  textPieces,
  toolLines,
  toolResultLine,
} from '../../../support/fakes/cliLines.js';
import { clientError, type FakeBehaviour } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { outcomes } from '../../../support/fakes/world.js';
import { stage, type Stage } from './stage.js';

/** A program that gives back what it is asked for. */
const givesBack: FakeBehaviour = { onControl: () => ({ cancelled: true }) };

/** A session in whose turn a tool runs. */
async function withTool(behaviour: FakeBehaviour = givesBack): Promise<Stage> {
  const on = stage({}, behaviour);
  on.session.send('Run');
  await settled();
  on.world.launcher.last.echo();
  on.world.launcher.last.print(initLine(), messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'ls' }));
  await settled();
  return on;
}

function sent({ world }: Stage): readonly string[] {
  return world.launcher.processes.flatMap(({ sent: all }) =>
    all.map(({ text, priority }) => (priority === undefined ? text : `${text} (${priority})`)),
  );
}

function shown({ session }: Stage): readonly string[] {
  return session.queue.shown.map(({ text, state }) => `${text}: ${String(state)}`);
}

function idOf({ session }: Stage, text: string): string {
  return session.queue.messages.find((message) => message.text === text)?.id ?? '';
}

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
    ['with the turn', (on: Stage) => on.world.launcher.last.exit({ code: 1 })],
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
    on.world.transcripts.failure = clientError('transcriptUnreadable');
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

describe('What the user does with messages that wait', () => {
  async function three(): Promise<Stage> {
    const on = await withTool();
    for (const text of ['One', 'Two', 'Three']) on.session.send(text);
    return on;
  }
  const finish = async (on: Stage): Promise<void> => {
    on.world.launcher.last.print(...answerLines(`m-${String(on.events.length)}`, 'Done.'));
    await settled();
  };

  it('T7 moves change the order in which they are sent', async () => {
    const on = await three();
    on.session.queue.move(idOf(on, 'Three'), 0);
    on.session.queue.move(idOf(on, 'One'), 99);
    expect(shown(on)).toEqual(['Three: waiting', 'Two: waiting', 'One: waiting']);
    for (let count = 0; count < 3; count += 1) await finish(on);
    expect(sent(on)).toEqual(['Run', 'Three', 'Two', 'One']);
  });

  it('T7 nothing is moved before what the program has', async () => {
    const on = await three();
    on.session.queue.steer(idOf(on, 'Two'));
    on.session.queue.move(idOf(on, 'Three'), 0);
    on.session.queue.move(idOf(on, 'Two'), 2);
    expect(shown(on)).toEqual(['Two: sent', 'Three: waiting', 'One: waiting']);
  });

  it('T7 one that is held is passed over, until it is released', async () => {
    const on = await three();
    on.session.queue.hold(idOf(on, 'One'));
    await finish(on);
    expect(sent(on)).toEqual(['Run', 'Two']);
    await finish(on);
    await finish(on);
    expect(sent(on)).toEqual(['Run', 'Two', 'Three']);
    on.session.queue.release(idOf(on, 'One'));
    await settled();
    expect(sent(on)).toEqual(['Run', 'Two', 'Three', 'One']);
  });

  it('T7 all can be held at once', async () => {
    const on = await three();
    on.session.queue.hold();
    await finish(on);
    expect(sent(on)).toEqual(['Run']);
    expect(shown(on)).toEqual(['One: held', 'Two: held', 'Three: held']);
  });

  it('T7 while one is being changed neither it nor what is behind it is sent', async () => {
    const on = await three();
    const two = idOf(on, 'Two');
    on.session.queue.beginEdit(two);
    await finish(on);
    await finish(on);
    expect(sent(on)).toEqual(['Run', 'One']);
    expect(shown(on)).toEqual(['Two: edited', 'Three: waiting']);
    // What the user sends now is not kept back.
    on.session.send('Between');
    await settled();
    expect(sent(on)).toEqual(['Run', 'One', 'Between']);
    await finish(on);
    on.session.queue.edit(two, 'Two, better');
    await settled();
    expect(sent(on)).toEqual(['Run', 'One', 'Between', 'Two, better']);
  });

  it('T7 a change that is given up leaves the text as it was', async () => {
    const on = await three();
    on.session.queue.beginEdit(idOf(on, 'One'));
    on.session.queue.endEdit();
    await finish(on);
    expect(sent(on)).toEqual(['Run', 'One']);
  });

  it('T7 an empty text is refused, and the message stays', async () => {
    const on = await three();
    expect(() => {
      on.session.queue.edit(idOf(on, 'One'), ' \n');
    }).toThrow(expect.objectContaining({ code: 'promptEmpty' }));
    expect(shown(on)[0]).toBe('One: waiting');
  });

  it('T7 a message that the program has is changed, held and removed after it gave it back', async () => {
    const on = await three();
    on.session.queue.steer(idOf(on, 'One'));
    await settled();
    const own = await on.session.queue.takeBack(idOf(on, 'One'));
    on.session.queue.edit(own ?? '', 'One, better');
    on.session.queue.hold(own ?? '');
    expect(shown(on)).toEqual(['One, better: held', 'Two: waiting', 'Three: waiting']);
    expect(on.session.unqueue(own ?? '')).toBe('One, better');
  });

  it('T7 what is done with one that is not there any more changes nothing', async () => {
    const on = await three();
    const before = shown(on);
    for (const id of ['nobody', on.world.launcher.last.sent[0]?.uuid ?? '']) {
      on.session.queue.steer(id);
      on.session.queue.move(id, 0);
      on.session.queue.hold(id);
      on.session.queue.release(id);
      on.session.queue.edit(id, 'Other');
      on.session.queue.beginEdit(id);
      await on.session.queue.sendNow(id);
      expect(on.session.unqueue(id)).toBeUndefined();
    }
    expect(shown(on)).toEqual(before);
    expect(on.world.launcher.last.interrupts).toBe(0);
  });

  it('T7 S6 all of it is kept for the next window, which holds it', async () => {
    const on = await three();
    on.session.queue.steer(idOf(on, 'Three'));
    on.session.queue.hold(idOf(on, 'Two'));
    const next = stage({ queue: on.session.record.queue });
    expect(shown(next)).toEqual(['Three: held', 'One: held', 'Two: held']);
    expect(next.session.queue.messages.map(({ priority }) => priority)).toEqual(['later', 'later', 'later']);
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
