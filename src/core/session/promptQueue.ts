import { ArborError } from '../../base/errors.js';
import type { MessagePriority } from '../../protocol/cli/lines.js';
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

/** A message as the queue has it. */
interface Waiting extends QueuedPrompt {
  /** The program has it, and has not said yet that Claude does. */
  readonly sent: boolean;
  /** The user is changing its text: neither it nor what is behind it is sent. */
  readonly edited: boolean;
}

/**
 * The messages that were not delivered yet, in the order in which they will be. Those that the program has come first. What is
 * held waits for the user's word and keeps back nothing else. Nothing here knows of turns or time; see `SessionQueue`.
 */
export class PromptQueue {
  #waiting: readonly Waiting[];

  /** @param messages those that an earlier run of the editor left; they are held, and the turn they were meant for is over */
  constructor(messages: readonly Pick<QueuedPrompt, 'id' | 'text'>[]) {
    this.#waiting = messages.map(({ id, text }) => ({ ...fresh, id, text, held: true }));
  }

  /** What is to be kept of them. */
  get messages(): readonly QueuedPrompt[] {
    return this.#waiting.map(({ id, text, priority, held }) => ({ id, text, priority, held }));
  }

  /** What is shown of them. */
  get shown(): readonly QueuedMessage[] {
    return this.#waiting.map(({ id, text, priority, held, sent, edited }) => {
      const state = sent ? 'sent' : edited ? 'edited' : held ? 'held' : 'waiting';
      return { id, text, priority, held, state };
    });
  }

  /** Whether messages wait for the user's word. */
  get held(): boolean {
    return this.#waiting.some(({ held, sent }) => held && !sent);
  }

  /** Whether there is one to send next. */
  get hasNext(): boolean {
    return this.#next() !== undefined;
  }

  /** Those that are to be given to the program at once, so that it delivers them at its next step. */
  get steering(): readonly QueuedMessage[] {
    return this.#waiting.filter((waiting) => isFree(waiting) && waiting.priority === 'next').map(messageOf);
  }

  /** Whether the program has it, or null when it is not here. */
  isSent(id: string): boolean | null {
    return this.#get(id)?.sent ?? null;
  }

  /** Puts a message at the end. */
  add(message: Pick<QueuedMessage, 'id' | 'text'>, priority: MessagePriority = 'later'): void {
    this.#waiting = [...this.#waiting, { ...fresh, id: message.id, text: message.text, priority }];
  }

  /** Takes out one message, unless the program has it. @returns it, or undefined when it is not there any more */
  remove(id: string): QueuedMessage | undefined {
    const found = this.#get(id);
    if (!found || found.sent) return undefined;
    this.#take(found);
    return messageOf(found);
  }

  /** The user begins to change a message's text. Another that was being changed is not any more. */
  beginEdit(id: string): void {
    this.endEdit();
    this.#change(id, { edited: true });
  }

  /** No message is being changed any more. */
  endEdit(): void {
    this.#waiting = this.#waiting.map((waiting) => (waiting.edited ? { ...waiting, edited: false } : waiting));
  }

  /** Gives a message another text, in its place. */
  edit(id: string, text: string): void {
    this.#change(id, { text, edited: false });
  }

  /** Moves a message to a place, as far as it may go: behind those that the program has. @param to from 0 */
  move(id: string, to: number): void {
    const found = this.#get(id);
    if (!found || found.sent) return;
    const others = this.#waiting.filter((waiting) => waiting !== found);
    const place = Math.max(to, others.filter(({ sent }) => sent).length);
    this.#waiting = [...others.slice(0, place), found, ...others.slice(place)];
  }

  /**
   * Puts a message before all others, to be sent whatever it waited for.
   * @param priority at the program's next step, or in place of what it does now
   */
  first(id: string, priority: 'now' | 'next'): void {
    const before = this.#waiting.filter((each) => each.id !== id && isFree(each) && each.priority === 'next');
    const sent = this.#waiting.filter((each) => each.sent).length;
    this.#change(id, { priority, held: false, edited: false });
    this.move(id, priority === 'now' ? 0 : sent + before.length);
  }

  /** Holds one message, or all. What the program has is held when it is taken back. */
  hold(id?: string): void {
    this.#waiting = this.#waiting.map((waiting) =>
      id === undefined || waiting.id === id ? { ...waiting, held: true, priority: 'later' } : waiting,
    );
  }

  /** Holds all but those that the user wants sent in place of what runs. */
  holdRest(): void {
    for (const { id, priority } of this.#waiting) if (priority !== 'now') this.hold(id);
  }

  /** Holds one message not any more, or none. */
  release(id?: string): void {
    this.#waiting = this.#waiting.map((waiting) =>
      id === undefined || waiting.id === id ? { ...waiting, held: false } : waiting,
    );
  }

  /** Takes the message that is sent next, or undefined when there is none. */
  next(): QueuedMessage | undefined {
    const next = this.#next();
    if (!next) return undefined;
    this.#take(next);
    return messageOf(next);
  }

  /** The program is given a message. */
  markSent(id: string): void {
    const found = this.#get(id);
    if (!found || found.sent) return;
    const others = this.#waiting.filter((waiting) => waiting !== found);
    const place = others.filter(({ sent }) => sent).length;
    const sent: Waiting = { ...found, sent: true, held: false, edited: false };
    this.#waiting = [...others.slice(0, place), sent, ...others.slice(place)];
  }

  /** Claude has a message that the program was given. @returns whether it was here */
  delivered(id: string): boolean {
    const found = this.#get(id);
    if (found) this.#take(found);
    return found !== undefined;
  }

  /**
   * The program does not have a message any more, and Claude never had it: it waits again, in its place, but behind what is to
   * be sent in place of what runs.
   * @param id its id
   * @param as its id from now on
   * @param held whether it waits for the user's word
   */
  takeBack(id: string, as: string, held = false): void {
    this.#waiting = this.#waiting.map((waiting) =>
      waiting.id === id && waiting.sent
        ? { ...waiting, id: as, sent: false, priority: 'later', held: held || waiting.held }
        : waiting,
    );
    const isNow = (waiting: Waiting): boolean => isFree(waiting) && waiting.priority === 'now';
    const others = this.#waiting.filter((waiting) => !isNow(waiting));
    const unsent = others.findIndex(({ sent }) => !sent);
    this.#waiting = [...others.slice(0, unsent), ...this.#waiting.filter(isNow), ...others.slice(unsent)];
  }

  #next(): Waiting | undefined {
    const index = this.#waiting.findIndex((waiting) => waiting.edited || isFree(waiting));
    const found = this.#waiting[index];
    return found && isFree(found) ? found : undefined;
  }

  #get(id: string): Waiting | undefined {
    return this.#waiting.find((waiting) => waiting.id === id);
  }

  #take(taken: Waiting): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== taken);
  }

  /** Changes a message that the program does not have. */
  #change(id: string, change: Partial<Waiting>): void {
    this.#waiting = this.#waiting.map((waiting) =>
      waiting.id === id && !waiting.sent ? { ...waiting, ...change } : waiting,
    );
  }
}

const fresh = { priority: 'later', held: false, sent: false, edited: false } as const;

/** Whether it is only its turn that a message waits for. */
function isFree({ held, sent, edited }: Waiting): boolean {
  return !held && !sent && !edited;
}

function messageOf({ id, text }: Waiting): QueuedMessage {
  return { id, text };
}
