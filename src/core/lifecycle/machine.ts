/*
 * The life of one session's process, as a pure function: what happened goes in, the next state and what is to be done come
 * out. It knows no time and no process; who drives it tells it of both (`processSlot.ts`, `turnRunner.ts`).
 */

/** Where the process is. */
export type ProcessPhase =
  /** There is none, and nobody needs one. */
  | 'asleep'
  /** There is none: the last one could not be started, or ended by itself. */
  | 'failed'
  /** There is none, but a turn runs that will have one started, or will end. */
  | 'owed'
  /** The system was asked to start one. */
  | 'launching'
  /** As `launching`, but it is not wanted any more: it is ended as soon as it is there. */
  | 'abandoned'
  /** It runs, and has not said yet that it is ready. */
  | 'initialising'
  /** It takes messages. */
  | 'up'
  /** It is being ended. */
  | 'ending'
  /** The session is closed, for good. */
  | 'closed';

/** Where the turn is. */
export type TurnPhase =
  | 'none'
  /** Its prompt is not with any process. */
  | 'begun'
  /** The process has its prompt, or began it by itself. */
  | 'given'
  /** It is to end: the process was interrupted, or there is none that could be. */
  | 'leaving';

/** What comes after `owed`, `abandoned` or `ending`; in all other phases it says `asleep`. */
export type Afterwards = 'asleep' | 'failed' | 'start';

/** The whole state. */
export interface Lifecycle {
  readonly process: ProcessPhase;
  readonly after: Afterwards;
  readonly turn: TurnPhase;
  /** How many permission requests wait for the user. */
  readonly asks: number;
  /** How many background tasks the process works on, also between turns. */
  readonly tasks: number;
}

/** What can happen. */
export type LifecycleEvent =
  /** A process is needed now, or likely to be soon. */
  | { readonly type: 'wake' }
  /** A warm process that was started for another purpose is offered. */
  | { readonly type: 'adopted' }
  /** The system has started the process that was asked for. */
  | { readonly type: 'launched' }
  /** It could not be started: there is no process. */
  | { readonly type: 'launchFailed' }
  /** The process is ready. */
  | { readonly type: 'initialised' }
  /** The process will not get ready. */
  | { readonly type: 'unusable' }
  /** The process is gone, and all that it printed was delivered. */
  | { readonly type: 'exited' }
  | { readonly type: 'turnBegan' }
  /** The process is about to be given the turn's prompt. */
  | { readonly type: 'turnGiven' }
  /** The process has begun a turn by itself. */
  | { readonly type: 'turnUnasked' }
  /** The prompt is taken away from a process that could not begin with it. */
  | { readonly type: 'turnTakenBack' }
  /** The turn is to end: the user's stop, silence, or a failure. */
  | { readonly type: 'turnStop' }
  /** The interrupt did not end the turn in time. */
  | { readonly type: 'graceOver' }
  | { readonly type: 'turnEnded' }
  | { readonly type: 'asks'; readonly count: number }
  | { readonly type: 'tasks'; readonly count: number }
  /** Nobody has used the process for long, or there are too many. */
  | { readonly type: 'sleep' }
  /** The process is to end, whatever it does. */
  | { readonly type: 'end' }
  /** The session is closed. */
  | { readonly type: 'close' };

/** What is to be done, in this order. */
export type LifecycleEffect =
  /** Ask the system for a process. Answered by `launched` or `launchFailed`. */
  | 'launch'
  /** Keep the process that was launched or offered. Answered by `exited`, some day. */
  | 'hold'
  /** End, at once, the process that was launched or offered: it is not this session's. */
  | 'refuse'
  /** End the process politely: end of input, then signals. Answered by `exited`. */
  | 'end'
  /** End the process at once. Answered by `exited`. */
  | 'kill'
  /** Interrupt the turn and give it a grace time. Answered by `turnEnded` or `graceOver`. */
  | 'interrupt'
  /** End the turn, which no process has. Answered by `turnEnded`. */
  | 'endTurn';

