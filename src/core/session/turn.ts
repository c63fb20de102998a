import { Deferred } from '../../base/deferred.js';
import type { Disposable } from '../../base/disposable.js';
import type { Explanation } from '../../base/errors.js';
import {
  noTurnUsage,
  type Prompt,
  type SessionEvent,
  type TurnOutcome,
  type TurnUsage,
} from '../../protocol/session/events.js';
import { addUsage } from '../../protocol/session/transcript.js';
import type { ClaudeProcess } from '../ports.js';

/** Why a turn ends although the program did not end it. */
export type ForcedEnd = { readonly kind: 'canceled' } | { readonly kind: 'error'; readonly error: Explanation };

/** How to begin once more: a new conversation, the one that there is, or as it is found then. */
export type OtherStart = 'new' | 'resume' | 'again';

/** One turn of a session, from its prompt to its one outcome. */
export class Turn {
  readonly id: string;
  readonly prompt: Prompt | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly #done = new Deferred<TurnOutcome>();
  readonly #startedOver = new Set<OtherStart>();
  #process: ClaudeProcess | null = null;
  #taken = false;
  #spoken = false;
  #forced: ForcedEnd | null = null;
  #toolsUsed = false;
  #quietUntil = 0;
  #earlierUsage: TurnUsage = noTurnUsage;
  #limit: Disposable | undefined;

  /**
   * @param id the turn's id
   * @param prompt what the user said, or null when the program began by itself
   * @param startedAt milliseconds since 1970
   */
  constructor(id: string, prompt: Prompt | null, startedAt: number) {
    this.id = id;
    this.prompt = prompt;
    this.startedAt = startedAt;
  }

  /** Resolves with the turn's outcome. */
  get done(): Promise<TurnOutcome> {
    return this.#done.promise;
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#done.settled;
  }

  /** Whether nothing more is to be begun for it: it has ended, or is about to. */
  isOver(): boolean {
    return this.ended || this.#forced !== null;
  }

  /** Whether it is being stopped or was found to have failed, and waits for the program to let go. */
  get forced(): ForcedEnd | null {
    return this.#forced;
  }

  /** The process that is given the prompt, or null before; only what that one says and does is about this turn. */
  get process(): ClaudeProcess | null {
    return this.#process;
  }

  /** Says which process is given the prompt. */
  giveTo(process: ClaudeProcess): void {
    this.#process = process;
    this.#taken = false;
    this.#spoken = false;
  }

  /** Says that the process has taken the prompt. */
  setTaken(): void {
    this.#taken = true;
  }

  /** Whether a process has the prompt, or began the turn by itself. */
  get isWithProcess(): boolean {
    return this.#process !== null && this.#taken;
  }

  /** Whether Claude said or did anything in it. */
  get hasSpoken(): boolean {
    return this.#spoken;
  }

  /** Whether the process can be told not to know of the prompt: it neither took it nor said anything since. */
  get isUnheard(): boolean {
    return !this.#taken && !this.#spoken;
  }

  /**
   * Takes the prompt away from a process that could not begin with it. Each way to begin is tried once in a turn, and none
   * after a tool was used, since nothing may run a second time.
   * @returns whether it may begin in that way
   */
  startOver(start: OtherStart): boolean {
    if (this.#toolsUsed || this.isOver() || this.#startedOver.has(start)) return false;
    this.#startedOver.add(start);
    this.#process = null;
    this.#limit?.dispose();
    return true;
  }

  /** Takes ownership of what watches over the turn; it is released at the turn's end. */
  watchWith(limit: Disposable): void {
    this.#limit?.dispose();
    this.#limit = limit;
  }

  /** Until when the program said that it waits, for a retry or for the end of a limit; in milliseconds since 1970. */
  get quietUntil(): number {
    return this.#quietUntil;
  }

  /** Says how the turn will end. The first word counts. */
  force(end: ForcedEnd): void {
    this.#forced ??= end;
  }

  /**
   * Sees an event of the turn before it is recorded.
   * @param now milliseconds since 1970
   * @returns the event to record
   */
  see(event: SessionEvent, now: number): SessionEvent {
    switch (event.kind) {
      case 'toolUse':
        this.#toolsUsed = true;
        this.#heard();
        return event;
      case 'text':
      case 'thinking':
      case 'usage':
        this.#heard();
        return event;
      case 'status':
        if (event.status === 'retrying') this.#quietUntil = now + event.delayMs;
        return event;
      case 'rateLimit':
        this.#quietUntil = event.state === 'blocked' ? (event.resetsAt ?? Number.POSITIVE_INFINITY) : 0;
        return event;
      case 'toolResult':
        return this.#forced?.kind === 'canceled' && event.isError ? { ...event, canceled: true } : event;
      default:
        return event;
    }
  }

  /** Counts in what a turn used that the program ended before it took this turn's prompt. */
  addEarlierUsage(usage: TurnUsage): void {
    this.#earlierUsage = addUsage(this.#earlierUsage, usage);
  }

  /** The outcome to record for one that the program gave: a turn that was forced to end ends as it was forced. */
  outcomeFor(outcome: TurnOutcome): TurnOutcome {
    const forced = this.#forced;
    const usage = addUsage(this.#earlierUsage, outcome.usage);
    if (forced === null) return { ...outcome, turn: this.id, usage };
    return forced.kind === 'canceled'
      ? { kind: 'canceled', turn: this.id, by: 'user', usage }
      : { kind: 'error', turn: this.id, error: forced.error, usage };
  }

  /**
   * The outcome where the program gave none.
   * @param error what went wrong
   * @param usage what the turn is known to have used
   */
  outcomeWithout(error: Explanation, usage: TurnUsage): TurnOutcome {
    return this.outcomeFor({ kind: 'error', turn: this.id, error, usage });
  }

  /** Ends the turn. Once. */
  end(outcome: TurnOutcome): void {
    this.#limit?.dispose();
    this.#done.resolve(outcome);
  }

  #heard(): void {
    this.#spoken = true;
    this.#quietUntil = 0;
  }
}
