import type { Explanation } from '../../base/errors.js';
import { stringAt, type JsonObject } from '../../base/json.js';
import { noUsage, type TokenUsage, type TurnOutcome, type TurnUsage } from '../../protocol/session/events.js';
import { addTokens } from '../../protocol/session/transcript.js';

/**
 * What comes after the lines that are known of a turn: the next turn, the end of the transcript (what is unfinished then was
 * cut off, or still goes on elsewhere), or more of the same turn that is not shown here.
 */
export type TurnEnd = 'turn' | 'end' | 'more';

/** What a transcript shows of a turn, and how it must have ended. */
export class ReplayedTurn {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly #isCommand: boolean;
  readonly #tokens = new Map<string, TokenUsage>();
  readonly #openTools = new Set<string>();
  #lastAt: number;
  #interrupted = false;
  #failure: { readonly category: string | null; readonly text: string } | null = null;
  /** Claude has the last word. */
  #answered = false;
  #empty = true;

  /**
   * @param line the line it begins with
   * @param isCommand whether the user ran a command of the program, which may have nothing to say
   */
  constructor(line: JsonObject, isCommand: boolean) {
    this.id = stringAt(line, 'uuid') ?? '';
    this.startedAt = timeOf(line) ?? 0;
    this.#lastAt = this.startedAt;
    this.#isCommand = isCommand;
  }

  /** Any line of it. */
  sawAt(line: JsonObject): void {
    this.#lastAt = Math.max(this.#lastAt, timeOf(line) ?? 0);
  }

  /** A message of Claude, with the tokens it used; of several lines of one message the last counts. */
  sawMessage(id: string, tokens: TokenUsage): void {
    this.#tokens.set(id, tokens);
    this.spoke();
  }

  /** Claude or the program said something. An error before that was got over. */
  spoke(): void {
    this.#answered = true;
    this.#empty = false;
    this.#failure = null;
  }

  steered(): void {
    this.#answered = false;
  }

  toolOpened(id: string): void {
    this.#openTools.add(id);
  }

  toolEnded(id: string): void {
    this.#openTools.delete(id);
    this.#answered = false;
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  fail(category: string | null, text: string): void {
    this.#failure = { category, text };
  }

  /**
   * How it ended.
   * @param end what comes after it
   * @param explain what a failure means to the user
   */
  outcome(end: TurnEnd, explain: (category: string | null, text: string) => Explanation): TurnOutcome {
    const { id: turn } = this;
    const usage = this.#usage();
    if (this.#interrupted) return { kind: 'canceled', turn, by: 'user', usage };
    if (this.#failure)
      return { kind: 'error', turn, error: explain(this.#failure.category, this.#failure.text), usage };
    const isUnfinished = this.#openTools.size > 0 || this.#empty || (end === 'end' && !this.#answered);
    if (isUnfinished && end !== 'more' && !this.#isCommand) return { kind: 'canceled', turn, by: 'program', usage };
    return { kind: 'complete', turn, usage };
  }

  #usage(): TurnUsage {
    const tokens = [...this.#tokens.values()].reduce(addTokens, noUsage);
    return { tokens, costUsd: 0, durationMs: Math.max(0, this.#lastAt - this.startedAt) };
  }
}

function timeOf(line: JsonObject): number | undefined {
  const at = Date.parse(stringAt(line, 'timestamp') ?? '');
  return Number.isNaN(at) ? undefined : at;
}
