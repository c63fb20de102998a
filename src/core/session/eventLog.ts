import { detach } from '../../base/detach.js';
import { Emitter, type Event } from '../../base/event.js';
import type { Disposable } from '../../base/disposable.js';
import { explain } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { noTurnUsage, type SessionEvent } from '../../protocol/session/events.js';
import { emptyTranscript, type Message, type Transcript } from '../../protocol/session/transcript.js';
import type { Journal } from '../storePorts.js';
import { TranscriptReducer } from './reducer.js';

/** Events with their place in the session: the first one's sequence number and the one that comes next. */
export interface EventBatch {
  readonly from: number;
  readonly next: number;
  readonly events: readonly SessionEvent[];
}

/**
 * The one way by which anything happens in a session: an event gets its sequence number, goes to the journal and into
 * the reducer, and then to those who listen.
 */
export class EventLog implements Disposable {
  readonly #sessionId: string;
  readonly #journal: Journal;
  readonly #logger: Logger;
  readonly #emitter: Emitter<EventBatch>;
  readonly #reducer: TranscriptReducer;
  #next = 0;
  #journalFailed = false;

  /** Fires after the reducer took the events. */
  readonly onEvents: Event<EventBatch>;

  /**
   * @param sessionId whose events these are
   * @param journal where they are kept
   * @param logger told when the journal fails
   */
  constructor(sessionId: string, journal: Journal, logger: Logger) {
    this.#sessionId = sessionId;
    this.#journal = journal;
    this.#logger = logger;
    this.#reducer = new TranscriptReducer(emptyTranscript());
    this.#emitter = new Emitter<EventBatch>((error) => {
      logger.error('A listener of session events failed', error);
    });
    this.onEvents = this.#emitter.event;
  }

  /** The session as its events made it. */
  get transcript(): Transcript {
    return this.#reducer.transcript;
  }

  /** Sequence number of the next event. */
  get next(): number {
    return this.#next;
  }

  /** Whether a tool of the running turn runs or waits for a permission. */
  get isToolRunning(): boolean {
    return this.#reducer.tools.isAnyRunning;
  }

  /**
   * Takes what an earlier run of the editor left, from the program's transcript: shown, but not written again.
   * @param events the conversation
   * @param next sequence number of the next event
   * @param firstNumber number of the first message
   */
  replay(events: readonly SessionEvent[], next: number, firstNumber = 1): void {
    this.transcript.firstNumber = firstNumber;
    for (const event of events) this.#reducer.apply(event);
    this.#next = Math.max(this.#next, next);
    // A turn that had no end when it was written does not run any more.
    const { turn } = this.transcript;
    if (turn !== null) this.#reducer.apply({ kind: 'canceled', turn, by: 'program', usage: noTurnUsage });
  }

  /**
   * Puts earlier messages before those that are there.
   * @param earlier the oldest first; their numbers become those before
   */
  prepend(earlier: readonly Message[]): void {
    const { transcript } = this;
    const from = (transcript.messages[0]?.number ?? transcript.firstNumber) - earlier.length;
    transcript.messages.unshift(...earlier.map((message, index) => ({ ...message, number: from + index })));
  }

  /** Records what happened. */
  record(events: readonly SessionEvent[]): void {
    detach(this.recordDurably(events), (error) => {
      this.#logger.error('Events could not be recorded', error);
    });
  }

  /**
   * Records what happened.
   * @returns resolves when the journal has it, also when it could not be written: that is then said in a notice
   */
  recordDurably(events: readonly SessionEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    const from = this.#next;
    this.#next += events.length;
    for (const event of events) this.#reducer.apply(event);
    const written = this.#journal.append(this.#sessionId, from, events).then(
      () => {
        this.#journalFailed = false;
      },
      (error: unknown) => {
        this.#onJournalError(error);
      },
    );
    this.#emitter.fire({ from, next: this.#next, events });
    return written;
  }

  /** One notice for a run of failures, not one for each event. */
  #onJournalError(error: unknown): void {
    this.#logger.error('The journal could not be written', error);
    if (this.#journalFailed) return;
    this.#journalFailed = true;
    const notice = explain(error, 'The journal of this session could not be written.');
    this.record([{ kind: 'notice', level: 'warning', notice }]);
  }

  dispose(): void {
    this.#emitter.dispose();
  }
}
