import { describe, expect, it } from 'vitest';
import { InactivityLimit } from '../../../../src/core/session/inactivity.js';
import { interruptGraceMs } from '../../../../src/core/session/interruptTurn.js';
import {
  answerLines,
  messageStart,
  streamLine,
  textPieces,
  toolLines,
  toolResultLine,
  wholeLine,
} from '../../../support/fakes/cliLines.js';
import { allow } from '../../../support/fakes/fakePermission.js';
import { ManualClock, settled } from '../../../support/fakes/manualClock.js';
import { outcomes } from '../../../support/fakes/world.js';
import { stage, type Stage } from './stage.js';

const limitMs = 300_000;

async function running(): Promise<Stage> {
  const on = stage();
  on.session.send('Hello');
  await settled();
  on.world.launcher.last.print(messageStart('m1'), ...textPieces(0, 'Hm'));
  await settled();
  return on;
}

async function pass({ world }: Stage, milliseconds: number): Promise<void> {
  world.clock.advance(milliseconds);
  await settled();
}

const inactive = [{ kind: 'error', error: { code: 'inactive' } }];

describe('The inactivity limit', () => {
  it('P5 ends a turn in which nothing happens, through an interrupt, with the text kept', async () => {
    const on = await running();
    await pass(on, limitMs - 1);
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, 1);
    expect(on.world.launcher.last.interrupts).toBe(1);
    expect(outcomes(on.events)).toMatchObject(inactive);
    expect(on.told()).toEqual(['you: Hello', 'claude (failed): Hm | error inactive']);
    expect(on.session.state).toBe('ready');
  });

  it('P5 T6 a program that hangs altogether is ended', async () => {
    const on = stage({}, { onInterrupt: () => new Promise(() => undefined) });
    on.session.send('Hello');
    await settled();
    await pass(on, limitMs);
    await pass(on, interruptGraceMs);
    expect(on.world.launcher.last.stops).toBe(1);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 any line of the program counts as a sign of life', async () => {
    const on = await running();
    for (let time = 0; time < 5; time += 1) {
      await pass(on, limitMs - 1);
      on.world.launcher.last.print({ type: 'heartbeat' });
      await settled();
    }
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, limitMs);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 does not count while a permission is pending, and counts anew after it', async () => {
    const on = await running();
    // A tool that nobody has heard of, so that only the question is what is waited for.
    on.world.launcher.last.ask({ id: 'p1', toolUseId: 'unknown' });
    await settled();
    await pass(on, limitMs * 10);
    expect(outcomes(on.events)).toEqual([]);
    on.world.prompter.open[0]?.answer.resolve(allow());
    await settled();
    await pass(on, limitMs - 1);
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, limitMs);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 does not count while a tool runs, and counts anew after it', async () => {
    const on = await running();
    on.world.launcher.last.print(...toolLines('m1', 1, 't1', 'Bash', { command: 'make' }));
    await settled();
    await pass(on, limitMs * 10);
    expect(outcomes(on.events)).toEqual([]);
    on.world.launcher.last.print(toolResultLine('t1', 'done'));
    await settled();
    await pass(on, limitMs - 1);
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, limitMs);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 counts while the input of a tool streams, which is no tool that runs', async () => {
    const on = await running();
    const content_block = { type: 'tool_use', id: 't1', name: 'Write', input: {} };
    on.world.launcher.last.print(streamLine({ type: 'content_block_start', index: 1, content_block }));
    await settled();
    await pass(on, limitMs);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 does not count while the program waits to try again, but no longer than it said', async () => {
    const on = await running();
    const retry = { attempt: 1, max_retries: 10, retry_delay_ms: limitMs * 3, error_status: 529 };
    on.world.launcher.last.print({ type: 'system', subtype: 'api_retry', ...retry });
    await settled();
    await pass(on, limitMs * 3 - 1);
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, limitMs * 2);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 counts from the end of what was waited out, also where that ended long before anybody looked', async () => {
    const on = await running();
    const retry = { attempt: 1, max_retries: 10, retry_delay_ms: limitMs + 1000, error_status: 529 };
    on.world.launcher.last.print({ type: 'system', subtype: 'api_retry', ...retry });
    await settled();
    // Once while it waits, and then just before the limit is reached from its end on.
    await pass(on, limitMs);
    await pass(on, 1000 + limitMs - 1);
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, 1);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 A5 counts anew from the answer to a question that was pending for less than the limit', async () => {
    const on = await running();
    await pass(on, limitMs - 10);
    on.world.launcher.last.ask({ id: 'p1', toolUseId: 'unknown' });
    await settled();
    await pass(on, 100);
    on.world.prompter.open[0]?.answer.resolve(allow());
    await settled();
    await pass(on, limitMs - 1);
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, 1);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 does not count while a tool of a subagent runs', async () => {
    const on = await running();
    on.world.launcher.last.print(...toolLines('m1', 1, 't1', 'Agent', { prompt: 'look' }));
    const own = { type: 'tool_use', id: 't2', name: 'Bash', input: { command: 'make' } };
    on.world.launcher.last.print({ ...wholeLine('s1', [own]), parent_tool_use_id: 't1' });
    on.world.launcher.last.print(toolResultLine('t1', 'Started.'));
    await settled();
    await pass(on, limitMs * 3);
    expect(outcomes(on.events)).toEqual([]);
    on.world.launcher.last.print({ ...toolResultLine('t2', 'done'), parent_tool_use_id: 't1' });
    await settled();
    await pass(on, limitMs);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 M3 does not count while a rate limit is waited out, but no longer than until it is reset', async () => {
    const on = await running();
    const resetsAt = on.world.clock.now() / 1000 + 3600;
    const blocked = { status: 'rejected', rateLimitType: 'five_hour', resetsAt };
    on.world.launcher.last.print({ type: 'rate_limit_event', rate_limit_info: blocked });
    await settled();
    await pass(on, 3_599_000);
    expect(outcomes(on.events)).toEqual([]);
    await pass(on, limitMs * 2);
    expect(outcomes(on.events)).toMatchObject(inactive);
  });

  it('P5 M3 a limit that was reached in an earlier turn is not waited out in this one', async () => {
    const on = await running();
    const resetsAt = on.world.clock.now() / 1000 + 36_000;
    on.world.launcher.last.print({ type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt } });
    on.world.launcher.last.print(...answerLines('m2', 'Over.'));
    await settled();
    on.session.send('More');
    await settled();
    on.world.launcher.last.print(messageStart('m3'));
    await settled();
    await pass(on, limitMs);
    expect(outcomes(on.events).at(-1)).toMatchObject({ kind: 'error', error: { code: 'inactive' } });
  });

  it('P5 tools of an earlier turn that never ended do not keep it from counting', async () => {
    const on = await running();
    on.world.launcher.last.print(...toolLines('m1', 1, 't1', 'Bash', { command: 'make' }));
    await settled();
    on.world.launcher.last.exit({ code: 1 });
    await settled();
    on.session.send('More');
    await settled();
    await pass(on, limitMs);
    expect(outcomes(on.events).at(-1)).toMatchObject({ kind: 'error', error: { code: 'inactive' } });
  });

  it('P5 0 is no limit', async () => {
    const on = stage();
    on.world.inactivityMs = 0;
    on.session.send('Hello');
    await settled();
    await pass(on, 1e12);
    expect(outcomes(on.events)).toEqual([]);
    expect(on.world.clock.pending).toBe(0);
  });

  it('P5 does not run between turns', async () => {
    const on = await running();
    on.world.launcher.last.print(...answerLines('m2', 'Done.'));
    await settled();
    expect(on.world.clock.pending).toBe(0);
    await pass(on, limitMs * 2);
    expect(outcomes(on.events).map(({ kind }) => kind)).toEqual(['complete']);
  });

  it('P5 a limit longer than a timer can wait is as long as it says', () => {
    const clock = new ManualClock();
    const longest: number[] = [];
    const after = clock.after.bind(clock);
    clock.after = (milliseconds, callback) => {
      longest.push(milliseconds);
      return after(milliseconds, callback);
    };
    let reached = 0;
    const limit = new InactivityLimit(
      clock,
      5e9,
      () => 0,
      () => (reached += 1),
    );
    clock.advance(5e9 - 1);
    expect(reached).toBe(0);
    clock.advance(1);
    expect(reached).toBe(1);
    expect(Math.max(...longest)).toBeLessThan(2 ** 31);
    limit.dispose();
    expect(clock.pending).toBe(0);
  });
});
