import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError, type Explanation } from '../../base/errors.js';
import type { Prompt, SessionEvent, TurnOutcome, TurnUsage } from '../../protocol/session/events.js';
import type { Lifecycle } from '../lifecycle/machine.js';
import type { ClaudeProcess, LaunchOptions, ProcessExit, ProcessItem, ProgramInfo } from '../ports.js';
import type { EventLog } from './eventLog.js';
import { explainExit, explainFreshStart, explainInactivity, explainStart, stopped } from './exitOutcome.js';
import { InactivityLimit } from './inactivity.js';
import { interruptTurn } from './interruptTurn.js';
import { ProcessReader, type Emit } from './processReader.js';
import { ProcessSlot, type ProcessSettings, type RunningProcess } from './processSlot.js';
import type { SessionServices } from './services.js';
import { StartChooser } from './startChooser.js';
import type { Steering } from './steering.js';
import { Turn } from './turn.js';
import { countedBefore, usageSoFar, withTokens } from './turnUsage.js';
import type { TurnHost } from './turnHost.js';
import { askPermission, type PermissionContext } from './turnPermissions.js';

/**
 * Runs one turn at a time on the session's one process, and ends each in exactly one outcome, whatever happens to the
 * program: an answer, an error, an exit, silence, or the user's stop.
 */
export class TurnRunner implements Disposable {
  readonly #host: TurnHost;
  readonly #log: EventLog;
  readonly #services: SessionServices;
  readonly #slot: ProcessSlot;
  readonly #reader: ProcessReader;
  readonly #starts: StartChooser;
  readonly #steering: Steering;
  #turn: Turn | null = null;
  #undelivered: Prompt | null = null;
  #limit: InactivityLimit | null = null;
  #isReading = false;
  /** Those that the session has not been told of yet. */
  readonly #outcomes: TurnOutcome[] = [];
  #disposed = false;

