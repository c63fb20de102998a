import { detach } from '../../base/detach.js';
import type { Logger } from '../../base/logger.js';
import type { QueuedMessage } from '../../protocol/chat/toView.js';
import type { MessagePriority } from '../../protocol/cli/lines.js';
import type { Prompt, TurnOutcome } from '../../protocol/session/events.js';
import type { QueuedPrompt } from '../../protocol/state/workspaceState.js';
import { checkPrompt, PromptQueue } from './promptQueue.js';
import type { Steering, SteeringListener } from './steering.js';

/** The turns that the queue waits for. */
export interface QueueTurns {
  /** The running turn, or null. */
  readonly turn: unknown;
  /** Whether the program can be given a message beside the running turn's. */
  readonly canSteer: boolean;
  steer(prompt: Prompt): void;
  /** Stops the running turn. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** The session that a queue belongs to. */
export interface QueueHost {
  readonly turns: QueueTurns;
  /** What the program was given. */
  readonly steering: Pick<Steering, 'isExpecting' | 'recall'>;
  readonly logger: Logger;
  newId(): string;
  /** Begins a turn. */
  run(message: QueuedMessage): void;
  /** What can be seen of the queue changed. */
  changed(): void;
  /** Which of these messages, whose process is gone, the conversation has. */
  findDelivered(messages: readonly QueuedPrompt[]): Promise<ReadonlySet<string>>;
}

/**
 * The messages that a session could not deliver yet, and what the user may do with them. Those that wait when a turn is stopped
 * or fails are held until the user says so; what the user sends afterwards is not.
 */
export class SessionQueue implements Pick<SteeringListener, 'delivered' | 'returned' | 'orphaned'> {
  readonly #host: QueueHost;
  readonly #queue: PromptQueue;
  /** The user stopped the running turn, or had it make room for a message. */
  #stopped = false;
  #disposed = false;
  /** What messages are called since the program gave them back. */
  readonly #renamed = new Map<string, string>();

  /**
   * @param messages those that an earlier run of the editor left
   * @param host the session
   */
  constructor(messages: readonly QueuedPrompt[], host: QueueHost) {
    this.#queue = new PromptQueue(messages);
    this.#host = host;
  }

  /** What is to be kept of them. */
  get messages(): readonly QueuedPrompt[] {
    return this.#queue.messages;
  }

  /** What is shown of them. */
  get shown(): readonly QueuedMessage[] {
    return this.#queue.shown;
  }

  /** Whether messages wait for the user's word. */
  get held(): boolean {
    return this.#queue.held;
  }

