import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canSleep } from '../../../../src/core/lifecycle/machine.js';
import { interruptGraceMs } from '../../../../src/core/session/interruptTurn.js';
import { isOutcome, type SessionEvent } from '../../../../src/protocol/session/events.js';
import type { CliLine } from '../../../../src/protocol/cli/lines.js';
import {
  answerLines,
  errorLine,
  interruptedLines,
  messageStart,
  resultLine,
  textPieces,
  toolLines,
  toolResultLine,
} from '../../../support/fakes/cliLines.js';
import { clientError, type FakeBehaviour, type FakeLaunch } from '../../../support/fakes/fakeClaude.js';
import { allow, denial } from '../../../support/fakes/fakePermission.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { World } from '../../../support/fakes/world.js';
import { leavesNothing } from './stage.js';

/** What can happen to a session, in any order. */
type Step =
  | { readonly do: 'send' | 'stop' | 'stopAndWait' | 'sendQueue' | 'warm' | 'unqueue' | 'ready' | 'ask' }
  | { readonly do: 'sleep' | 'endProcess' }
  | { readonly do: 'tasks'; readonly count: number }
  | { readonly do: 'answer'; readonly yes: boolean }
  | { readonly do: 'print'; readonly what: Printed }
  | { readonly do: 'exit'; readonly code: number }
  | { readonly do: 'failToStart'; readonly code: 'programBroken' | 'conversationNotFound' | 'sessionInUse' }
  | { readonly do: 'launch'; readonly how: Launched }
  | { readonly do: 'mode'; readonly mode: 'plan' | 'default' }
  | { readonly do: 'wait'; readonly ticks: number }
  | { readonly do: 'pass'; readonly milliseconds: number };

type Printed = 'answer' | 'partial' | 'tool' | 'toolResult' | 'result' | 'error' | 'lost' | 'noise' | 'interrupted';
type Launched = 'well' | 'slowly' | 'deaf' | 'stubborn' | 'mute' | 'refuses' | 'not';

const launches: Readonly<Record<Launched, () => FakeLaunch>> = {
  well: () => ({}),
  slowly: () => ({ isReady: false }),
  deaf: () => ({ onInterrupt: () => new Promise(() => undefined) }),
  stubborn: () => ({ onInterrupt: () => Promise.reject(clientError('requestTimeout')) }),
  mute: () => ({ onSend: () => Promise.reject(clientError('processExited')) }),
  refuses: () => ({ onControl: () => Promise.reject(clientError('protocolError')) }),
  not: () => clientError('programNotFound'),
};

const printed: Readonly<Record<Printed, (id: string) => readonly CliLine[]>> = {
  answer: (id) => answerLines(id, 'Answer.'),
  partial: (id) => [messageStart(id), ...textPieces(0, 'Par', 'tial')],
  tool: (id) => [messageStart(id), ...toolLines(id, 0, `tool-${id}`, 'Bash', { command: 'ls' })],
  toolResult: (id) => [toolResultLine(`tool-${id}`, 'out')],
  result: () => [resultLine()],
  error: () => [errorLine('Broken')],
  lost: () => [errorLine('No conversation found with session ID: x')],
  noise: () => [{ type: 'whatever' }],
  interrupted: () => interruptedLines(),
};

const simple = fc.constantFrom(
  'send' as const,
  'send' as const,
  'send' as const,
  'stop' as const,
  'stopAndWait' as const,
  'sendQueue' as const,
  'warm' as const,
  'unqueue' as const,
  'ready' as const,
  'ask' as const,
  'sleep' as const,
  'endProcess' as const,
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: simple }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ticks: fc.nat({ max: 12 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('print' as const),
      what: fc.constantFrom(...(Object.keys(printed) as Printed[])),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('answer' as const), yes: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tasks' as const), count: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('exit' as const), code: fc.nat({ max: 2 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('failToStart' as const),
      code: fc.constantFrom('programBroken' as const, 'conversationNotFound' as const, 'sessionInUse' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('launch' as const),
      how: fc.constantFrom(...(Object.keys(launches) as Launched[])),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('mode' as const),
      mode: fc.constantFrom('plan' as const, 'default' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(1, interruptGraceMs, 400_000),
    }),
  },
);

/** Whatever a session waits for comes, one thing after the other, until it waits for nothing any more. */
async function comeToRest(world: World, isBusy: () => boolean): Promise<void> {
  world.launcher.script.length = 0;
  world.launcher.otherwise = {};
  for (let round = 0; round < 60; round += 1) {
    await settled();
    if (!isBusy()) return;
    for (const process of world.launcher.living) {
      process.becomeReady();
      process.print(...answerLines(`rest-${String(round)}`, 'Done.'));
    }
    await settled();
    world.clock.advance(interruptGraceMs);
  }
  throw new Error('It never comes to rest');
}