  /**
   * @param host the session
   * @param log where everything is recorded
   * @param services what all sessions share
   * @param steering the messages that the program is given beside a turn's own
   */
  constructor(host: TurnHost, log: EventLog, services: SessionServices, steering: Steering) {
    this.#host = host;
    this.#log = log;
    this.#services = services;
    this.#steering = steering;
    const listener = {
      items: (batch: readonly ProcessItem[], process: ClaudeProcess) => {
        this.#takeItems(batch, process);
      },
      gone: (exit: ProcessExit, process: ClaudeProcess) => {
        this.#processGone(exit, process);
      },
      endTurn: (how: 'interrupt' | 'endTurn') => {
        this.#endTurn(how);
      },
      changed: () => {
        host.changed();
      },
    };
    this.#slot = new ProcessSlot(services, listener);
    this.#starts = new StartChooser(
      () => host.hasConversation(),
      () => host.origin,
      services.logger,
    );
    this.#reader = new ProcessReader(
      {
        echoes: (id, process, emit) => {
          this.#echoed(id, process, emit);
        },
        speaks: (process, emit) => {
          this.#beginUnasked(process, emit, null);
        },
        see: (event, process) => this.#see(event, process),
        record: (events) => {
          log.record(events);
        },
        outcome: (outcome, process) => {
          this.#programEnded(outcome, process);
        },
        permission: (permission, emit) => {
          askPermission(permission, emit, this.#permissions());
        },
        tasks: (count, process) => {
          if (this.#slot.process === process) this.#slot.tell({ type: 'tasks', count });
        },
      },
      () => countedBefore(this.#starts.begun, log.transcript.total),
      services.logger,
    );
  }

  /** The running turn, or null. */
  get turn(): Pick<Turn, 'id'> | null {
    return this.#turn;
  }

  /** The last turn's prompt where the program does not have it: nobody else would know of it in another window. */
  get undelivered(): Prompt | null {
    return this.#undelivered;
  }

  /** Whether the program can be given a message beside the running turn's. */
  get canSteer(): boolean {
    return this.#turn?.isWithProcess === true && !this.#turn.isOver();
  }

  /** Gives the program a message that it delivers at the running turn's next step. The caller asks `canSteer` before. */
  steer(prompt: Prompt): void {
    const process = this.#turn?.process;
    if (process) this.#steering.give(prompt, process);
  }

  /** Where process and turn are. */
  get lifecycle(): Lifecycle {
    return this.#slot.lifecycle;
  }

  /** The process with what it works with, or null without one. */
  get running(): RunningProcess | null {
    return this.#slot.running;
  }

  get program(): ProgramInfo | null {
    return this.#slot.info;
  }

  /** The lines that no event stands for, as they came. */
  get rawEvents(): ProcessReader['rawEvents'] {
    return this.#reader.rawEvents;
  }

  /** Takes over a warm process whose session id is the session's. */
  adopt(running: RunningProcess): void {
    this.#slot.adopt(running);
  }

  /** Starts the process ahead of the first message. @throws ArborError when it cannot be started */
  async warm(): Promise<void> {
    this.#reader.follow(await this.#slot.ensure(this.#launchOptions));
    await this.align();
  }

  /** Puts the process to sleep, unless it is needed. */
  sleep(): void {
    if (!this.#steering.isExpecting) this.#slot.tell({ type: 'sleep' });
  }

  /** Ends the process. Resolves when it is gone. A turn that runs is to be stopped before. */
  end(): Promise<void> {
    return this.#slot.stop();
  }

  /** Tells a running process the session's model and mode, or one of them. @throws ArborError when it refuses */
  align(only?: keyof ProcessSettings): Promise<void> {
    return this.#slot.align(() => this.#host, only);
  }

  /** Begins a turn. The caller sees to it that none runs. */
  run(prompt: Prompt): void {
    const turn = new Turn(this.#services.newId(), prompt, this.#services.clock.now());
    this.#turn = turn;
    this.#undelivered = prompt;
    this.#slot.tell({ type: 'turnBegan' });
    this.#detach(this.#run(turn, prompt));
  }

  /** Stops the running turn: interrupt, then end the program. Resolves when the turn has ended. */
  async stop(): Promise<void> {
    const turn = this.#turn;
    if (!turn) return;
    turn.force({ kind: 'canceled' });
    this.#host.changed();
    this.#services.broker.denyAll(this.#host.id, 'The user stopped the turn.', 'canceled');
    this.#slot.tell({ type: 'turnStop' });
    await turn.done;
  }

  async #run(turn: Turn, prompt: Prompt): Promise<void> {
    const looked = this.#host.whyInUse();
    await this.#log.recordDurably([{ kind: 'start', turn: turn.id, prompt, at: turn.startedAt }]);
    const inUse = await looked;
    if (inUse && !turn.isOver()) this.#fail(turn, inUse);
    if (!turn.isOver()) await this.#deliver(turn, prompt);
  }

  async #deliver(turn: Turn, prompt: Prompt): Promise<void> {
    let given: ClaudeProcess | null = null;
    try {
      const process = await this.#slot.ensure(this.#launchOptions);
      if (turn.isOver()) return;
      await this.align();
      if (turn.isOver()) return;
      this.#reader.begin(process, turn.id, prompt);
      this.#slot.tell({ type: 'turnGiven' });
      turn.giveTo(process);
      given = process;
      this.#watch(turn);
      await process.send(prompt);
      turn.setTaken();
      this.#host.turnTaken();
      this.#host.changed();
    } catch (error) {
      // What became of the turn meanwhile is somebody else's to tell.
      if (turn.isOver() || (given && turn.process !== given)) return;
      if (this.#begunOtherwise(turn, error)) return;
      // A program that runs but did not take the message cannot be trusted to end the turn.
      this.#fail(turn, explainStart(error));
    }
  }

  readonly #launchOptions = (): Promise<LaunchOptions> => this.#starts.complete(() => this.#host.launchOptions());

  /** Ends a turn that went wrong by itself, after the program has let go of it. */
  #fail(turn: Turn, error: Explanation): void {
    turn.force({ kind: 'error', error });
    this.#host.changed();
    this.#slot.tell({ type: 'turnStop' });
  }

  /** Gets the program to end the turn, politely first; ends the turn itself where no program has it. */
  #endTurn(how: 'interrupt' | 'endTurn'): void {
    const turn = this.#turn;
    if (!turn) return;
    if (how === 'endTurn' || !turn.process) {
      const usage = this.#usageSoFar(turn);
      const closed: TurnOutcome = { kind: 'canceled', turn: turn.id, by: 'program', usage };
      this.#end(turn, this.#disposed ? closed : turn.outcomeWithout(stopped, usage));
      return;
    }
    const inTime = interruptTurn(turn.process, turn.done, this.#steering, this.#services);
    this.#detach(inTime.then((hasEnded) => hasEnded || this.#slot.tell({ type: 'graceOver' })));
  }

  #watch(turn: Turn): void {
    const { clock, broker, inactivityMs } = this.#services;
    const limitMs = inactivityMs(this.#host.launchOptions().folder);
    const quietUntil = (): number =>
      this.#log.isToolRunning || broker.pending(this.#host.id).length > 0 ? Number.POSITIVE_INFINITY : turn.quietUntil;
    this.#limit = new InactivityLimit(clock, limitMs, quietUntil, () => {
      this.#fail(turn, explainInactivity(limitMs));
    });
    turn.watchWith(this.#limit);
  }

  #takeItems(batch: readonly ProcessItem[], process: ClaudeProcess): void {
    if (this.#disposed) return;
    this.#limit?.touch();
    this.#isReading = true;
    try {
      this.#reader.take(batch, process);
    } finally {
      this.#isReading = false;
      this.#tellEnded();
    }
  }

