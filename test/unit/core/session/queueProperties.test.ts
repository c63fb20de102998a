import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/base/logger.js';
import { interruptGraceMs } from '../../../../src/core/session/interruptTurn.js';
import { readSession } from '../../../../src/core/session/reopening.js';
import type { Session } from '../../../../src/core/session/session.js';
import { steeringGraceMs } from '../../../../src/core/session/steering.js';
import type { MessagePriority } from '../../../../src/protocol/cli/lines.js';
import type { SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, World } from '../../../support/fakes/world.js';
import { QueueingProgram, type Disk } from './queueingProgram.js';
import { leavesNothing } from './stage.js';

/** What can happen to a session's queue, in any order. */
type Step =
  | { readonly do: 'send'; readonly priority: MessagePriority }
  | { readonly do: UserStep; readonly which: number; readonly to: number }
  | { readonly do: ProgramStep | 'sendQueue' | 'stop' | 'holdAll' | 'restart' | 'settle' }
  | { readonly do: 'wait'; readonly ticks: number }
  | { readonly do: 'pass'; readonly milliseconds: number };
type UserStep = 'steer' | 'now' | 'move' | 'hold' | 'release' | 'remove' | 'edit' | 'beginEdit' | 'takeBack';
type ProgramStep = 'useTool' | 'endTool' | 'endTurn' | 'fail' | 'die' | 'dieUntold';

