import { Deferred } from '../../base/deferred.js';
import type { Disposable } from '../../base/disposable.js';
import type { Explanation } from '../../base/errors.js';
import { noTurnUsage, type Prompt, type SessionEvent, type TurnOutcome } from '../../protocol/session/events.js';

/** Why a turn ends although the program did not end it. */
export type ForcedEnd = { readonly kind: 'canceled' } | { readonly kind: 'error'; readonly error: Explanation };

/** One turn of a session, from its prompt to its one outcome. */
export class Turn {
  readonly id: string;
  readonly prompt: Prompt | null;
  readonly #done = new Deferred<TurnOutcome>();
  #forced: ForcedEnd | null = null;
  #toolsUsed = false;
  #delivered = false;
  #limit: Disposable | undefined;

  /**
   * @param id the turn's id
   * @param prompt what the user said, or null when the program began by itself
   */
  constructor(id: string, prompt: Prompt | null) {
    this.id = id;
    this.prompt = prompt;
  }

  /** Resolves with the turn's outcome. */
  get done(): Promise<TurnOutcome> {
    return this.#done.promise;
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#done.settled;
  }

  /** Whether the program has the prompt; only then is what it says about this turn. */
  get delivered(): boolean {
    return this.#delivered;
  }

  setDelivered(delivered: boolean): void {
    this.#delivered = delivered;
  }

  /** Whether nothing more is to be begun for it: it has ended, or is about to. */
  isOver(): boolean {
    return this.ended || this.#forced !== null;
  }

  /** Whether it is being stopped or was found to have failed, and waits for the program to let go. */
  get forced(): ForcedEnd | null {
    return this.#forced;
  }

  /** Whether a tool was used in it: then it must not be run a second time. */
  get toolsUsed(): boolean {
    return this.#toolsUsed;
  }

  /** Takes ownership of what watches over the turn; it is released at the turn's end. */
  watchWith(limit: Disposable): void {
    this.#limit = limit;
  }

  /** Says how the turn will end. The first word counts. */
  force(end: ForcedEnd): void {
    this.#forced ??= end;
  }

  /** Sees an event of the turn before it is recorded. @returns the event to record */
  see(event: SessionEvent): SessionEvent {
    if (event.kind === 'toolUse') this.#toolsUsed = true;
    const stopping = this.#forced?.kind === 'canceled';
    return stopping && event.kind === 'toolResult' && event.isError ? { ...event, canceled: true } : event;
  }

  /** The outcome to record for one that the program gave: a turn that was forced to end ends as it was forced. */
  outcomeFor(outcome: TurnOutcome): TurnOutcome {
    const forced = this.#forced;
    if (forced === null) return outcome;
    const { usage } = outcome;
    return forced.kind === 'canceled'
      ? { kind: 'canceled', turn: this.id, by: 'user', usage }
      : { kind: 'error', turn: this.id, error: forced.error, usage };
  }

  /** The outcome where the program gave none. */
  outcomeWithout(error: Explanation): TurnOutcome {
    return this.outcomeFor({ kind: 'error', turn: this.id, error, usage: noTurnUsage });
  }

  /** Ends the turn. Once. */
  end(outcome: TurnOutcome): void {
    this.#limit?.dispose();
    this.#done.resolve(outcome);
  }
}
