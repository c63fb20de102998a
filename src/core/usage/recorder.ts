import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { explain, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import type { Logger } from '../../base/logger.js';
import type { TurnOutcome } from '../../protocol/session/events.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import type { UsageLedger } from '../storePorts.js';
import { turnEntry } from './turnEntry.js';

/** Is told of every turn's end. */
export interface TurnEnds {
  /**
   * A turn has ended.
   * @param record the session's
   * @param outcome how, with what it used
   * @param at when, in milliseconds since 1970, where that is not now
   */
  turnEnded(record: SessionRecord, outcome: TurnOutcome, at?: number): void;
}

/** Writes down what turns used. That this fails stops no turn, and is told once for a run of failures. */
export class UsageRecorder implements TurnEnds, Disposable {
  readonly #ledger: UsageLedger;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #problems: Emitter<Explanation>;
  #failed = false;

  /** Fires with what the user should be told. */
  readonly onProblem: Event<Explanation>;

  /**
   * @param ledger where it is written
   * @param clock tells when a turn ended
   * @param logger told of every failure
   */
  constructor(ledger: UsageLedger, clock: Clock, logger: Logger) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#logger = logger;
    this.#problems = new Emitter<Explanation>((error) => {
      logger.error('A listener of the record of usage failed', error);
    });
    this.onProblem = this.#problems.event;
  }

  turnEnded(record: SessionRecord, outcome: TurnOutcome, at = this.#clock.now()): void {
    const written = this.#ledger.append(turnEntry(record, outcome, at)).then(() => {
      this.#failed = false;
    });
    detach(written, (error) => {
      this.#logger.error('What a turn used could not be recorded', error);
      if (this.#failed) return;
      this.#failed = true;
      this.#problems.fire(explain(error, 'What this turn used could not be recorded.'));
    });
  }

  dispose(): void {
    this.#problems.dispose();
  }
}
