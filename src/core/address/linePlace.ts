import { messageOfKey } from '../session/prose.js';
import type { Block, Message } from '../../protocol/session/transcript.js';

/**
 * Where a line of a transcript is. A line has marks: its UUIDs, the API's id of the message that it is a part of, and the ids
 * of the tool uses that it has or answers. The chat's messages bear the same ones, live as well as from the transcript.
 */
export interface LinePlace {
  /** Whether it is a subagent's; the lines before it are then those up to the tool use that started the subagent. */
  readonly isSubagent: boolean;
  /** Whether the chat shows anything of such a line. */
  readonly isShown: boolean;
  readonly marks: readonly string[];
  /** The marks of the lines before it on its branch, the nearest first; as many as a page has. */
  readonly before: readonly (readonly string[])[];
  /** Bytes of transcript from about there to its end. */
  readonly distance: number;
}

/** Finds lines in the program's transcripts. */
export interface LinePlaces {
  /**
   * Finds a line, on the current branch or on one that was left, or in a subagent's file.
   * @param sessionId whose transcript it is in
   * @param uuid UUID of the line, in small letters
   * @returns null when there is no such line, or no transcript
   * @throws ArborError or the file system's error when the transcript cannot be read
   */
  find(sessionId: string, uuid: string): Promise<LinePlace | null>;
  /** Whether the program has a transcript of that session, in whatever folder. */
  exists(sessionId: string): Promise<boolean>;
}

/** Some messages by the marks that they bear. */
export class MarkedMessages {
  readonly #byMark = new Map<string, Message>();

  /** @param messages where one has the same mark as another, the first counts */
  constructor(messages: readonly Message[]) {
    for (const message of messages) {
      if (message.uuid !== null) this.#mark(message.uuid, message);
      if (message.role === 'assistant') for (const block of message.blocks) this.#markBlock(block, message);
    }
  }

  /** The message that bears one of some marks. */
  with(marks: readonly string[]): Message | undefined {
    for (const mark of marks) {
      const message = this.#byMark.get(mark.toLowerCase());
      if (message) return message;
    }
    return undefined;
  }

  #markBlock(block: Block, message: Message): void {
    switch (block.type) {
      case 'tool':
        this.#mark(block.id, message);
        for (const child of block.children) this.#markBlock(child, message);
        return;
      case 'text':
      case 'thinking':
        this.#mark(messageOfKey(block.key), message);
        return;
      case 'error':
      case 'notice':
        return;
    }
  }

  #mark(mark: string, message: Message): void {
    const key = mark.toLowerCase();
    if (mark !== '' && !this.#byMark.has(key)) this.#byMark.set(key, message);
  }
}
