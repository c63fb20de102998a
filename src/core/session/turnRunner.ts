import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError, type Explanation } from '../../base/errors.js';
import type { PermissionMode } from '../../protocol/cli/lines.js';
import {
  noUsage,
  type Prompt,
  type SessionEvent,
  type TokenUsage,
  type TurnOutcome,
  type TurnUsage,
} from '../../protocol/session/events.js';
import type {
  ClaudeProcess,
  ConversationStart,
  IncomingPermission,
  LaunchOptions,
  ProcessExit,
  ProcessItem,
  ProgramInfo,
} from '../ports.js';
import { settlesWithin } from '../wait.js';
import type { EventLog } from './eventLog.js';
import { explainExit, explainFreshStart, explainInactivity, explainStart, otherStart } from './exitOutcome.js';
import { InactivityLimit } from './inactivity.js';
import { ProcessReader, type Emit } from './processReader.js';
import { ProcessSlot, type ProcessSettings, type RunningProcess, type SlotState } from './processSlot.js';
import type { SessionServices } from './services.js';
import { Turn, type OtherStart } from './turn.js';

/** Milliseconds that an interrupted program has to end its turn before it is ended itself. */
export const interruptGraceMs = 3000;

/** The session that a runner works for. */
export interface TurnHost {
  readonly id: string;
  /** The model and mode that the next turn is to have. */
  readonly model: string | null;
  readonly mode: PermissionMode;
  /** How to start the session's process, but for where the conversation begins. */
  launchOptions(): Omit<LaunchOptions, 'start'>;
  /** Whether the program should have this conversation. */
  hasConversation(): Promise<boolean>;
  /** A turn ended and was recorded; no other has begun, but for one that the program began by itself. */
  turnEnded(outcome: TurnOutcome): void;
  /** The program says that it works in another mode, such as after a plan was approved. */
  sawMode(mode: PermissionMode): void;
  /** What can be seen of the turn or the process changed. */
  changed(): void;
}

