import type { Explanation } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { PermissionMode } from '../cli/lines.js';

/**
 * Where a block of a message is: the tool use whose subagent says it (null for Claude itself), the API's id of the
 * message, and the block's index in it. Parallel tools and subagents never mix because all three are part of the key.
 */
export interface BlockAddress {
  readonly parent: string | null;
  readonly message: string;
  readonly index: number;
}

/** Tokens of one message, turn or session. Zero where the program gives nothing. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** No tokens. */
export const noUsage: TokenUsage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** What was used of one model. */
export interface ModelUsage {
  /** As the program calls it, such as `claude-haiku-5-5`. */
  readonly model: string;
  readonly tokens: TokenUsage;
  /** US dollars. */
  readonly costUsd: number;
}

/** What a turn used, as the program reported it at the turn's end. */
export interface TurnUsage {
  /** Those of subagents and of the program's own calls included, where it tells them. */
  readonly tokens: TokenUsage;
  /** US dollars of this turn; the program reports a process's running total, this is the difference. */
  readonly costUsd: number;
  /** Wall time in milliseconds. */
  readonly durationMs: number;
  /** The same by model, each once; it may be less than the whole. Missing where the program told nothing of models. */
  readonly models?: readonly ModelUsage[];
}

/** A turn that used nothing yet. */
export const noTurnUsage: TurnUsage = { tokens: noUsage, costUsd: 0, durationMs: 0 };

/** A message of the user. */
export interface Prompt {
  /** The UUID we mint; the program keeps it in its transcript. */
  readonly uuid: string;
  readonly text: string;
}

/** One piece of what a tool gave back. Images are counted, not kept, until there is a view for them. */
export interface ToolOutput {
  readonly text: string;
  /** Length of the whole text in characters where `text` was cut for a view. */
  readonly cutFrom?: number;
  /** Number of pieces that are no text, such as images. */
  readonly attachments: number;
}

interface Kind<K extends string> {
  readonly kind: K;
}