async function play(steps: readonly Step[], head: string | null): Promise<void> {
  const world = new World();
  const session = world.session({ head });
  const events: SessionEvent[] = [];
  session.onEvents((batch) => events.push(...batch.events));
  const sent: string[] = [];
  const taken: string[] = [];
  const work: Promise<unknown>[] = [];
  let prints = 0;
  for (const each of steps) {
    const last = world.launcher.living.at(-1);
    switch (each.do) {
      case 'send':
        sent.push(`p${String(sent.length)}`);
        session.send(`p${String(sent.length - 1)}`);
        break;
      case 'stop':
        work.push(session.stop());
        break;
      case 'stopAndWait':
        work.push(session.stop());
        await settled();
        break;
      case 'sendQueue':
        session.sendQueue();
        break;
      case 'warm':
        session.warm();
        break;
      case 'sleep': {
        const { stops } = last ?? { stops: 0 };
        const mayNot = session.state !== 'ready' || !canSleep(session.lifecycle);
        session.sleep();
        if (mayNot) expect(last?.stops ?? 0).toBe(stops);
        break;
      }
      case 'endProcess':
        work.push(session.endProcess());
        break;
      case 'tasks':
        last?.print({ type: 'system', subtype: 'background_tasks_changed', tasks: Array(each.count).fill({}) });
        break;
      case 'unqueue': {
        const text = session.unqueue(session.queue.messages[0]?.id ?? '');
        if (text !== undefined) taken.push(text);
        break;
      }
      case 'ready':
        last?.becomeReady();
        break;
      case 'ask':
        last?.ask({ id: `ask-${String(prints)}`, toolUseId: `tool-m${String(prints)}` });
        break;
      case 'answer':
        world.prompter.open[0]?.answer.resolve(each.yes ? allow() : denial());
        break;
      case 'print':
        if (each.what !== 'toolResult') prints += 1;
        last?.print(...printed[each.what](`m${String(prints)}`));
        break;
      case 'exit':
        last?.exit({ code: each.code });
        break;
      case 'failToStart':
        last?.failToStart(clientError(each.code));
        break;
      case 'launch':
        world.launcher.script.push(launches[each.how]());
        break;
      case 'mode':
        work.push(session.setMode(each.mode).catch(() => undefined));
        break;
      case 'wait':
        for (let tick = 0; tick < each.ticks; tick += 1) await Promise.resolve();
        break;
      case 'pass':
        world.clock.advance(each.milliseconds);
        break;
    }
    expect(world.launcher.living.length).toBeLessThanOrEqual(1);
  }
  const isBusy = (): boolean => session.state !== 'idle' && session.state !== 'ready' && session.state !== 'waiting';
  await comeToRest(world, () => {
    world.services.broker.denyAll(session.id, 'Over.', 'canceled');
    return isBusy();
  });
  await Promise.all(work);
  await settled();

  // Every turn has one end, and no two run at once.
  let running: string | null = null;
  for (const event of events) {
    if (event.kind === 'start') {
      expect(running).toBeNull();
      running = event.turn;
    } else if (isOutcome(event)) {
      expect(event.turn).toBe(running);
      running = null;
    }
  }
  expect(running).toBeNull();
  // What was told is what was kept, in the same order.
  expect(world.journal.events(session.id)).toEqual(events);

  // Every message is in the conversation or waits, once, or both where no program took it; what was handed over was in the
  // journal before.
  const begun = events.flatMap((event) => (event.kind === 'start' && event.prompt ? [event.prompt.text] : []));
  const waiting = session.queue.messages.map(({ text }) => text);
  expect([...new Set([...begun, ...waiting, ...taken])].sort()).toEqual([...sent].sort());
  expect(new Set(waiting).size).toBe(waiting.length);
  const kept = session.record.queue.map(({ text }) => text);
  const delivered = new Set(world.launcher.processes.flatMap((process) => process.sent.map(({ text }) => text)));
  for (const text of sent) {
    const isLast = begun.at(-1) === text;
    if (isLast && !delivered.has(text)) expect(kept).toContain(text);
  }

  session.dispose();
  await settled();
  world.logger.errors.length = 0;
  leavesNothing(world);
}

describe('A session under any order of events', () => {
  it('T1 T5 T7 ends every turn once, runs one at a time, loses no message and leaves nothing behind', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(null, 'head'), play), {
      numRuns: 400,
    });
  });

  it('T7 a message that a dead process refuses is handed to the next one once', async () => {
    const behaviours: readonly FakeBehaviour[] = [{}, { onSend: () => Promise.reject(clientError('processExited')) }];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...behaviours), { minLength: 2, maxLength: 4 }), async (script) => {
        const world = new World();
        world.launcher.script.push(...script);
        const session = world.session();
        session.send('Hello');
        await settled();
        const first = script.findIndex(({ onSend }) => onSend === undefined);
        const tries = world.launcher.processes.map((process) => process.sent.length);
        // At the first that takes it, or given up after the second.
        expect(tries).toEqual(first === 0 ? [1] : [1, 1]);
        session.dispose();
        await settled();
        leavesNothing(world);
      }),
      { numRuns: 50 },
    );
  });
});