/** What an outcome is made from that nobody but the user asked for; it is never shown. */
const stopped: Explanation = { code: 'unexpected', what: 'The turn was stopped.' };

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
  #turn: Turn | null = null;
  #undelivered: Prompt | null = null;
  #limit: InactivityLimit | null = null;
  /** How the process that was started last was told to begin. */
  #start: ConversationStart['kind'] = 'new';
  /** How the next one is, where the last one could not begin so. */
  #startNext: OtherStart = 'again';
  #isReading = false;
  /** Those that the session has not been told of yet. */
  readonly #outcomes: TurnOutcome[] = [];
  #disposed = false;

  /**
   * @param host the session
   * @param log where everything is recorded
   * @param services what all sessions share
   */
  constructor(host: TurnHost, log: EventLog, services: SessionServices) {
    this.#host = host;
    this.#log = log;
    this.#services = services;
    const listener = {
      items: (batch: readonly ProcessItem[], process: ClaudeProcess) => {
        this.#takeItems(batch, process);
      },
      gone: (exit: ProcessExit, process: ClaudeProcess) => {
        this.#processGone(exit, process);
      },
      changed: () => {
        host.changed();
      },
    };
    this.#slot = new ProcessSlot(services.launcher, listener, services.logger);
    this.#reader = new ProcessReader(
      {
        speaks: (process, emit) => {
          this.#beginUnasked(process, emit);
        },
        see: (event, process) => this.#see(event, process),
        record: (events) => {
          log.record(events);
        },
        outcome: (outcome, process) => {
          this.#programEnded(outcome, process);
        },
        permission: (permission, emit) => {
          this.#askPermission(permission, emit);
        },
      },
      () => (this.#start === 'resume' ? log.transcript.total.costUsd : null),
      services.logger,
    );
  }

  /** The running turn, or null. */
  get turn(): Pick<Turn, 'id' | 'forced'> | null {
    return this.#turn;
  }

  /** The last turn's prompt where the program does not have it: nobody else would know of it in another window. */
  get undelivered(): Prompt | null {
    return this.#undelivered;
  }

  get processState(): SlotState {
    return this.#slot.state;
  }

  /** What the running process works with, or null without one. */
  get settings(): ProcessSettings | null {
    return this.#slot.settings;
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
    await this.#slot.ensure(() => this.#launchOptions());
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
    this.#detach(this.#run(turn, prompt));
  }

  /** Stops the running turn: interrupt, then end the program. Resolves when the turn has ended. */
  async stop(): Promise<void> {
    const turn = this.#turn;
    if (!turn) return;
    turn.force({ kind: 'canceled' });
    this.#host.changed();
    this.#services.broker.denyAll(this.#host.id, 'The user stopped the turn.', 'canceled');
    await this.#letGo(turn);
  }

  async #run(turn: Turn, prompt: Prompt): Promise<void> {
    await this.#log.recordDurably([{ kind: 'start', turn: turn.id, prompt, at: turn.startedAt }]);
    if (!turn.isOver()) await this.#deliver(turn, prompt);
  }

  async #deliver(turn: Turn, prompt: Prompt): Promise<void> {
    let given: ClaudeProcess | null = null;
    try {
      const process = await this.#slot.ensure(() => this.#launchOptions());
      if (turn.isOver()) return;
      await this.align();
      if (turn.isOver()) return;
      this.#reader.begin(process, turn.id, prompt);
      turn.giveTo(process);
      given = process;
      this.#watch(turn);
      await process.send(prompt);
      turn.setTaken();
      if (this.#undelivered === prompt) this.#undelivered = null;
      this.#host.changed();
    } catch (error) {
      // What became of the turn meanwhile is somebody else's to tell.
      if (turn.isOver() || (given && turn.process !== given)) return;
      if (this.#begunOtherwise(turn, error)) return;
      // A program that runs but did not take the message cannot be trusted to end the turn.
      await this.#fail(turn, explainStart(error));
    }
  }

  async #launchOptions(): Promise<LaunchOptions> {
    const known = this.#startNext === 'again' ? await this.#findStart() : this.#startNext;
    this.#start = known;
    return { ...this.#host.launchOptions(), start: { kind: known } };
  }

  async #findStart(): Promise<'new' | 'resume'> {
    try {
      return (await this.#host.hasConversation()) ? 'resume' : 'new';
    } catch (error) {
      // The program will say so if it has one.
      this.#services.logger.error('It could not be found out whether there is a transcript', error);
      return 'new';
    }
  }

  /** Ends a turn that went wrong by itself, after the program has let go of it. */
  #fail(turn: Turn, error: Explanation): Promise<void> {
    turn.force({ kind: 'error', error });
    this.#host.changed();
    return this.#letGo(turn);
  }

  /** Gets the program to end its turn, politely first; ends the turn itself where nobody else does. */
  #letGo(turn: Turn): Promise<void> {
    return turn.letGo(async () => {
      const { clock, logger } = this.#services;
      if (turn.process) {
        detach(turn.process.interrupt(), (error) => {
          logger.info(`The program did not take the interrupt: ${String(error)}`);
        });
        const hasEnded = await settlesWithin(turn.done, interruptGraceMs, clock);
        if (!hasEnded) await this.#slot.stop();
      }
      // Where no program has the prompt nobody else does.
      if (!turn.ended) this.#end(turn, turn.outcomeWithout(stopped, this.#usageSoFar(turn)));
    });
  }

  #watch(turn: Turn): void {
    const { clock, broker, inactivityMs } = this.#services;
    const limitMs = inactivityMs();
    const isWaiting = (): boolean =>
      turn.isQuietAt(clock.now()) || this.#log.isToolRunning || broker.pending(this.#host.id).length > 0;
    this.#limit = new InactivityLimit(clock, limitMs, isWaiting, () => {
      this.#detach(this.#fail(turn, explainInactivity(limitMs)));
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
    const turn = this.#turn;
    return turn?.process === process ? turn.see(event, this.#services.clock.now()) : event;
  }

  /** The program may begin a turn by itself, such as when a background task has ended. */
  #beginUnasked(process: ClaudeProcess, emit: Emit): void {
    if (this.#turn || this.#slot.process !== process) return;
    const { newId, clock } = this.#services;
    const turn = new Turn(newId(), null, clock.now());
    this.#turn = turn;
    turn.giveTo(process);
    this.#reader.begin(process, turn.id, null);
    emit({ kind: 'start', turn: turn.id, prompt: null, at: turn.startedAt });
    this.#watch(turn);
    this.#host.changed();
  }

  #askPermission(permission: IncomingPermission, emit: Emit): void {
    const { broker } = this.#services;
    const { id, toolUseId, tool } = permission.request;
    emit({ kind: 'permission', request: id, toolUseId, tool, phase: 'asked', reason: null });
    broker.take(permission, (event) => {
      this.#log.record([event]);
      this.#limit?.touch();
      this.#host.changed();
    });
    if (this.#turn?.forced) broker.denyAll(this.#host.id, 'The turn is being stopped.', 'canceled');
    this.#host.changed();
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
    this.#end(turn, turn.outcomeFor(outcome));
  }

  #processGone(exit: ProcessExit, process: ClaudeProcess): void {
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
    const start = error instanceof ArborError ? otherStart(error.explanation, this.#start, wasDead) : null;
    if (start === null || prompt === null || !turn.startOver(start)) return false;
    this.#startNext = start;
    this.#undelivered = prompt;
    if (start === 'new') this.#log.record([{ kind: 'notice', level: 'warning', notice: explainFreshStart() }]);
    const again = async (): Promise<void> => {
      await this.#slot.stop();
      if (!turn.isOver()) await this.#deliver(turn, prompt);
    };
    this.#detach(again());
    return true;
  }

  /** What the turn is known to have used although nobody summed it up. What it cost is not known then, and not invented. */
  #usageSoFar(turn: Turn): TurnUsage {
    const { turn: running, turnTokens: tokens } = this.#log.transcript;
    const durationMs = this.#services.clock.now() - turn.startedAt;
    return { tokens: running === turn.id ? tokens : noUsage, costUsd: 0, durationMs };
  }

  #end(turn: Turn, ended: TurnOutcome): void {
    if (turn.ended) return;
    const outcome = withTokens(ended, this.#usageSoFar(turn).tokens);
    this.#turn = null;
    this.#limit = null;
    this.#startNext = 'again';
    this.#log.record([outcome]);
    turn.end(outcome);
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
    const turn = this.#turn;
    if (turn) this.#end(turn, { kind: 'canceled', turn: turn.id, by: 'program', usage: this.#usageSoFar(turn) });
  }
}

/** The outcome with the tokens that the turn's messages had reported, where the program gave none at the end. */
function withTokens(outcome: TurnOutcome, tokens: TokenUsage): TurnOutcome {
  const given = outcome.usage.tokens;
  if (given.input + given.output + given.cacheRead + given.cacheWrite > 0) return outcome;
  return { ...outcome, usage: { ...outcome.usage, tokens } };
}
