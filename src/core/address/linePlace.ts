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

/**
 * The first message that bears one of some marks.
 * @param messages where to look
 * @param marks of a line
 */
export function messageWith(messages: readonly Message[], marks: readonly string[]): Message | undefined {
  const wanted = new Set(marks.filter((mark) => mark !== '').map((mark) => mark.toLowerCase()));
  const bears = (mark: string): boolean => wanted.has(mark.toLowerCase());
  return messages.find((message) => {
    if (message.uuid !== null && bears(message.uuid)) return true;
    return message.role === 'assistant' && message.blocks.some((block) => hasMark(block, bears));
  });
}

function hasMark(block: Block, bears: (mark: string) => boolean): boolean {
  switch (block.type) {
    case 'tool':
      return bears(block.id) || block.children.some((child) => hasMark(child, bears));
    case 'text':
    case 'thinking':
      // The key has the id of the message, see `ProseIndex`.
      return block.key.split('/').some(bears);
    case 'error':
    case 'notice':
      return false;
  }
}