/** A turn begins. `prompt` is null when the program begins one by itself, such as after a background task. */
export interface StartEvent extends Kind<'start'> {
  readonly turn: string;
  readonly prompt: Prompt | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A message of Claude or of a subagent: its durable id and model, known once the program printed it whole. */
export interface MessageEvent extends Kind<'message'> {
  readonly parent: string | null;
  readonly message: string;
  /** The transcript line's UUID, by which a fork names it; null while only streamed. */
  readonly uuid: string | null;
  readonly model: string | null;
}

/** Text of Claude. `whole` replaces what the block holds, else it is added to it. */
export interface TextEvent extends Kind<'text'> {
  readonly block: BlockAddress;
  readonly text: string;
  readonly whole: boolean;
}

/** Thinking of Claude, as `TextEvent`. */
export interface ThinkingEvent extends Kind<'thinking'> {
  readonly block: BlockAddress;
  readonly text: string;
  readonly whole: boolean;
}

/** A tool use: it opens, its input streams in as pieces of JSON, then it is ready with the parsed input. */
export type ToolUseEvent = Kind<'toolUse'> & {
  readonly block: BlockAddress;
  readonly id: string;
} & (
    | { readonly phase: 'open'; readonly name: string }
    | { readonly phase: 'input'; readonly json: string }
    | {
        readonly phase: 'ready';
        readonly name: string;
        readonly input: JsonObject;
        /** The input was no JSON object; `input` is then `{}`. */
        readonly invalid: boolean;
      }
  );

/** A sign of life of a running tool. */
export interface ToolProgressEvent extends Kind<'toolProgress'> {
  readonly id: string;
  readonly elapsedSeconds: number;
}

/** What a tool gave back. */
export interface ToolResultEvent extends Kind<'toolResult'> {
  readonly id: string;
  readonly output: ToolOutput;
  readonly isError: boolean;
  /** The turn was being stopped: the error is not the tool's. */
  readonly canceled?: true;
}

/** A subagent or background task, by the tool use that started it (null when the program does not say). */
export interface SubagentEvent extends Kind<'subagent'> {
  readonly toolUseId: string | null;
  readonly task: string;
  readonly phase: 'started' | 'progress' | 'ended';
  readonly description: string;
}

/** A permission request was asked or settled. */
export interface PermissionEvent extends Kind<'permission'> {
  readonly request: string;
  readonly toolUseId: string;
  readonly tool: string;
  readonly phase: 'asked' | 'allowed' | 'denied';
  /** Why it was denied, or who allowed it. */
  readonly reason: string | null;
  /** Denied because the turn was stopped or the program took the request back, not because somebody said no. */
  readonly canceled?: true;
}

/** What the program is busy with, or that a setting of the session changed. */
export type StatusEvent = Kind<'status'> &
  (
    | { readonly status: 'working' | 'compacting' | 'idle' }
    | { readonly status: 'compacted'; readonly trigger: string; readonly tokensBefore: number }
    | { readonly status: 'compactFailed'; readonly reason: string }
    | {
        readonly status: 'retrying';
        readonly attempt: number;
        readonly attempts: number;
        readonly delayMs: number;
        readonly reason: string;
      }
    | {
        readonly status: 'settings';
        readonly model: string | null;
        readonly mode: PermissionMode | null;
        readonly tools: number;
      }
  );

/** The state of a usage limit. A warning and a block are different things. */
export interface RateLimitEvent extends Kind<'rateLimit'> {
  readonly state: 'ok' | 'warning' | 'blocked';
  readonly window: string | null;
  /** Milliseconds since 1970, or null when the program does not say. */
  readonly resetsAt: number | null;
}

/** Tokens of one message, as its stream reports them. */
export interface UsageEvent extends Kind<'usage'> {
  readonly parent: string | null;
  readonly message: string;
  readonly tokens: TokenUsage;
}

/** A message that was sent during the turn reached Claude: the program echoed it. */
export interface SteeringDeliveredEvent extends Kind<'steeringDelivered'> {
  readonly prompt: Prompt;
}

/** Something the user should know that does not end the turn. */
export interface NoticeEvent extends Kind<'notice'> {
  readonly level: 'info' | 'warning';
  readonly notice: Explanation;
}

/** The turn ended as it should. */
export interface CompleteEvent extends Kind<'complete'> {
  readonly turn: string;
  readonly usage: TurnUsage;
}

/** The turn was stopped. */
export interface CanceledEvent extends Kind<'canceled'> {
  readonly turn: string;
  readonly by: 'user' | 'denial' | 'program';
  readonly usage: TurnUsage;
}

/** The turn failed. What was streamed until then stays. */
export interface ErrorEvent extends Kind<'error'> {
  readonly turn: string;
  readonly error: Explanation;
  readonly usage: TurnUsage;
}

/** A line that no other kind stands for, kept as it came (cut to a bound) and to be seen with "Show Raw Events". */
export interface PassthroughEvent extends Kind<'passthrough'> {
  /** The line's number in the process's output, by which its raw text is found. */
  readonly handle: number;
  /** The line's `type` and `subtype`, or `noise` for what is no JSON. */
  readonly type: string;
}

/**
 * Everything that can happen in a session, as one union: for the live stream, the replay from a transcript, the journal,
 * the view and the public interface.
 */
export type SessionEvent =
  | StartEvent
  | MessageEvent
  | TextEvent
  | ThinkingEvent
  | ToolUseEvent
  | ToolProgressEvent
  | ToolResultEvent
  | SubagentEvent
  | PermissionEvent
  | StatusEvent
  | RateLimitEvent
  | UsageEvent
  | SteeringDeliveredEvent
  | NoticeEvent
  | CompleteEvent
  | CanceledEvent
  | ErrorEvent
  | PassthroughEvent;

/** How a turn ended. */
export type TurnOutcome = CompleteEvent | CanceledEvent | ErrorEvent;

/** Whether an event ends its turn. */
export function isOutcome(event: SessionEvent): event is TurnOutcome {
  return event.kind === 'complete' || event.kind === 'canceled' || event.kind === 'error';
}
