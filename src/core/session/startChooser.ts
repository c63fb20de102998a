import { ArborError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import type { ConversationStart, LaunchOptions } from '../ports.js';
import { otherStart } from './exitOutcome.js';
import type { OtherStart } from './turn.js';

/** Chooses where a session's next process begins: a new conversation, the one that there is, or a fork of another. */
export class StartChooser {
  readonly #hasConversation: () => Promise<boolean>;
  readonly #origin: () => SessionRecord['lineage'];
  readonly #logger: Logger;
  #begun: ConversationStart['kind'] = 'new';
  #next: OtherStart = 'again';

  /**
   * @param hasConversation whether the program should have the session's conversation
   * @param origin where the conversation comes from, null when it began by itself
   * @param logger told when that cannot be found out
   */
  constructor(hasConversation: () => Promise<boolean>, origin: () => SessionRecord['lineage'], logger: Logger) {
    this.#origin = origin;
    this.#hasConversation = hasConversation;
    this.#logger = logger;
  }

  /** How the process that was started last was told to begin. */
  get begun(): ConversationStart['kind'] {
    return this.#begun;
  }

  /** Completes the options for a start. @param options how to start, but for where the conversation begins */
  async complete(options: () => Omit<LaunchOptions, 'start'>): Promise<LaunchOptions> {
    const start = this.#next === 'again' ? await this.#find() : { kind: this.#next };
    this.#begun = start.kind;
    return { ...options(), start };
  }

  /**
   * How else to begin after a process could not.
   * @param error what went wrong
   * @param wasDead whether it was given the prompt and cannot have heard of it
   * @returns null where no other way would help
   */
  otherwise(error: unknown, wasDead: boolean): OtherStart | null {
    return error instanceof ArborError ? otherStart(error.explanation, this.#begun, wasDead) : null;
  }

  /** Says how the next process begins; `again` as it is found then. */
  setNext(start: OtherStart): void {
    this.#next = start;
  }

  async #find(): Promise<ConversationStart> {
    try {
      if (await this.#hasConversation()) return { kind: 'resume' };
    } catch (error) {
      // The program will say so if it has one.
      this.#logger.error('It could not be found out whether there is a transcript', error);
    }
    const origin = this.#origin();
    if (origin === null || origin.at === '') return { kind: 'new' };
    return { kind: 'fork', from: origin.parent, ...(origin.at === null ? {} : { at: origin.at }) };
  }
}
