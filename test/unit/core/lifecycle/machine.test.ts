import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asleep,
  canSleep,
  isLive,
  nameOf,
  step,
  type Lifecycle,
  type LifecycleEvent,
  type LifecycleName,
} from '../../../../src/core/lifecycle/machine.js';

const simple = [
  'wake',
  'adopted',
  'launched',
  'launchFailed',
  'initialised',
  'unusable',
  'exited',
  'turnBegan',
  'turnGiven',
  'turnUnasked',
  'turnTakenBack',
  'turnStop',
  'graceOver',
  'turnEnded',
  'sleep',
  'end',
  'close',
] as const;
const counted = ['asks', 'tasks'] as const;

/** Fails to compile when an event is added and not named above. */
type Missing = Exclude<LifecycleEvent['type'], (typeof simple)[number] | (typeof counted)[number]>;
const missing: readonly Missing[] = [];

const events: readonly LifecycleEvent[] = [
  ...simple.map((type) => ({ type })),
  ...counted.flatMap((type) => [
    { type, count: 0 },
    { type, count: 1 },
  ]),
];

const key = (state: Lifecycle): string => Object.values(state).join(' ');

/** Every state that any sequence of events leads to. */
function reachable(): readonly Lifecycle[] {
  const known = new Map([[key(asleep), asleep]]);
  for (const state of known.values()) {
    for (const event of events) {
      const next = step(state, event).state;
      known.set(key(next), known.get(key(next)) ?? next);
    }
  }
  return [...known.values()];
}

const states = reachable();
const hasProcess = ({ process }: Lifecycle): boolean => ['initialising', 'up', 'ending'].includes(process);
const isComing = ({ process }: Lifecycle): boolean => ['launching', 'abandoned'].includes(process);
const describeStep = (state: Lifecycle, { type }: LifecycleEvent): string => `${key(state)} + ${type}`;

describe('The states of a process', () => {
  it('P3 are finite, and all events are tried in each', () => {
    expect(missing).toEqual([]);
    expect(states.length).toBeGreaterThan(50);
    expect(states.length).toBeLessThan(300);
    const names = new Set(states.map(nameOf));
    const all: readonly LifecycleName[] = [
      ...(['asleep', 'starting', 'ready', 'background', 'running'] as const),
      ...(['waiting', 'stopping', 'ending', 'failed', 'closed'] as const),
    ];
    expect([...names].sort()).toEqual([...all].sort());
  });

  it('P3 in none of them is a process asleep while a turn runs or the user is waited for', () => {
    for (const state of states) {
      const { process, turn, asks, tasks } = state;
      if (process === 'asleep' || process === 'failed' || process === 'closed') expect(turn, key(state)).toBe('none');
      if (process === 'owed') expect(turn, key(state)).not.toBe('none');
      if (asks + tasks > 0 || turn === 'given') expect(hasProcess(state), key(state)).toBe(true);
      if (nameOf(state) === 'asleep') expect(isLive(state), key(state)).toBe(false);
      if (canSleep(state)) expect(['ready'], key(state)).toContain(nameOf(state));
    }
  });

  it('P3 what comes afterwards is said only where something is to come', () => {
    for (const state of states) {
      if (!['owed', 'abandoned', 'ending'].includes(state.process)) expect(state.after, key(state)).toBe('asleep');
      if (state.process === 'owed') expect(state.after, key(state)).not.toBe('start');
    }
  });
});

