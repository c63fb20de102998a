import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { Emitter, type Event } from '../../base/event.js';
import type { QueuedMessage } from '../../protocol/chat/toView.js';
import type { MessagePriority, PermissionMode } from '../../protocol/cli/lines.js';
import type { NoticeEvent, TurnOutcome } from '../../protocol/session/events.js';
import type { Transcript } from '../../protocol/session/transcript.js';
import type { QueuedPrompt, SessionRecord } from '../../protocol/state/workspaceState.js';
import { nameOf, type Lifecycle } from '../lifecycle/machine.js';
import type { ProgramInfo } from '../ports.js';
import type { ConversationPage } from '../storePorts.js';
import { deliveredOf } from './deliveredPrompts.js';
import { hasUnknownPrompt, saidElsewhere } from './elsewhere.js';
import { EventLog, type EventBatch } from './eventLog.js';
import { isAside, keptRecord } from './forks.js';
import { History, pageSize } from './history.js';
import { findOther, notSentElsewhere } from './otherPrograms.js';
import type { RunningProcess } from './processSlot.js';
import { launchOptionsOf, promptOf, withHead, withPrompt } from './recordChanges.js';
import type { SessionServices } from './services.js';
import { SessionQueue, type QueueHost } from './sessionQueue.js';
import { Steering, type SteeringListener } from './steering.js';
import type { TurnHost } from './turnHost.js';
import { TurnRunner } from './turnRunner.js';

/** What a session is doing, for a view. */
export type SessionState = 'idle' | 'starting' | 'ready' | 'running' | 'waiting' | 'stopping';

/** What may be changed of a record at any time. */
export type ChangeableField = 'name' | 'nameFrom' | 'draft' | 'scroll' | 'starred' | 'archived' | 'unread' | 'tags';

/** A conversation in a folder: its record, its messages, its queue and, through the turn runner, its process. */
export class Session implements Disposable {
  readonly #services: SessionServices;
  readonly #log: EventLog;
  readonly #runner: TurnRunner;
  readonly #steering: Steering;
  readonly #changed: Emitter<undefined>;
  readonly #turnEnds: Emitter<TurnOutcome>;
  #record: SessionRecord;
  /** How many changes of the model or the mode the program has not answered yet. */
  #choosing = 0;
  #disposed = false;

  /** The messages that wait, and what can be done with them. */
  readonly queue: SessionQueue;
  /** The part of the conversation that is in the program's transcript. */
  readonly history: History;
  /** Fires with every batch of events, after they were taken into the transcript. */
  readonly onEvents: Event<EventBatch>;
  /** Fires when anything but the transcript changed: the record, the queue, the process, the state. */
  readonly onChange: Event<undefined>;
  /** Fires when a turn has ended and was recorded. */
  readonly onTurnEnd: Event<TurnOutcome>;