  #see(event: SessionEvent, process: ClaudeProcess): SessionEvent {
    if (event.kind === 'status' && event.status === 'settings' && event.mode !== null) {
      this.#slot.sawMode(process, event.mode);
      this.#host.sawMode(event.mode);
    }
    if (event.kind === 'steeringDelivered') return { ...event, prompt: this.#steering.ownWords(event.prompt) };
    const turn = this.#turn;
    if (turn?.process !== process) return event;
    const seen = turn.see(event, this.#services.clock.now());
    if (turn.hasSpoken) this.#heard(turn);
    return seen;
  }

  /** The program says that Claude has a message: the turn's own prompt, or one that it was given beside it. */
  #echoed(id: string, process: ClaudeProcess, emit: Emit): void {
    const turn = this.#turn;
    if (turn?.process === process && turn.prompt?.uuid === id) this.#heard(turn);
    const prompt = this.#steering.echoed(id, process);
    // The turn that it was to steer has ended before: it begins the next one.
    if (prompt) this.#beginUnasked(process, emit, prompt);
  }

  #heard(turn: Turn): void {
    if (this.#undelivered === null || this.#undelivered !== turn.prompt) return;
    this.#undelivered = null;
    this.#host.changed();
  }

  /** The program may begin a turn by itself, such as when a background task has ended. */
  #beginUnasked(process: ClaudeProcess, emit: Emit, prompt: Prompt | null): void {
    if (this.#turn || this.#slot.process !== process) return;
    const { newId, clock } = this.#services;
    const turn = new Turn(newId(), prompt, clock.now());
    this.#turn = turn;
    turn.giveTo(process);
    turn.setTaken();
    this.#steering.turnBegan();
    this.#slot.tell({ type: 'turnUnasked' });
    this.#reader.begin(process, turn.id, prompt);
    emit({ kind: 'start', turn: turn.id, prompt, at: turn.startedAt });
    this.#watch(turn);
    this.#host.changed();
  }

  #permissions(): PermissionContext {
    const settled = (event: SessionEvent): void => {
      this.#log.record([event]);
      this.#limit?.touch();
      this.#host.changed();
    };
    const count = (waiting: number): void => {
      this.#slot.tell({ type: 'asks', count: waiting });
    };
    const isStopping = (): boolean => this.#turn !== null && this.#turn.forced !== null;
    return { broker: this.#services.broker, session: this.#host.id, count, settled, isStopping };
  }

  /** The program said that a turn has ended. */
  #programEnded(outcome: TurnOutcome, process: ClaudeProcess): void {
    const turn = this.#turn;
    if (!turn) return;
    if (turn.process !== process) {
      // It has not been given this turn's prompt: this speaks of its start, which the slot tells, or of a turn of its own.
      turn.addEarlierUsage(outcome.usage);
      return;
    }
    if (outcome.kind === 'error' && this.#begunOtherwise(turn, new ArborError(outcome.error))) return;
    this.#heard(turn);
    this.#end(turn, turn.outcomeFor(outcome));
  }

  #processGone(exit: ProcessExit, process: ClaudeProcess): void {
    this.#steering.gone(process);
    const turn = this.#turn;
    if (turn?.process !== process) return;
    const error = explainExit(exit);
    if (this.#begunOtherwise(turn, new ArborError(error))) return;
    this.#end(turn, turn.outcomeWithout(error, this.#usageSoFar(turn)));
  }

  /** Delivers the prompt to another process where this one could not begin with it. @returns whether it does */
  #begunOtherwise(turn: Turn, error: unknown): boolean {
    const { prompt } = turn;
    const wasDead = turn.process !== null && turn.isUnheard;
    const start = this.#starts.otherwise(error, wasDead);
    if (start === null || prompt === null || !turn.startOver(start)) return false;
    this.#slot.tell({ type: 'turnTakenBack' });
    this.#starts.setNext(start);
    this.#undelivered = prompt;
    if (start === 'new') this.#log.record([{ kind: 'notice', level: 'warning', notice: explainFreshStart() }]);
    const again = async (): Promise<void> => {
      await this.#slot.stop();
      if (!turn.isOver()) await this.#deliver(turn, prompt);
    };
    this.#detach(again());
    return true;
  }

  #usageSoFar(turn: Turn): TurnUsage {
    return usageSoFar(turn, this.#log.transcript, this.#services.clock.now());
  }

  #end(turn: Turn, ended: TurnOutcome): void {
    if (turn.ended) return;
    const outcome = withTokens(ended, this.#usageSoFar(turn).tokens);
    this.#turn = null;
    this.#limit = null;
    this.#starts.setNext('again');
    this.#log.record([outcome]);
    turn.end(outcome);
    this.#steering.turnEnded();
    this.#slot.tell({ type: 'turnEnded' });
    this.#outcomes.push(outcome);
    // What follows in the same output is still the program's to say before anything new begins.
    if (!this.#isReading) this.#tellEnded();
  }

  #tellEnded(): void {
    if (this.#outcomes.length === 0) return;
    for (const outcome of this.#outcomes.splice(0)) this.#host.turnEnded(outcome);
    this.#host.changed();
  }

  #detach(work: Promise<unknown>): void {
    detach(work, (error) => {
      this.#services.logger.error('A turn could not go on', error);
      const turn = this.#turn;
      if (turn) this.#end(turn, turn.outcomeWithout(explainStart(error), this.#usageSoFar(turn)));
    });
  }

  /** Ends the process, and with it the running turn. */
  dispose(): void {
    this.#disposed = true;
    this.#slot.dispose();
  }
}