describe('The steps of a process', () => {
  it('P3 never ask for a second process, and never keep one beside another', () => {
    for (const state of states) {
      for (const event of events) {
        const { state: next, effects } = step(state, event);
        const what = describeStep(state, event);
        if (effects.includes('launch')) {
          const isFree = event.type === 'exited' || event.type === 'launchFailed' || !hasProcess(state);
          expect(isFree && (event.type === 'launchFailed' || !isComing(state)), what).toBe(true);
          expect(next.process, what).toBe('launching');
        }
        if (effects.includes('hold')) expect(hasProcess(state), what).toBe(false);
        if (event.type === 'launched' || event.type === 'adopted') {
          expect(effects.filter((effect) => effect === 'hold' || effect === 'refuse').length, what).toBe(1);
        }
      }
    }
  });

  it('P3 never lose a process: one that is there stays known until it has exited', () => {
    for (const state of states.filter(hasProcess)) {
      for (const event of events.filter(({ type }) => type !== 'exited')) {
        const { state: next, effects } = step(state, event);
        if (event.type === 'close') expect(effects, describeStep(state, event)).toContain('kill');
        else expect(hasProcess(next), describeStep(state, event)).toBe(true);
      }
    }
  });

  it('P3 put nothing to sleep that works or is waited for', () => {
    for (const state of states) {
      const { state: next, effects } = step(state, { type: 'sleep' });
      if (canSleep(state)) expect([next.process, ...effects]).toEqual(['ending', 'end']);
      else expect([next, effects], key(state)).toEqual([state, []]);
    }
  });

  it('T6 have a turn ended that is to stop, by whoever has it, and once', () => {
    for (const state of states) {
      const { state: next, effects } = step(state, { type: 'turnStop' });
      if (state.turn === 'begun') expect([next.turn, ...effects], key(state)).toEqual(['leaving', 'endTurn']);
      else if (state.turn === 'given') expect([next.turn, ...effects], key(state)).toEqual(['leaving', 'interrupt']);
      else expect([next, effects], key(state)).toEqual([state, []]);
    }
  });

  it('T1 begin no turn while another runs', () => {
    for (const state of states.filter(({ turn }) => turn !== 'none')) {
      for (const type of ['turnBegan', 'turnUnasked'] as const) expect(step(state, { type }).state).toEqual(state);
    }
  });

  it('P4 have nothing follow the end of the session', () => {
    for (const state of states) {
      const { state: closed, effects } = step(state, { type: 'close' });
      expect(closed).toEqual({ ...asleep, process: 'closed' });
      expect(effects.includes('kill'), key(state)).toBe(hasProcess(state));
      expect(effects.includes('endTurn'), key(state)).toBe(state.turn !== 'none');
      for (const event of events) {
        const after = step(closed, event);
        expect(after.state).toEqual(closed);
        expect(after.effects).toEqual(['launched', 'adopted'].includes(event.type) ? ['refuse'] : []);
      }
    }
  });
});

/** The life that everybody knows, written down: from a state, what an event makes of it and what is to be done. */
const table: readonly (readonly [LifecycleName, ...(readonly LifecycleEvent['type'][])])[] = [
  ['starting', 'wake'],
  ['starting', 'wake', 'launched'],
  ['ready', 'wake', 'launched', 'initialised'],
  ['failed', 'wake', 'launchFailed'],
  ['ending', 'wake', 'launched', 'unusable'],
  ['failed', 'wake', 'launched', 'unusable', 'exited'],
  ['ready', 'adopted'],
  ['ending', 'adopted', 'sleep'],
  ['asleep', 'adopted', 'sleep', 'exited'],
  ['starting', 'adopted', 'sleep', 'wake'],
  ['starting', 'adopted', 'sleep', 'wake', 'exited'],
  ['ending', 'adopted', 'sleep', 'wake', 'end'],
  ['failed', 'adopted', 'exited'],
  ['starting', 'adopted', 'exited', 'wake'],
  ['running', 'turnBegan'],
  ['running', 'turnBegan', 'wake', 'launched', 'initialised', 'turnGiven'],
  ['ready', 'turnBegan', 'wake', 'launched', 'initialised', 'turnGiven', 'turnEnded'],
  ['asleep', 'turnBegan', 'turnEnded'],
  ['stopping', 'adopted', 'turnBegan', 'turnGiven', 'turnStop'],
  ['ready', 'adopted', 'turnBegan', 'turnGiven', 'turnStop', 'turnEnded'],
  ['asleep', 'adopted', 'turnBegan', 'turnGiven', 'turnStop', 'graceOver', 'exited', 'turnEnded'],
  ['failed', 'adopted', 'turnBegan', 'turnGiven', 'exited', 'turnEnded'],
  ['running', 'adopted', 'turnBegan', 'turnGiven', 'exited', 'wake'],
  ['running', 'adopted', 'turnUnasked'],
  ['ending', 'wake', 'end'],
  ['asleep', 'wake', 'end', 'launchFailed'],
  ['ending', 'wake', 'end', 'launched'],
  ['starting', 'wake', 'end', 'wake', 'launched', 'exited'],
  ['closed', 'adopted', 'close'],
];

