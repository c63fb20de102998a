import type { SDKMessage, SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import type { JsonObject } from '../../base/json.js';

/*
 * One JSON object a line, both ways (`--input-format stream-json --output-format stream-json`). The types come from the
 * Agent SDK, which publishes them for every line; they are imported as types only, its code is never loaded. What the
 * program really sends may be newer than the types, so lines are read through guards and these types only name what is
 * known.
 */

/**
 * A line that the program printed: a JSON object whose `type` is a string. Everything else in it is to be checked, and the
 * `type` may be newer than those that are known.
 */
export interface CliLine extends JsonObject {
  readonly type: SDKMessage['type'] | (string & {});
}

/** When a message that is sent during a turn is delivered: interrupt the tool, at the next tool boundary, after the turn. */
export type MessagePriority = NonNullable<SDKUserMessage['priority']>;

/** All of them: in place of what runs, at its next step, after it. */
export const messagePriorities: readonly MessagePriority[] = ['now', 'next', 'later'];

/** A permission mode as the program names it. */
export type PermissionMode = 'default' | 'acceptEdits' | 'plan' | 'auto' | 'dontAsk' | 'bypassPermissions';

/** The permission modes, in the order in which a user meets them. */
export const permissionModes: readonly PermissionMode[] = [
  'default',
  'acceptEdits',
  'plan',
  'auto',
  'dontAsk',
  'bypassPermissions',
];

/** Whether a value names a permission mode. */
export function isPermissionMode(value: unknown): value is PermissionMode {
  return permissionModes.some((mode) => mode === value);
}