/** What an event comes to. */
export interface Step {
  readonly state: Lifecycle;
  readonly effects: readonly LifecycleEffect[];
}

/** The state of a session that was just opened. */
export const asleep: Lifecycle = { process: 'asleep', after: 'asleep', turn: 'none', asks: 0, tasks: 0 };

/** What a session's process is doing, in one word. */
export type LifecycleName =
  'asleep' | 'starting' | 'ready' | 'background' | 'running' | 'waiting' | 'stopping' | 'ending' | 'failed' | 'closed';

/** The state in one word; what concerns the user most comes first. */
export function nameOf({ process, after, turn, asks, tasks }: Lifecycle): LifecycleName {
  if (process === 'closed') return 'closed';
  if (turn === 'leaving') return 'stopping';
  if (asks > 0) return 'waiting';
  if (turn !== 'none') return 'running';
  switch (process) {
    case 'launching':
    case 'initialising':
      return 'starting';
    case 'abandoned':
    case 'ending':
      return after === 'start' ? 'starting' : 'ending';
    case 'up':
      return tasks > 0 ? 'background' : 'ready';
    case 'asleep':
    case 'owed':
      return 'asleep';
    case 'failed':
      return 'failed';
  }
}

/** Whether the process can be put to sleep without anybody missing it. */
export function canSleep({ process, turn, asks, tasks }: Lifecycle): boolean {
  return process === 'up' && turn === 'none' && asks === 0 && tasks === 0;
}

/** Whether there is a process that is to stay, or one is being started. */
export function isLive({ process, after }: Lifecycle): boolean {
  switch (process) {
    case 'launching':
    case 'initialising':
    case 'up':
      return true;
    case 'abandoned':
    case 'ending':
      return after === 'start';
    case 'asleep':
    case 'failed':
    case 'owed':
    case 'closed':
      return false;
  }
}

/**
 * What an event comes to. Every event is defined in every state; one that means nothing there changes nothing.
 * @param state the state before
 * @param event what happened
 */
export function step(state: Lifecycle, event: LifecycleEvent): Step {
  if (state.process === 'closed') return onlyRefuse(state, event);
  switch (event.type) {
    case 'wake':
      return wake(state);
    case 'adopted':
      return isNone(state) ? to(state, { process: 'up', after: 'asleep' }, 'hold') : to(state, {}, 'refuse');
    case 'launched':
      return launched(state);
    case 'launchFailed':
      if (state.process === 'launching') return none(state, 'failed');
      return state.process === 'abandoned' ? afterwards(state) : to(state);
    case 'initialised':
      return state.process === 'initialising' ? to(state, { process: 'up' }) : to(state);
    case 'unusable':
      return isRunning(state) ? to(state, { process: 'ending', after: 'failed' }, 'kill') : to(state);
    case 'exited':
      return exited(state);
    case 'turnBegan':
    case 'turnGiven':
    case 'turnUnasked':
    case 'turnTakenBack':
    case 'turnStop':
    case 'graceOver':
    case 'turnEnded':
      return stepTurn(state, event.type);
    case 'asks':
      return to(state, { asks: hasProcess(state) ? event.count : 0 });
    case 'tasks':
      return to(state, { tasks: hasProcess(state) ? event.count : 0 });
    case 'sleep':
      return canSleep(state) ? to(state, { process: 'ending' }, 'end') : to(state);
    case 'end':
      return end(state);
    case 'close':
      return close(state);
  }
}

type TurnEventType = Extract<LifecycleEvent['type'], `turn${string}` | 'graceOver'>;