describe('The life of a process', () => {
  it.each(table)('P3 is %s after %s %s %s %s %s %s %s %s', (name, ...types) => {
    let state = asleep;
    for (const type of types) {
      const event = events.find((each) => each.type === type);
      if (event) state = step(state, event).state;
    }
    expect(nameOf(state)).toBe(name);
  });

  it('P3 is waiting while the user is asked, and at work in the background while tasks run', () => {
    const up = step(asleep, { type: 'adopted' }).state;
    const asked = step(up, { type: 'asks', count: 2 }).state;
    expect(nameOf(asked)).toBe('waiting');
    expect(nameOf(step(asked, { type: 'asks', count: 0 }).state)).toBe('ready');
    expect(nameOf(step(up, { type: 'tasks', count: 1 }).state)).toBe('background');
    expect(nameOf(step(asked, { type: 'exited' }).state)).toBe('failed');
  });
});

/** What the world outside would do, with one process at most at a time and everything answered at some time. */
class Outside {
  state: Lifecycle = asleep;
  alive = 0;
  launching = 0;
  isEnding = false;
  /** Answers that are due, in any order. */
  readonly due = new Set<LifecycleEvent['type']>();

  tell(event: LifecycleEvent): void {
    const { state, effects } = step(this.state, event);
    this.state = state;
    if (event.type === 'adopted' || event.type === 'launched') {
      expect(effects.some((effect) => effect === 'hold' || effect === 'refuse')).toBe(true);
    }
    if (event.type === 'turnEnded') this.due.delete('graceOver');
    for (const effect of effects) {
      if (effect === 'launch') this.launching += 1;
      else if (effect === 'hold') this.alive += 1;
      else if (effect === 'end' || effect === 'kill') this.isEnding = true;
      else if (effect === 'interrupt') this.due.add('graceOver');
      else if (effect === 'endTurn' && state.process !== 'closed') this.tell({ type: 'turnEnded' });
      expect(this.alive + this.launching).toBeLessThanOrEqual(1);
    }
  }

  /** Lets happen what can, if it can. */
  happen(type: LifecycleEvent['type']): void {
    switch (type) {
      case 'launched':
      case 'launchFailed':
        if (this.launching === 0) return;
        this.launching -= 1;
        break;
      case 'initialised':
      case 'unusable':
        if (this.alive === 0) return;
        break;
      case 'exited':
        if (this.alive === 0) return;
        this.alive -= 1;
        this.isEnding = false;
        this.tell({ type });
        // Who has lost its process ends its turn, or begins anew.
        if (this.state.turn === 'leaving') this.tell({ type: 'turnEnded' });
        return;
      case 'graceOver':
        if (!this.due.delete(type)) return;
        break;
      default:
        break;
    }
    if (type === 'asks' || type === 'tasks') this.tell({ type, count: 1 });
    else this.tell({ type });
  }
}

describe('Any sequence of events', () => {
  const sequence = fc.array(fc.constantFrom(...simple, ...counted), { maxLength: 60 });

  it('P3 has one process at most, asleep never while a turn runs or the user is waited for', () => {
    fc.assert(
      fc.property(sequence, (types) => {
        const outside = new Outside();
        for (const type of types) {
          outside.happen(type);
          const { state } = outside;
          if (nameOf(state) === 'asleep') expect([state.turn, state.asks, outside.alive]).toEqual(['none', 0, 0]);
          // The state knows of every process that there is, and of none that there is not.
          if (state.process !== 'closed') {
            expect([hasProcess(state), isComing(state)]).toEqual([outside.alive === 1, outside.launching === 1]);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('T6 P4 a stop and an end always end: no turn and no process is left when everything was answered', () => {
    fc.assert(
      fc.property(sequence, fc.boolean(), (types, closes) => {
        const outside = new Outside();
        for (const type of types) outside.happen(type);
        outside.tell({ type: 'turnStop' });
        outside.tell({ type: closes ? 'close' : 'end' });
        for (let round = 0; round < 5; round += 1) {
          for (const type of ['graceOver', 'launched'] as const) outside.happen(type);
          // A process does not end for no reason.
          if (outside.isEnding) outside.happen('exited');
        }
        const { state } = outside;
        // One that came after the session was closed was refused.
        expect([state.turn, outside.alive, outside.launching]).toEqual(['none', 0, 0]);
        expect(['asleep', 'failed', 'closed']).toContain(nameOf(state));
      }),
      { numRuns: 3000 },
    );
  });
});
