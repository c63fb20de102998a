import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError } from '../../base/errors.js';
import type { PermissionMode } from '../../protocol/cli/lines.js';
import {
  isOutcome,
  type Prompt,
  type SessionEvent,
  type TokenUsage,
  type TurnOutcome,
} from '../../protocol/session/events.js';
import type {
  ConversationStart,
  IncomingPermission,
  LaunchOptions,
  ProcessExit,
  ProcessItem,
  ProgramInfo,
} from '../ports.js';
import { settlesWithin } from '../wait.js';
import type { EventLog } from './eventLog.js';
import { explainExit, explainInactivity, explainStart, isSessionInUse } from './exitOutcome.js';
import { InactivityLimit } from './inactivity.js';
import { ProcessSlot, type RunningProcess, type SlotState } from './processSlot.js';
import { RawEvents } from './rawEvents.js';
import type { SessionServices } from './services.js';
import { explainFailure } from './translate/failures.js';
import { LineTranslator } from './translate/translator.js';
import { Turn } from './turn.js';

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
  /** A turn ended and was recorded. */
  turnEnded(outcome: TurnOutcome): void;
  /** What can be seen of the turn or the process changed. */
  changed(): void;
}

/**
 * Runs one turn at a time on the session's one process, and ends each in exactly one outcome, whatever happens to the
 * program: an answer, an error, an exit, silence, or the user's stop.
 */