const userSteps: readonly UserStep[] = [
  'steer',
  'steer',
  'now',
  'move',
  'hold',
  'release',
  'remove',
  'edit',
  'beginEdit',
  'takeBack',
];
const send = fc.record({
  do: fc.constant('send' as const),
  priority: fc.constantFrom<MessagePriority>('later', 'later', 'next', 'now'),
});
const wait = fc.record({ do: fc.constant('wait' as const), ticks: fc.nat({ max: 8 }) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: send },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom(...userSteps), which: fc.nat({ max: 4 }), to: fc.nat({ max: 5 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom<ProgramStep>('useTool', 'useTool', 'endTool', 'endTool', 'endTurn', 'endTurn', 'fail'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom<ProgramStep>('die', 'dieUntold') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('sendQueue' as const, 'stop' as const, 'holdAll' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 3, arbitrary: wait },
  { weight: 6, arbitrary: fc.constant<Step>({ do: 'settle' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(1, interruptGraceMs, steeringGraceMs),
    }),
  },
);

/** A workspace whose windows come and go, with one session and the program's disk. */
class Play {
  readonly disk: Disk = { events: [], heard: [], count: 0 };
  /** The ids of the messages, which their texts begin with, in the order in which they were sent. */
  readonly sent: string[] = [];
  readonly removed: string[] = [];
  readonly #work: Promise<unknown>[] = [];
  readonly #worlds: World[] = [];
  #program!: QueueingProgram;
  session!: Session;
  world!: World;

  constructor() {
    this.#open(new World(), newRecord());
  }

  #open(world: World, record: SessionRecord): void {
    this.world = world;
    this.#worlds.push(world);
    // Each window's ids are its own.
    const window = this.#worlds.length;
    const { newId } = world;
    Object.assign(world.services, { newId: () => `w${String(window)}-${newId()}` });
    world.launcher.otherwise = {};
    this.#program = new QueueingProgram(this.disk);
    const launch = world.launcher.launch.bind(world.launcher);
    world.launcher.launch = (options) => {
      this.#program = new QueueingProgram(this.disk);
      world.launcher.otherwise = this.#program.behaviour;
      return launch(options);
    };
    world.transcripts.conversations.set(record.id, this.disk.events);
    this.session = world.session(record);
  }

  async take(step: Step): Promise<void> {
    const { session } = this;
    const { queue } = session;
    switch (step.do) {
      case 'send': {
        const name = `p${String(this.sent.length)};`;
        this.sent.push(name);
        session.send(name, step.priority);
        return;
      }
      case 'settle':
        await settled();
        return;
      case 'sendQueue':
        session.sendQueue();
        return;
      case 'stop':
        this.#work.push(session.stop());
        return;
      case 'holdAll':
        queue.hold();
        return;
      case 'useTool':
        this.#program.useTool();
        return;
      case 'endTool':
        this.#program.endTool();
        return;
      case 'endTurn':
        this.#program.endTurn('complete');
        return;
      case 'fail':
        this.#program.endTurn('error');
        return;
      case 'dieUntold':
        this.#program.endTool(false);
        this.world.launcher.living.at(-1)?.exit({ code: 1 });
        return;
      case 'die':
        this.world.launcher.living.at(-1)?.exit({ code: 1 });
        return;
      case 'restart':
        await this.restart();
        return;
      case 'wait':
        for (let tick = 0; tick < step.ticks; tick += 1) await Promise.resolve();
        return;
      case 'pass':
        this.world.clock.advance(step.milliseconds);
        return;
      default:
        this.#work.push(this.#userDoes(step.do, step.which, step.to));
    }
  }

  async #userDoes(what: UserStep, which: number, to: number): Promise<void> {
    const { queue } = this.session;
    const message = queue.shown[which % Math.max(1, queue.shown.length)];
    if (!message) return;
    if (what === 'now') return queue.sendNow(message.id);
    if (what === 'steer') {
      queue.steer(message.id);
      return;
    }
    // As the host does for what the view asks.
    const id = await queue.takeBack(message.id);
    if (id === null) return;
    switch (what) {
      case 'move':
        queue.move(id, to);
        return;
      case 'hold':
        queue.hold(id);
        return;
      case 'release':
        queue.release(id);
        return;
      case 'remove': {
        const text = queue.remove(id);
        if (text !== undefined) this.removed.push(nameIn(text));
        return;
      }
      case 'edit':
        queue.edit(id, `${nameIn(message.text)} changed`);
        return;
      case 'beginEdit':
        queue.beginEdit(id);
        return;
      case 'takeBack':
        return;
    }
  }

  /** The window is killed, and so is the program; another one opens. */
  async restart(): Promise<void> {
    const { world } = this;
    await settled();
    const { record } = this.session;
    const journal = world.journal;
    this.session.dispose();
    await settled();
    const next = new World();
    next.transcripts.conversations.set(record.id, this.disk.events);
    const { transcripts } = next;
    const reopening = await readSession(record, { transcripts, journal, logger: silentLogger });
    this.#open(next, reopening.record);
    this.session.restore(reopening.page, 0);
  }

  /** All that is held is sent, and the program does what it has to, until there is nothing left. */
  async finish(): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      await settled();
      const { queue, record, state } = this.session;
      if (queue.messages.length === 0 && record.queue.length === 0) break;
      // A prompt that no program took is shown as it ended, and waits in the next window.
      if (queue.messages.length === 0 && state !== 'running') await this.restart();
      this.session.sendQueue();
      await settled();
      this.#program.endTurn('complete');
      await settled();
      this.world.clock.advance(steeringGraceMs);
    }
    await settled();
    this.#program.endTurn('complete');
    await settled();
    await Promise.all(this.#work);
  }

  async close(): Promise<void> {
    this.session.dispose();
    await settled();
    for (const world of this.#worlds) leavesNothing(world);
  }
}

function nameIn(text: string): string {
  return text.slice(0, text.indexOf(';') + 1);
}

describe('The queue under any order of events', () => {
  it('T7 loses no message, delivers none twice, and keeps those that were not delivered for the next window', async () => {
    const play = async (steps: readonly Step[]): Promise<void> => {
      const on = new Play();
      for (const each of steps) {
        await on.take(each);
        const kept = on.session.record.queue.map(({ text }) => nameIn(text));
        expect(new Set(kept).size, 'kept once').toBe(kept.length);
      }
      await settled();
      // Whatever Claude has not heard is still there, in the queue or as the prompt that the program did not take.
      const heard = on.disk.heard.map(nameIn);
      const kept = on.session.record.queue.map(({ text }) => nameIn(text));
      const there = new Set([...heard, ...kept, ...on.removed, ...shownIn(on.session)]);
      expect([...there].sort()).toEqual([...on.sent].sort());
      await on.finish();
      const all = on.disk.heard.map(nameIn);
      expect(new Set(all).size, `delivered once: ${all.join(' ')}`).toBe(all.length);
      expect([...new Set([...all, ...on.removed])].sort()).toEqual([...on.sent].sort());
      await on.close();
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), play), { numRuns: 500 });
  });

  it('T7 keeps the order of what nobody moves, also over restarts', async () => {
    const plain = fc.oneof(
      { weight: 3, arbitrary: fc.constant<Step>({ do: 'send', priority: 'later' }) },
      { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'endTurn' }, { do: 'useTool' }, { do: 'endTool' }) },
      { weight: 2, arbitrary: wait },
    );
    const play = async (steps: readonly Step[]): Promise<void> => {
      const on = new Play();
      for (const each of steps) await on.take(each);
      await on.restart();
      await on.finish();
      expect(on.disk.heard).toEqual(on.sent);
      await on.close();
    };
    await fc.assert(fc.asyncProperty(fc.array(plain, { maxLength: 30 }), play), { numRuns: 150 });
  });

  it('T7 what steers is heard before all that waits, in the order in which it was sent', async () => {
    const play = async (priorities: readonly ('next' | 'later')[]): Promise<void> => {
      const on = new Play();
      await on.take({ do: 'send', priority: 'later' });
      await settled();
      await on.take({ do: 'useTool' });
      await settled();
      for (const priority of priorities) await on.take({ do: 'send', priority });
      await settled();
      await on.take({ do: 'endTool' });
      await on.finish();
      const names = priorities.map((priority, index) => ({ priority, name: `p${String(index + 1)};` }));
      const of = (wanted: string): string[] =>
        names.filter(({ priority }) => priority === wanted).map(({ name }) => name);
      expect(on.disk.heard).toEqual(['p0;', ...of('next'), ...of('later')]);
      await on.close();
    };
    const priority = fc.constantFrom('next' as const, 'later' as const);
    await fc.assert(fc.asyncProperty(fc.array(priority, { maxLength: 6 }), play), { numRuns: 100 });
  });
});

/** What the conversation shows of the user. */
function shownIn(session: Session): readonly string[] {
  return session.transcript.messages.flatMap((message) => (message.role === 'user' ? [nameIn(message.text)] : []));
}
