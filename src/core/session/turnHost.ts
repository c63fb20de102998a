import type { Explanation } from '../../base/errors.js';
import type { PermissionMode } from '../../protocol/cli/lines.js';
import type { TurnOutcome } from '../../protocol/session/events.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import type { LaunchOptions } from '../ports.js';

/** The session that a turn runner works for. */
export interface TurnHost {
  readonly id: string;
  /** The model and mode that the next turn is to have. */
  readonly model: string | null;
  readonly mode: PermissionMode;
  /** How to start the session's process, but for where the conversation begins. */
  launchOptions(): Omit<LaunchOptions, 'start'>;
  /** Whether the program should have this conversation. */
  hasConversation(): Promise<boolean>;
  /** What the conversation was forked from, or null. */
  readonly origin: SessionRecord['lineage'];
  /** The program has a turn's prompt: from now on it can be given other messages. */
  turnTaken(): void;
  /** Why the conversation must not go on here now, because another program is at it; null when it may. Never rejects. */
  whyInUse(): Promise<Explanation | null>;
  /** A turn ended and was recorded; no other has begun, but for one that the program began by itself. */
  turnEnded(outcome: TurnOutcome): void;
  /** The program says that it works in another mode, such as after a plan was approved. */
  sawMode(mode: PermissionMode): void;
  /** What can be seen of the turn or the process changed. */
  changed(): void;
}
