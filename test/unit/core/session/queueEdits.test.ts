import { describe, expect, it } from 'vitest';
import { answerLines } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { idOf, sent, shown, withTool } from './queueStage.js';
import { stage, type Stage } from './stage.js';

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