  /**
   * Sends a message, or queues it while a turn runs.
   * @param priority when it is delivered during a turn: in place of it, at its next step, after it
   * @throws ArborError `promptEmpty` or `promptTooLarge`; nothing is changed then
   */
  send(text: string, priority: MessagePriority = 'later'): void {
    checkPrompt(text);
    const message = { id: this.#host.newId(), text };
    const { turns, steering } = this.#host;
    // What is held does not keep back what the user sends now.
    if (turns.turn || steering.isExpecting || this.#queue.hasNext) {
      this.#queue.add(message, 'later');
      if (priority === 'next') this.#steer(message.id);
      else if (priority === 'now') this.#detach(this.sendNow(message.id));
    } else this.#host.run(message);
    this.#host.changed();
  }

  /** Sends what is held. */
  sendAll(): void {
    this.#queue.endEdit();
    this.#queue.release();
    this.#goOn();
  }

  /** Takes a message out. @returns its text, or undefined when it is not there any more or the program has it */
  remove(id: string): string | undefined {
    const removed = this.#queue.remove(id);
    this.#goOn();
    return removed?.text;
  }

  /**
   * Asks the program for a message that it was given and that Claude does not have; any other one stays as it is.
   * @returns its id from now on, or null when Claude has it, or is about to
   */
  async takeBack(id: string): Promise<string | null> {
    if (this.#queue.isSent(id) === true) await this.#host.steering.recall(id);
    const own = this.#renamed.get(id) ?? id;
    return this.#queue.isSent(own) === false ? own : null;
  }

  /** The user begins to change a message; until then neither it nor what is behind it is sent. */
  beginEdit(id: string): void {
    this.#queue.beginEdit(id);
    this.#host.changed();
  }

  /** The user does not change a message after all. */
  endEdit(): void {
    this.#queue.endEdit();
    this.#goOn();
  }

  /**
   * Gives a message another text, in its place. One that the program has keeps its own.
   * @throws ArborError `promptEmpty` or `promptTooLarge`; nothing is changed then
   */
  edit(id: string, text: string): void {
    checkPrompt(text);
    this.#queue.edit(id, text);
    this.#goOn();
  }

  /** Moves a message to a place in the list. @param to from 0 */
  move(id: string, to: number): void {
    this.#queue.move(id, to);
    this.#host.changed();
  }

  /** Has a message, or all of them, wait for the user's word. */
  hold(id?: string): void {
    this.#queue.hold(id);
    this.#host.changed();
  }

  /** Has a message wait for its turn only. */
  release(id: string): void {
    this.#queue.release(id);
    this.#goOn();
  }

  /** Has a message delivered at the next step of the running turn; without one, at once. */
  steer(id: string): void {
    this.#steer(id);
    this.#goOn();
  }

  /** Has a message delivered now: the running turn, with the tool that runs, is stopped for it. Resolves when it was. */
  async sendNow(id: string): Promise<void> {
    const own = await this.takeBack(id);
    if (own === null) return;
    this.#queue.first(own, 'now');
    this.#host.changed();
    const { turns } = this.#host;
    if (turns.turn) {
      this.#stopped = true;
      await turns.stop();
    } else this.#goOn();
  }

  /**
   * Stops the running turn and holds what waits; what the user sends from now on goes next. Resolves when the turn has
   * ended.
   */
  async stop(): Promise<void> {
    const { turns } = this.#host;
    this.#queue.hold();
    this.#stopped = turns.turn !== null;
    await turns.stop();
  }

  /** Takes a prompt that no program took; it waits for the user's word, before all others. */
  giveBack({ uuid, text }: Prompt): void {
    this.#queue.add({ id: uuid, text });
    this.#queue.hold(uuid);
    this.#queue.move(uuid, 0);
  }

  /** The running turn has the program's ear: what is to steer it can be sent. */
  turnTaken(): void {
    this.#giveSteering();
  }

  /** A turn has ended. */
  turnEnded(outcome: TurnOutcome): void {
    if (outcome.kind === 'error' || (outcome.kind === 'canceled' && !this.#stopped)) this.#queue.holdRest();
    this.#stopped = false;
  }

  /** Begins the next turn where none runs and something is to be sent. */
  runNext(): void {
    const { turns, steering } = this.#host;
    if (this.#disposed || turns.turn || steering.isExpecting) return;
    const next = this.#queue.next();
    if (next) this.#host.run(next);
  }

  delivered(id: string): void {
    this.#queue.delivered(id);
    this.#host.changed();
  }

  returned(id: string): void {
    // The program takes no message twice in one life, and says that it delivered the one that it gave back.
    const own = this.#host.newId();
    this.#renamed.set(id, own);
    this.#queue.takeBack(id, own);
    this.#goOn();
  }

  orphaned(ids: readonly string[]): void {
    this.#detach(this.#sortOut(ids));
  }

  async #sortOut(ids: readonly string[]): Promise<void> {
    const orphans = this.messages.filter(({ id }) => ids.includes(id));
    let delivered: ReadonlySet<string> = new Set();
    try {
      delivered = await this.#host.findDelivered(orphans);
    } finally {
      for (const id of ids) {
        if (delivered.has(id)) this.#queue.delivered(id);
        else this.#queue.takeBack(id, id, true);
      }
      if (!this.#disposed) this.#goOn();
    }
  }

  #steer(id: string): void {
    if (this.#queue.isSent(id) !== false) return;
    this.#queue.first(id, 'next');
    this.#giveSteering();
  }

  #giveSteering(): void {
    const { turns } = this.#host;
    for (const { id, text } of this.#queue.steering) {
      if (!turns.canSteer) return;
      this.#queue.markSent(id);
      turns.steer({ uuid: id, text });
    }
  }

  /** Sends what can be sent now. */
  #goOn(): void {
    this.runNext();
    this.#host.changed();
  }

  #detach(work: Promise<unknown>): void {
    detach(work, (error) => {
      this.#host.logger.error('Queued messages could not be cared for', error);
    });
  }

  /** Sends nothing any more. */
  dispose(): void {
    this.#disposed = true;
  }
}
