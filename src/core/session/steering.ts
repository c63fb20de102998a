import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import type { Prompt } from '../../protocol/session/events.js';
import type { ClaudeProcess } from '../ports.js';

/** Milliseconds after a turn's end in which the program begins the next one with a message that it was given. */
export const steeringGraceMs = 3000;

/** Told what becomes of messages. */
export interface SteeringListener {
  /** The program says that Claude has it. */
  delivered(id: string): void;
  /** The program gave it back: Claude will never have it. */
  returned(id: string): void;
  /** The program is gone. Whether Claude had them is to be found out. */
  orphaned(ids: readonly string[]): void;
  /** The program has messages, runs no turn, and neither delivers them nor gives them back. */
  stuck(): void;
}

interface Given {
  readonly prompt: Prompt;
  readonly process: ClaudeProcess;
}

/**
 * The messages that the program was given while it works on another one. It delivers them at its next step, or, when the turn
 * ends before, as the next turn's prompt, several as one. Only its echo says that Claude has a message; until then it can be
 * asked to give it back (`cancel_async_message`, known to all versions from 2.1.200 on).
 */
export class Steering implements Disposable {
  readonly #listener: SteeringListener;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #given = new Map<string, Given>();
  #timer: Disposable | null = null;
  #heard: Prompt | null = null;

  constructor(listener: SteeringListener, clock: Clock, logger: Logger) {
    this.#listener = listener;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Whether the program has messages that Claude does not have. */
  get isExpecting(): boolean {
    return this.#given.size > 0;
  }

  /** Gives a message to a program that runs a turn. */
  give(prompt: Prompt, process: ClaudeProcess): void {
    const given = { prompt, process };
    this.#given.set(prompt.uuid, given);
    detach(process.send({ uuid: prompt.uuid, text: prompt.text, priority: 'next' }), (error) => {
      this.#logger.info(`The program did not take a message: ${String(error)}`);
      // Nobody knows what it read of it; its end will say.
      if (this.#given.get(prompt.uuid) === given) this.#listener.stuck();
    });
  }

  /** A process says that Claude has a message. @returns the message, when it is one of these */
  echoed(uuid: string, process: ClaudeProcess): Prompt | null {
    const given = this.#given.get(uuid);
    if (given?.process !== process) return null;
    this.#given.delete(uuid);
    this.#heard = given.prompt;
    this.#settle();
    this.#listener.delivered(uuid);
    return given.prompt;
  }

  /** The prompt with the words that we sent: of several that it delivers as one, the program's echo has all. */
  ownWords(prompt: Prompt): Prompt {
    return this.#heard?.uuid === prompt.uuid ? this.#heard : prompt;
  }

  /** Asks the program to give a message back. @returns whether it did; if not, Claude has it or will have it */
  async recall(uuid: string): Promise<boolean> {
    const given = this.#given.get(uuid);
    if (!given) return false;
    let isBack = false;
    try {
      const answer = await given.process.control({ subtype: 'cancel_async_message', message_uuid: uuid });
      isBack = answer['cancelled'] === true;
    } catch (error) {
      this.#logger.info(`The program did not say whether it gives a message back: ${String(error)}`);
    }
    if (!isBack || this.#given.get(uuid) !== given) return false;
    this.#given.delete(uuid);
    this.#settle();
    this.#listener.returned(uuid);
    return true;
  }

  /** Asks for all of them back. The requests are written before anything else that the caller writes. */
  async recallAll(): Promise<void> {
    await Promise.all([...this.#given.keys()].map((uuid) => this.recall(uuid)));
  }

  /** A turn has begun: the program goes on. */
  turnBegan(): void {
    this.#stopWaiting();
  }

  /** The turn has ended. What is still there begins the next one, and soon. */
  turnEnded(): void {
    if (this.isExpecting) this.#wait(() => this.recallAll());
  }

  /** A process is gone, and all that it printed was read. */
  gone(process: ClaudeProcess): void {
    const ids = [...this.#given].flatMap(([id, given]) => (given.process === process ? [id] : []));
    if (ids.length === 0) return;
    for (const id of ids) this.#given.delete(id);
    this.#settle();
    this.#listener.orphaned(ids);
  }

  /** Waits for the program to go on, then does something about it, then waits once more and gives it up. */
  #wait(attempt: (() => Promise<void>) | null): void {
    this.#stopWaiting();
    this.#timer = this.#clock.after(steeringGraceMs, () => {
      this.#timer = null;
      if (!this.isExpecting) return;
      if (attempt === null) {
        this.#listener.stuck();
        return;
      }
      this.#wait(null);
      detach(attempt(), (error) => {
        this.#logger.error('Messages could not be asked back', error);
      });
    });
  }

  /** Where nothing is expected any more, nothing is waited for. */
  #settle(): void {
    if (!this.isExpecting) this.#stopWaiting();
  }

  #stopWaiting(): void {
    this.#timer?.dispose();
    this.#timer = null;
  }

  dispose(): void {
    this.#stopWaiting();
    this.#given.clear();
  }
}
