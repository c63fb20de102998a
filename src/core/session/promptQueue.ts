import { ArborError } from '../../base/errors.js';
import type { QueuedMessage } from '../../protocol/chat/toView.js';
import { maxPromptLength } from '../../protocol/chat/toHost.js';
import type { QueuedPrompt } from '../../protocol/state/workspaceState.js';

/**
 * Refuses a prompt that cannot be sent.
 * @throws ArborError `promptEmpty` or `promptTooLarge`; the text is then still the caller's
 */
export function checkPrompt(text: string): void {
  if (text.trim() === '') {
    throw new ArborError({ code: 'promptEmpty', what: 'The message is empty.', next: 'Type something to send.' });
  }
  if (text.length > maxPromptLength) {
    throw new ArborError({
      code: 'promptTooLarge',
      what: `The message is too long (${String(text.length)} characters; at most ${String(maxPromptLength)}).`,
      kept: 'It is back in the message box.',
      next: 'Put the text into a file and name the file in the message.',
    });
  }
}

interface Waiting {
  readonly message: QueuedMessage;
  readonly held: boolean;
}

/**
 * The messages that wait for the running turn to end. Those that wait when a turn is stopped or fails are held until the user
 * says so; what the user sends afterwards is not.
 */
export class PromptQueue {
  #waiting: readonly Waiting[];

  /** @param messages those that an earlier run of the editor left; they are held */
  constructor(messages: readonly QueuedMessage[]) {
    this.#waiting = messages.map((message) => ({ message, held: true }));
  }

  get messages(): readonly QueuedPrompt[] {
    return this.#waiting.map(({ message: { id, text, priority }, held }) => ({
      id,
      text,
      priority: priority ?? 'later',
      held,
    }));
  }

  /** Whether messages wait for the user's word. */
  get held(): boolean {
    return this.#waiting.some(({ held }) => held);
  }

  /** Whether there is one to send next. */
  get hasNext(): boolean {
    return this.#waiting.some(({ held }) => !held);
  }

  /** Puts a message at the end. */
  add(message: QueuedMessage): void {
    this.#waiting = [...this.#waiting, { message, held: false }];
  }

  /** Takes out one message. @returns it, or undefined when it is not there any more */
  remove(id: string): QueuedMessage | undefined {
    const found = this.#waiting.find(({ message }) => message.id === id);
    this.#waiting = this.#waiting.filter((waiting) => waiting !== found);
    return found?.message;
  }

  /** Holds what waits now. */
  hold(): void {
    this.#waiting = this.#waiting.map(({ message }) => ({ message, held: true }));
  }

  /** Holds nothing any more. */
  release(): void {
    this.#waiting = this.#waiting.map(({ message }) => ({ message, held: false }));
  }

  /** Takes the message that is sent next, or undefined when there is none that is not held. */
  next(): QueuedMessage | undefined {
    const next = this.#waiting.find(({ held }) => !held);
    this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
    return next?.message;
  }
}