  /**
   * @param record what is kept of the session
   * @param services what all sessions share
   */
  constructor(record: SessionRecord, services: SessionServices) {
    this.#record = record;
    this.#services = services;
    this.#log = new EventLog(record.id, services.journal, services.logger);
    this.history = new History(services.transcripts, { folder: record.folder, sessionId: record.id }, this.#log);
    // A transcript has no costs; what the turns reported at their time is in the record.
    this.#log.transcript.total = record.total;
    this.onEvents = this.#log.onEvents;
    const onError = (error: unknown): void => {
      services.logger.error('A listener of a session failed', error);
    };
    this.#changed = new Emitter<undefined>(onError);
    this.onChange = this.#changed.event;
    this.#turnEnds = new Emitter<TurnOutcome>(onError);
    this.onTurnEnd = this.#turnEnds.event;
    this.#steering = new Steering(this.#steeringListener(), services.clock, services.logger);
    this.#runner = new TurnRunner(this.#turnHost(), this.#log, services, this.#steering);
    this.queue = new SessionQueue(record.queue, this.#queueHost());
  }

  get id(): string {
    return this.#record.id;
  }

  /** What is to be kept of the session now. A prompt that the program does not have yet is kept with those that wait. */
  get record(): SessionRecord {
    const { undelivered } = this.#runner;
    const first: QueuedPrompt[] = undelivered
      ? [{ id: undelivered.uuid, text: undelivered.text, priority: 'later', held: false }]
      : [];
    return { ...this.#record, queue: [...first, ...this.queue.messages], total: this.transcript.total };
  }

  /** The conversation so far. */
  get transcript(): Transcript {
    return this.#log.transcript;
  }

  /** Sequence number of the next event. */
  get nextSequence(): number {
    return this.#log.next;
  }

  /** What the program said of itself, or null before it was started. */
  get program(): ProgramInfo | null {
    return this.#runner.program;
  }

  /** The program's lines that no event stands for, for "Show Raw Events". */
  get rawEvents(): TurnRunner['rawEvents'] {
    return this.#runner.rawEvents;
  }

  get state(): SessionState {
    const name = nameOf(this.lifecycle);
    switch (name) {
      case 'starting':
      case 'ready':
      case 'running':
      case 'waiting':
      case 'stopping':
        return name;
      case 'background':
        return 'ready';
      case 'asleep':
      case 'ending':
      case 'failed':
      case 'closed':
        // Whether there is a process is no matter of the user's: the next message wakes one.
        return 'idle';
    }
  }

  /** Where the session's process and its turn are. */
  get lifecycle(): Lifecycle {
    return this.#runner.lifecycle;
  }

  /** The session's process, or null without one. */
  get running(): Pick<RunningProcess, 'process' | 'startedAt'> | null {
    return this.#runner.running;
  }

  /**
   * Shows what an earlier run of the editor left, from the program's transcript.
   * @param page the end of the conversation; what is before it is read on demand
   * @param next sequence number of the next event
   */
  restore(page: Pick<ConversationPage, 'events' | 'cursor'>, next = 0): void {
    this.history.restore(page, next);
    this.#log.transcript.total = this.#record.total;
  }

  /** Takes over a warm process whose session id is this session's. */
  adopt(running: RunningProcess): void {
    this.#runner.adopt(running);
  }

  /**
   * Starts the process where there is none, and tells it the session's model and mode.
   * @throws ArborError when it cannot be started
   */
  start(): Promise<void> {
    return this.#runner.warm();
  }

  /** Starts the process ahead of the first message. A failure is no error yet: the message will say it. */
  warm(): void {
    detach(this.start(), (error) => {
      this.#services.logger.info(`The program could not be started ahead: ${String(error)}`);
    });
  }

  /** Ends the process where nobody needs it; the next message, or a call of `warm`, wakes another. */
  sleep(): void {
    this.#runner.sleep();
  }

  /** Stops the turn, if one runs, and ends the process. Resolves when it is gone. The conversation can be resumed. */
  async endProcess(): Promise<void> {
    if (this.#runner.turn) await this.stop();
    await this.#runner.end();
  }

  /**
   * Sends a message, or queues it while a turn runs.
   * @param text the user's words
   * @param priority when it is delivered during a turn: in place of it, at its next step, after it
   * @throws ArborError `promptEmpty` or `promptTooLarge`; nothing is changed then
   */
  send(text: string, priority: MessagePriority = 'later'): void {
    this.queue.send(text, priority);
  }

  /** Sends what is held in the queue. */
  sendQueue(): void {
    this.queue.sendAll();
  }

  /** Takes a message out of the queue. @returns its text, or undefined when it was sent meanwhile */
  unqueue(id: string): string | undefined {
    return this.queue.remove(id);
  }

  /**
   * Stops the running turn and holds what waits; what the user sends from now on goes next. Resolves when the turn has
   * ended.
   */
  stop(): Promise<void> {
    return this.queue.stop();
  }

  /** Says something to the user in the conversation, outside of any turn. */
  notice(level: NoticeEvent['level'], notice: NoticeEvent['notice']): void {
    this.#log.record([{ kind: 'notice', level, notice }]);
  }

  /**
   * Takes in what another program added to the conversation, where it did. The session's process would go on from where the
   * conversation was before, so that it is ended; the next message wakes one that knows it all.
   * @throws ArborError or the file system's error, as `Transcripts.readLast`
   */
  async followTranscript(): Promise<void> {
    const { id, folder } = this.#record;
    const { transcripts } = this.#services;
    if (!this.#canFollow()) return;
    // The last turn is nearly always one of ours: then nothing more is read.
    const { events: last } = await transcripts.readLast(folder, id, 1);
    if (!hasUnknownPrompt(last, this.transcript.messages)) return;
    const { events } = await transcripts.readLast(folder, id, pageSize);
    if (!this.#canFollow()) return;
    const said = saidElsewhere(events, this.transcript.messages);
    if (said.length === 0) return;
    this.#log.record(said);
    this.#runner.sleep();
    this.#changed.fire(undefined);
  }

  /** For code that has waited: a turn may run by now, which says what is new itself. */
  #canFollow(): boolean {
    return !this.#runner.turn && !this.#disposed;
  }

  /** Changes what is kept of the session; the program is not told. */
  update(change: Partial<Pick<SessionRecord, ChangeableField>>): void {
    this.#record = { ...this.#record, ...change };
    this.#changed.fire(undefined);
  }

  /** Makes an aside a fork like any other, which stays. */
  promote(): void {
    if (!isAside(this.#record)) return;
    this.#record = keptRecord(this.#record);
    this.#changed.fire(undefined);
  }

  /** Chooses the model from now on, null for the program's default. @throws ArborError when the program refuses it */
  setModel(model: string | null): Promise<void> {
    return this.#choose('model', { model });
  }

  /** Chooses the permission mode from now on. @throws ArborError when the program refuses it */
  setMode(mode: PermissionMode): Promise<void> {
    return this.#choose('mode', { mode });
  }

  async #choose(kind: 'model' | 'mode', choice: Partial<Pick<SessionRecord, 'model' | 'mode'>>): Promise<void> {
    this.#record = { ...this.#record, ...choice };
    this.#choosing += 1;
    this.#changed.fire(undefined);
    try {
      await this.#runner.align(kind);
    } catch (error) {
      // Refused: the session is as the program is, whatever was chosen before or since.
      const { model, mode } = this.#runner.running ?? this.#record;
      this.#record = { ...this.#record, ...(kind === 'model' ? { model } : { mode }) };
      throw error;
    } finally {
      this.#choosing -= 1;
      this.#changed.fire(undefined);
    }
  }

  #turnHost(): TurnHost {
    const record = (): SessionRecord => this.#record;
    return {
      id: this.id,
      get model() {
        return record().model;
      },
      get mode() {
        return record().mode;
      },
      launchOptions: () => launchOptionsOf(this.#record),
      hasConversation: async () => {
        const { id, folder, head } = this.#record;
        return head !== null || (await this.#services.transcripts.exists(folder, id));
      },
      whyInUse: async () => {
        const { registry, clock } = this.#services;
        const other = await findOther(registry, this, clock);
        return other && notSentElsewhere(other);
      },
      get origin() {
        return record().lineage;
      },
      turnEnded: (outcome) => {
        this.#turnEnded(outcome);
      },
      turnTaken: () => {
        this.queue.turnTaken();
      },
      sawMode: (mode) => {
        // What the user has just chosen counts, until the program has answered.
        if (this.#choosing === 0) this.#record = { ...this.#record, mode };
      },
      changed: () => {
        this.#changed.fire(undefined);
      },
    };
  }

  #steeringListener(): SteeringListener {
    return {
      delivered: (id) => {
        this.queue.delivered(id);
      },
      returned: (id) => {
        this.queue.returned(id);
      },
      orphaned: (ids) => {
        this.queue.orphaned(ids);
      },
      stuck: () => {
        const { logger } = this.#services;
        logger.warn('The program neither delivers a message nor gives it back; it is ended');
        detach(this.#runner.end(), (error) => {
          logger.error('A program could not be ended', error);
        });
      },
    };
  }

  #queueHost(): QueueHost {
    const { logger, newId } = this.#services;
    return {
      turns: this.#runner,
      steering: this.#steering,
      logger,
      newId,
      run: (message) => {
        this.#run(message);
      },
      changed: () => {
        this.#changed.fire(undefined);
      },
      findDelivered: (messages) => this.#findDelivered(messages),
    };
  }

  /** Looks for messages in the transcript whose process is gone, and shows those that Claude has. */
  async #findDelivered(messages: readonly QueuedPrompt[]): Promise<ReadonlySet<string>> {
    const { folder, id } = this.#record;
    const { events } = await this.#services.transcripts.readLast(folder, id, pageSize);
    const delivered = deliveredOf(events, messages);
    const found = messages.filter((message) => delivered.has(message.id));
    if (this.#disposed) return delivered;
    this.#log.record(found.map((message) => ({ kind: 'steeringDelivered', prompt: promptOf(message) })));
    return delivered;
  }

  #turnEnded(outcome: TurnOutcome): void {
    if (outcome.kind === 'complete') this.#record = withHead(this.#record, this.transcript, outcome.turn);
    this.queue.turnEnded(outcome);
    this.#services.usage.turnEnded(this.#record, outcome);
    this.#turnEnds.fire(outcome);
    if (!this.#disposed) this.queue.runNext();
  }

  #run(message: QueuedMessage): void {
    this.#record = withPrompt(this.#record, message.text, this.#services.clock.now());
    // One that no program took and that is not what is sent again must not be forgotten for it.
    const { undelivered } = this.#runner;
    if (undelivered && undelivered.text !== message.text) this.queue.giveBack(undelivered);
    this.#runner.run(promptOf(message));
  }

  /** Ends the process and what waits for it. What is kept of the session stays. */
  dispose(): void {
    this.#disposed = true;
    this.#services.broker.denyAll(this.id, 'The session was closed.', 'closed');
    this.queue.dispose();
    this.#steering.dispose();
    this.#runner.dispose();
    this.#log.dispose();
    this.#changed.dispose();
    this.#turnEnds.dispose();
  }
}
