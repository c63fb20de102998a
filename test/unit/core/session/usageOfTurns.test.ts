import { describe, expect, it } from 'vitest';
import { RunningTotal } from '../../../../src/core/session/translate/runningTotal.js';
import type { JsonObject } from '../../../../src/base/json.js';
import { noUsage, type ModelUsage } from '../../../../src/protocol/session/events.js';
import { emptyState } from '../../../../src/protocol/state/workspaceState.js';
import { answerLines, messageStart, resultLine, textPieces } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, outcomes, uuid, World } from '../../../support/fakes/world.js';
import { stage } from './stage.js';

/** What the program reports of a model, in its own words. */
function reported(inputTokens: number, outputTokens: number, costUSD: number): JsonObject {
  return { inputTokens, outputTokens, cacheReadInputTokens: 0, cacheCreationInputTokens: 0, costUSD };
}

function model(name: string, input: number, output: number, costUsd: number): ModelUsage {
  return { model: name, tokens: { ...noUsage, input, output }, costUsd };
}

describe('What a turn used', () => {
  it('M1 is by model the difference of running totals; subagents count, models without a share are left out', () => {
    const total = new RunningTotal();
    total.take(resultLine({ modelUsage: { opus: reported(10, 1, 0.5) }, total_cost_usd: 0.5 }));
    const modelUsage = { opus: reported(10, 1, 0.5), haiku: reported(100, 20, 0.25) };
    expect(total.take(resultLine({ modelUsage, total_cost_usd: 0.75, duration_ms: 7 }))).toEqual({
      tokens: { ...noUsage, input: 100, output: 20 },
      costUsd: 0.25,
      durationMs: 7,
      models: [model('haiku', 100, 20, 0.25)],
    });
  });

  it('M1 is what the main conversation used where the program tells nothing of models', () => {
    const used = new RunningTotal().take(resultLine({ total_cost_usd: 0.5 }));
    expect(used).toEqual({ tokens: { ...noUsage, input: 10, output: 5 }, costUsd: 0.5, durationMs: 1200 });
  });

  it('M1 counts from zero where totals went down, such as after /clear', () => {
    for (const after of [
      { modelUsage: { opus: reported(4, 1, 0.25) }, total_cost_usd: 0.25 },
      // The same cost, but fewer tokens; and a model that is gone.
      { modelUsage: { opus: reported(4, 1, 0.5) }, total_cost_usd: 0.5 },
      { modelUsage: { haiku: reported(4, 1, 0.5) }, total_cost_usd: 0.5 },
    ]) {
      const total = new RunningTotal();
      total.take(resultLine({ modelUsage: { opus: reported(10, 1, 0.5) }, total_cost_usd: 0.5 }));
      const used = total.take(resultLine(after));
      expect(used).toMatchObject({ costUsd: after.total_cost_usd, tokens: { input: 4, output: 1 } });
    }
  });

  it('M1 nothing is invented where it is not known from what is counted', () => {
    const total = new RunningTotal();
    total.set({ costUsd: null, models: null });
    const first = total.take(resultLine({ modelUsage: { opus: reported(1000, 100, 5) }, total_cost_usd: 5 }));
    expect(first).toEqual({ tokens: { ...noUsage, input: 10, output: 5 }, costUsd: 0, durationMs: 1200 });
    const second = total.take(resultLine({ modelUsage: { opus: reported(1007, 103, 5.5) }, total_cost_usd: 5.5 }));
    expect(second).toMatchObject({ costUsd: 0.5, models: [model('opus', 7, 3, 0.5)] });
  });

  it('M1 what is no number counts as zero', () => {
    const modelUsage = { opus: { inputTokens: 'many', outputTokens: -5, costUSD: null }, odd: 7, __proto__: 1 };
    const used = new RunningTotal().take(resultLine({ modelUsage, total_cost_usd: 'much' }));
    expect(used).toEqual({ tokens: { ...noUsage, input: 10, output: 5 }, costUsd: 0, durationMs: 1200 });
  });
});

describe('What turns used, for the record', () => {
  const history = { session: { total_cost_usd: 2, model_usage: { opus: reported(100, 10, 2) } } };
  const now = { modelUsage: { opus: reported(103, 11, 2.25) }, total_cost_usd: 2.25 };

  it('M1 a resumed or forked conversation goes on counting from what the program says', async () => {
    for (const record of [{ head: 'there' }, { lineage: { parent: uuid(7), at: 'there', kind: 'fork' as const } }]) {
      const { world, session } = stage(record, { onControl: () => history });
      session.send('Hello');
      await settled();
      world.launcher.last.print(...answerLines('m1', 'Hi.', now));
      await settled();
      expect(session.record.total).toMatchObject({ costUsd: 0.25, models: [model('opus', 3, 1, 0.25)] });
      expect(world.launcher.last.controls.at(-1)).toEqual({ subtype: 'get_usage', skip_behaviors: true });
    }
  });

  it('M1 a fork whose program does not say so does not take its parent’s costs for its own', async () => {
    const lineage = { parent: uuid(7), at: 'there', kind: 'fork' as const };
    const { world, session } = stage({ lineage }, { onControl: () => ({}) });
    session.send('Hello');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.', now));
    await settled();
    expect(session.record.total).toMatchObject({ costUsd: 0, tokens: { input: 10, output: 5 } });
  });

  it('M1 a process that is started ahead is asked before the first message', async () => {
    const { world, session } = stage({ head: 'there' }, { onControl: () => history });
    session.warm();
    await settled();
    expect(world.launcher.last.controls).toEqual([{ subtype: 'get_usage', skip_behaviors: true }]);
    expect(world.launcher.last.sent).toEqual([]);
  });

  it('M1 every turn’s end is told once, with its session and what it used', async () => {
    const { world, session, events } = stage();
    for (const id of ['m1', 'm2']) {
      session.send('Hello');
      await settled();
      world.launcher.last.print(...answerLines(id, 'Hi.'));
      await settled();
    }
    expect(world.turnEnds.map(({ outcome }) => outcome)).toEqual(outcomes(events));
    expect(world.turnEnds.map(({ record }) => record.id)).toEqual([session.id, session.id]);
  });

  it('M1 a turn that ends because the window closes is told too, with the tokens that are known', async () => {
    const { world, session } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(messageStart('m1', 40), ...textPieces(0, 'Hel'));
    await settled();
    session.dispose();
    expect(world.turnEnds).toMatchObject([
      { outcome: { kind: 'canceled', usage: { tokens: { input: 40, output: 1 }, costUsd: 0 } } },
    ]);
  });

  it('M1 a turn that its host did not live to end is told when it is opened again, at its own time', async () => {
    const record = { ...newRecord(), id: uuid(5), name: 'Hello', head: 'there' };
    const world = new World({ ...emptyState(), sessions: [record], open: record.id });
    const prompt = { uuid: uuid(6), text: 'Hello' };
    await world.journal.append(record.id, 0, [
      { kind: 'start', turn: 'cut off', prompt, at: 0 },
      { kind: 'usage', parent: null, message: 'm1', tokens: { ...noUsage, input: 40 } },
    ]);
    world.clock.advance(5000);
    const { sessions } = world.sessions();
    await sessions.restore(['/ws']);
    expect(world.turnEnds).toMatchObject([
      { record: { id: record.id }, at: 0, outcome: { turn: 'cut off', usage: { tokens: { input: 40 } } } },
    ]);
    sessions.dispose();
  });
});