export class TurnRunner implements Disposable {
  readonly #host: TurnHost;
  readonly #log: EventLog;
  readonly #services: SessionServices;
  readonly #slot: ProcessSlot;
  readonly #translator = new LineTranslator();
  readonly #raw = new RawEvents();
  #turn: Turn | null = null;
  #limit: InactivityLimit | null = null;
  /** How the process that was started last was told to begin. */
  #start: ConversationStart['kind'] = 'new';
  /** What the next start must be because the last one was refused, or null to find out. */
  #nextStart: 'new' | 'resume' | null = null;

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
      items: (batch: readonly ProcessItem[]) => {
        this.#takeItems(batch);
      },
      gone: (exit: ProcessExit) => {
        this.#processGone(exit);
      },
      changed: () => {
        host.changed();
      },
    };
    this.#slot = new ProcessSlot(services.launcher, listener, services.logger);
  }

  /** The running turn, or null. */
  get turn(): Pick<Turn, 'id' | 'forced'> | null {
    return this.#turn;
  }

  get processState(): SlotState {
    return this.#slot.state;
  }

  get program(): ProgramInfo | null {
    return this.#slot.info;
  }

  /** The lines that no event stands for, as they came. */
  get rawEvents(): Pick<RawEvents, 'entries' | 'dropped'> {
    return this.#raw;
  }

  /** Takes over a warm process whose session id is the session's. */
  adopt(running: RunningProcess): void {
    this.#slot.adopt(running);
  }

  /** Starts the process ahead of the first message. @throws ArborError when it cannot be started */
  async warm(): Promise<void> {
    await this.#slot.ensure(() => this.#launchOptions());
  }

  /** Tells a running process the session's model and mode. @throws ArborError when it refuses */
  align(): Promise<void> {
    return this.#slot.align(this.#host.model, this.#host.mode);
  }

  /** Begins a turn. The caller sees to it that none runs. */
  run(prompt: Prompt): void {
    const turn = new Turn(this.#services.newId(), prompt);
    this.#turn = turn;
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
    await this.#log.recordDurably([{ kind: 'start', turn: turn.id, prompt, at: this.#services.clock.now() }]);
    this.#host.changed();
    await this.#deliver(turn, prompt);
  }

  async #deliver(turn: Turn, prompt: Prompt): Promise<void> {
    try {
      const process = await this.#slot.ensure(() => this.#launchOptions());
      if (turn.isOver()) return;
      await this.align();
      if (turn.isOver()) return;
      this.#translator.begin(turn.id, prompt);
      this.#watch(turn);
      turn.setDelivered(true);
      await process.send(prompt);
    } catch (error) {
      if (turn.ended) return;
      const other = this.#otherStart(turn, error);
      if (other) {
        this.#startOver(turn, prompt, other);
        return;
      }
      // A program that runs but did not take the message cannot be trusted to end the turn.
      turn.force({ kind: 'error', error: explainStart(error) });
      await this.#letGo(turn);
    }
  }

  async #launchOptions(): Promise<LaunchOptions> {
    const known = this.#nextStart ?? ((await this.#host.hasConversation()) ? 'resume' : 'new');
    this.#start = known;
    // A resumed conversation goes on counting from what it had cost.
    this.#translator.setCostBefore(known === 'resume' ? this.#log.transcript.total.costUsd : 0);
    return { ...this.#host.launchOptions(), start: { kind: known } };
  }

  /** Gets the program to end its turn, politely first; ends the turn itself where nobody else does. */
  async #letGo(turn: Turn): Promise<void> {
    const { clock, logger } = this.#services;
    const process = this.#slot.state === 'ready' ? this.#slot.process : null;
    if (process && !turn.ended) {
      const interrupted = process.interrupt().catch((error: unknown) => {
        logger.info(`The program did not take the interrupt: ${String(error)}`);
      });
      await settlesWithin(Promise.all([interrupted, turn.done]), interruptGraceMs, clock);
    }
    if (!turn.ended) await this.#slot.stop();
    if (!turn.ended) this.#end(turn, turn.outcomeWithout(explainExit({ code: null, signal: null, stderr: '' })));
    await turn.done;
  }

  #watch(turn: Turn): void {
    const { clock, broker, inactivityMs } = this.#services;
    const limitMs = inactivityMs();
    const isWaiting = (): boolean => {
      const { activity, rateLimit } = this.#log.transcript;
      const limited = activity.kind === 'retrying' || rateLimit?.state === 'blocked';
      return limited || this.#log.openTools > 0 || broker.pending(this.#host.id).length > 0;
    };
    this.#limit = new InactivityLimit(clock, limitMs, isWaiting, () => {
      turn.force({ kind: 'error', error: explainInactivity(limitMs) });
      this.#detach(this.#letGo(turn));
    });
    turn.watchWith(this.#limit);
  }

  #takeItems(batch: readonly ProcessItem[]): void {
    this.#limit?.touch();
    let events: SessionEvent[] = [];
    let raw: unknown = null;
    const emit = (event: SessionEvent): void => {
      if (isOutcome(event)) {
        this.#log.record(events);
        events = [];
        this.#programEnded(event);
      } else events.push(this.#turn?.see(event) ?? event);
      if (event.kind === 'passthrough') this.#raw.add(event.handle, event.type, raw);
    };
    for (const item of batch) {
      if (item.type === 'noise') {
        raw = item.text;
        emit({ kind: 'passthrough', handle: item.number, type: 'noise' });
      } else if (item.type === 'permission') this.#askPermission(item.permission, emit);
      else {
        const { line } = item;
        raw = line;
        if (!this.#turn && (line.type === 'stream_event' || line.type === 'assistant')) this.#beginUnasked(emit);
        this.#translator.translate(line, item.number, emit);
      }
    }
    this.#log.record(events);
  }

  /** The program begins a turn by itself, such as when a background task has ended. */
  #beginUnasked(emit: (event: SessionEvent) => void): void {
    const turn = new Turn(this.#services.newId(), null);
    turn.setDelivered(true);
    this.#turn = turn;
    this.#translator.begin(turn.id, null);
    emit({ kind: 'start', turn: turn.id, prompt: null, at: this.#services.clock.now() });
    this.#watch(turn);
    this.#host.changed();
  }

  #askPermission(permission: IncomingPermission, emit: (event: SessionEvent) => void): void {
    const { id, toolUseId, tool } = permission.request;
    emit({ kind: 'permission', request: id, toolUseId, tool, phase: 'asked', reason: null });
    this.#services.broker.take(permission, (event) => {
      this.#log.record([event]);
      this.#limit?.touch();
      this.#host.changed();
    });
    this.#host.changed();
  }

  /** The program said that the turn has ended. */
  #programEnded(outcome: TurnOutcome): void {
    const turn = this.#turn;
    // Before the prompt was delivered a result speaks of the start, whose failure is told by the slot.
    if (!turn?.delivered) return;
    const lost = outcome.kind === 'error' ? this.#otherStart(turn, new ArborError(outcome.error)) : null;
    if (lost && turn.prompt) this.#startOver(turn, turn.prompt, lost);
    else this.#end(turn, turn.outcomeFor(outcome));
  }

  /**
   * How else to begin after the program refused: a new conversation where it does not have the old one, the old one where it
   * has it already. Never after a tool ran, never on another error, and only once in a turn.
   */
  #otherStart(turn: Turn, error: unknown): 'new' | 'resume' | null {
    if (!(error instanceof ArborError) || this.#nextStart !== null || turn.toolsUsed || turn.forced) return null;
    const { code, detail = '' } = error.explanation;
    if (code === 'conversationNotFound' && this.#start === 'resume') return 'new';
    return this.#start === 'new' && isSessionInUse(detail) ? 'resume' : null;
  }

  /** Delivers the prompt to another process, because this one could not begin the conversation. */
  #startOver(turn: Turn, prompt: Prompt, start: 'new' | 'resume'): void {
    this.#nextStart = start;
    turn.setDelivered(false);
    if (start === 'new') {
      this.#log.record([{ kind: 'notice', level: 'warning', notice: explainFailure('conversationNotFound', '') }]);
    }
    const again = async (): Promise<void> => {
      await this.#slot.stop();
      if (!turn.ended) await this.#deliver(turn, prompt);
    };
    this.#detach(again());
  }

  #processGone(exit: ProcessExit): void {
    const turn = this.#turn;
    if (!turn?.delivered) return;
    const other = this.#otherStart(turn, new ArborError(explainExit(exit)));
    if (other && turn.prompt) this.#startOver(turn, turn.prompt, other);
    else this.#end(turn, turn.outcomeWithout(explainExit(exit)));
  }

  #end(turn: Turn, ended: TurnOutcome): void {
    if (turn.ended) return;
    const outcome = withTokens(ended, this.#log.transcript.turnTokens);
    this.#turn = null;
    this.#limit = null;
    this.#nextStart = null;
    this.#log.record([outcome]);
    turn.end(outcome);
    this.#host.turnEnded(outcome);
    this.#host.changed();
  }

  #detach(work: Promise<unknown>): void {
    detach(work, (error) => {
      this.#services.logger.error('A turn could not go on', error);
      const turn = this.#turn;
      if (turn) this.#end(turn, turn.outcomeWithout(explainStart(error)));
    });
  }

  dispose(): void {
    this.#slot.dispose();
  }
}

/** The outcome with the tokens that the turn's messages had reported, where the program gave none at the end. */
function withTokens(outcome: TurnOutcome, tokens: TokenUsage): TurnOutcome {
  const given = outcome.usage.tokens;
  if (given.input + given.output + given.cacheRead + given.cacheWrite > 0) return outcome;
  return { ...outcome, usage: { ...outcome.usage, tokens } };
}
