import type { PermissionMode } from '../../protocol/cli/lines.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';

/** What a user may choose for a new session; what is left out is the program's default. */
export interface SessionOptions {
  /** Never replaced by a title; empty for none. */
  readonly name?: string;
  /** A model as the program calls it; null for its default. */
  readonly model?: string | null;
  readonly mode?: PermissionMode;
  /** Instructions that are added to the program's own system prompt; empty for none. */
  readonly appendSystemPrompt?: string;
}

/** A new session's record with what was chosen for it. @param record of a session in which nothing happened yet */
export function withOptions(record: SessionRecord, options: SessionOptions): SessionRecord {
  const name = (options.name ?? '').trim();
  const instructions = (options.appendSystemPrompt ?? '').trim();
  return {
    ...record,
    name,
    nameFrom: name === '' ? 'prompt' : 'user',
    model: options.model ?? null,
    mode: options.mode ?? record.mode,
    appendSystemPrompt: instructions === '' ? null : instructions,
  };
}

/** Whether a program that was started without any options can be made to work as a session with these wants it. */
export function fitsSpare({ appendSystemPrompt = '' }: SessionOptions): boolean {
  // The system prompt is given at the start. Model and mode are asked for before the first message.
  return appendSystemPrompt.trim() === '';
}
