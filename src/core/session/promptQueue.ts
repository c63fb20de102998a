import { ArborError } from '../../base/errors.js';
import type { QueuedMessage } from '../../protocol/chat/toView.js';
import { maxPromptLength } from '../../protocol/chat/toHost.js';

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

/** The messages that wait for the running turn to end. After a turn that was stopped or failed they are held. */
export class PromptQueue {
  #messages: readonly QueuedMessage[];
  #held: boolean;

  /** @param messages those that an earlier run of the editor left; they are held until the user says so */
  constructor(messages: readonly QueuedMessage[]) {
    this.#messages = messages;
    this.#held = messages.length > 0;
  }

  get messages(): readonly QueuedMessage[] {
    return this.#messages;
  }

  /** Whether the messages wait for the user's word. */
  get held(): boolean {
    return this.#held && this.#messages.length > 0;
  }

  add(message: QueuedMessage): void {
    this.#messages = [...this.#messages, message];
  }

  /** Takes out one message. @returns it, or undefined when it is not there any more */
  remove(id: string): QueuedMessage | undefined {
    const found = this.#messages.find((message) => message.id === id);
    this.#messages = this.#messages.filter((message) => message !== found);
    return found;
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /** Takes the message that is sent next, or undefined when there is none or the queue is held. */
  next(): QueuedMessage | undefined {
    const first = this.#held ? undefined : this.#messages[0];
    if (first) this.#messages = this.#messages.slice(1);
    else if (this.#messages.length === 0) this.#held = false;
    return first;
  }
}