function stepTurn(state: Lifecycle, type: TurnEventType): Step {
  const { turn } = state;
  switch (type) {
    case 'turnBegan':
      // One turn at a time.
      if (turn !== 'none') return to(state);
      return isNone(state) ? to(state, { process: 'owed', turn: 'begun' }) : to(state, { turn: 'begun' });
    case 'turnGiven':
      return turn === 'begun' && state.process === 'up' ? to(state, { turn: 'given' }) : to(state);
    case 'turnUnasked':
      return turn === 'none' && hasProcess(state) ? to(state, { turn: 'given' }) : to(state);
    case 'turnTakenBack':
      return turn === 'given' ? to(state, { turn: 'begun' }) : to(state);
    case 'turnStop':
      if (turn === 'begun') return to(state, { turn: 'leaving' }, 'endTurn');
      return turn === 'given' ? to(state, { turn: 'leaving' }, 'interrupt') : to(state);
    case 'graceOver':
      if (turn !== 'leaving') return to(state);
      return hasProcess(state) ? end(state) : to(state, {}, 'endTurn');
    case 'turnEnded': {
      const ended = { ...state, turn: 'none' as const };
      return state.process === 'owed' ? none(ended, state.after === 'failed' ? 'failed' : 'asleep') : to(ended);
    }
  }
}

function wake(state: Lifecycle): Step {
  if (isNone(state)) return to(state, { process: 'launching', after: 'asleep' }, 'launch');
  return state.process === 'ending' || state.process === 'abandoned' ? to(state, { after: 'start' }) : to(state);
}

function launched(state: Lifecycle): Step {
  if (state.process === 'launching') return to(state, { process: 'initialising' }, 'hold');
  return state.process === 'abandoned' ? to(state, { process: 'ending' }, 'hold', 'kill') : to(state, {}, 'refuse');
}

function exited(state: Lifecycle): Step {
  if (!hasProcess(state)) return to(state);
  // Who asked is gone, and nobody has the prompt any more.
  const turn = state.turn === 'given' ? 'begun' : state.turn;
  const gone = { ...state, turn, asks: 0, tasks: 0 };
  return state.process === 'ending' ? afterwards(gone) : none(gone, 'failed');
}

function end(state: Lifecycle): Step {
  switch (state.process) {
    case 'launching':
    case 'abandoned':
      return to(state, { process: 'abandoned', after: 'asleep' });
    case 'initialising':
    case 'up':
      return to(state, { process: 'ending', after: 'asleep' }, 'end');
    case 'ending':
      return to(state, { after: state.after === 'start' ? 'asleep' : state.after });
    case 'asleep':
    case 'failed':
    case 'owed':
    case 'closed':
      return to(state);
  }
}

function close(state: Lifecycle): Step {
  const effects: LifecycleEffect[] = hasProcess(state) ? ['kill'] : [];
  if (state.turn !== 'none') effects.push('endTurn');
  return { state: { ...asleep, process: 'closed' }, effects };
}

function onlyRefuse(state: Lifecycle, { type }: LifecycleEvent): Step {
  return type === 'launched' || type === 'adopted' ? to(state, {}, 'refuse') : to(state);
}

/** There is no process any more, or none came. */
function none(state: Lifecycle, after: 'asleep' | 'failed'): Step {
  return state.turn === 'none' ? to(state, { process: after, after: 'asleep' }) : to(state, { process: 'owed', after });
}

/** What was to end has ended. */
function afterwards(state: Lifecycle): Step {
  if (state.after !== 'start') return none(state, state.after);
  return to(state, { process: 'launching', after: 'asleep' }, 'launch');
}

function to(state: Lifecycle, change: Partial<Lifecycle> = {}, ...effects: readonly LifecycleEffect[]): Step {
  return { state: { ...state, ...change }, effects };
}

/** There is no process, and none is on its way. */
function isNone({ process }: Lifecycle): boolean {
  return process === 'asleep' || process === 'failed' || process === 'owed';
}

/** There is a process that nobody ends. */
function isRunning({ process }: Lifecycle): boolean {
  return process === 'initialising' || process === 'up';
}

function hasProcess(state: Lifecycle): boolean {
  return isRunning(state) || state.process === 'ending';
}
