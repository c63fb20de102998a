import type { Explanation } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { PermissionMode } from '../cli/lines.js';
import {
  noTurnUsage,
  noUsage,
  type ModelUsage,
  type RateLimitEvent,
  type TokenUsage,
  type TurnUsage,
} from './events.js';

/*
 * The conversation as a view shows it. Plain data, so that it can cross to the webview as a snapshot. The reducer is the
 * only one that changes it.
 */

/** A piece of text or thinking. `streaming` until its message or turn ends. */
export interface ProseBlock {
  readonly type: 'text' | 'thinking';
  readonly key: string;
  text: string;
  streaming: boolean;
}

/** Where a tool use is in its life. `canceled` when the turn ended before its result came. */
export type ToolState = 'input' | 'running' | 'awaiting' | 'done' | 'failed' | 'denied' | 'canceled';

/** A tool use with its input, its result and, for a subagent, what the subagent said and did. */
export interface ToolBlock {
  readonly type: 'tool';
  readonly key: string;
  readonly id: string;
  name: string;
  state: ToolState;
  /** The input as it streams in, JSON text that may be incomplete; empty once `input` is there. */
  inputText: string;
  input: JsonObject | null;
  inputInvalid: boolean;
  /** Seconds the tool says it has been running; 0 when it says nothing. */
  elapsedSeconds: number;
  result: string | null;
  resultAttachments: number;
  /** Length of the whole result in characters where `result` was cut for a view, else null. */
  resultCutFrom: number | null;
  /** Why it was denied, or null. */
  deniedReason: string | null;
  readonly children: Block[];
}

/** An error or a notice, as a card. */
export interface ExplanationBlock {
  readonly type: 'error' | 'notice';
  readonly key: string;
  readonly level: 'error' | 'warning' | 'info';
  readonly explanation: Explanation;
}

/** A part of Claude's message. */
export type Block = ProseBlock | ToolBlock | ExplanationBlock;

/** What the user said. */
export interface UserMessage {
  readonly role: 'user';
  readonly number: number;
  /** The prompt's UUID. */
  readonly uuid: string;
  readonly text: string;
  readonly at: number;
}

/** How far Claude's message is. */
export type MessageState = 'streaming' | 'complete' | 'canceled' | 'failed';

/** What Claude said and did until the user's next message. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly number: number;
  readonly turn: string;
  /** UUID of the last transcript line that belongs to it, by which a fork names it; null while none is known. */
  uuid: string | null;
  model: string | null;
  state: MessageState;
  usage: TurnUsage;
  readonly at: number;
  readonly blocks: Block[];
}

/**
 * A message of the conversation. Numbers go up by one; they start at 1, but where the conversation's beginning was not
 * read: then only their order says something.
 */
export type Message = UserMessage | AssistantMessage;

/** What the session is busy with, for the status line. */
export type Activity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'compacting' }
  | { readonly kind: 'retrying'; readonly attempt: number; readonly attempts: number; readonly reason: string };

/** The state of a session as its events made it. */
export interface Transcript {
  readonly messages: Message[];
  /** The number of the first message where there is none yet. */
  firstNumber: number;
  /** The running turn's id, or null. */
  turn: string | null;
  /** When the last turn began, in milliseconds since 1970; 0 before the first. */
  turnAt: number;
  activity: Activity;
  model: string | null;
  mode: PermissionMode | null;
  rateLimit: Omit<RateLimitEvent, 'kind'> | null;
  /** Tokens of the running turn so far, from the messages' streams. */
  turnTokens: TokenUsage;
  /** The same by message, since a message reports its tokens more than once. */
  tokensByMessage: Record<string, TokenUsage>;
  /** What all turns so far used. */
  total: TurnUsage;
}

/** A conversation without messages. */
export function emptyTranscript(): Transcript {
  return {
    messages: [],
    firstNumber: 1,
    turn: null,
    turnAt: 0,
    activity: { kind: 'idle' },
    model: null,
    mode: null,
    rateLimit: null,
    turnTokens: noUsage,
    tokensByMessage: {},
    total: noTurnUsage,
  };
}

/** Adds two token counts. */
export function addTokens(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
  };
}

/** What the first count has more than the second. */
export function subtractTokens(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input: a.input - b.input,
    output: a.output - b.output,
    cacheRead: a.cacheRead - b.cacheRead,
    cacheWrite: a.cacheWrite - b.cacheWrite,
  };
}

/** Adds what two turns used. */
export function addUsage(a: TurnUsage, b: TurnUsage): TurnUsage {
  return {
    tokens: addTokens(a.tokens, b.tokens),
    costUsd: a.costUsd + b.costUsd,
    durationMs: a.durationMs + b.durationMs,
    ...(a.models || b.models ? { models: addModels(a.models ?? [], b.models ?? []) } : {}),
  };
}

/** Adds two counts by model. */
export function addModels(a: readonly ModelUsage[], b: readonly ModelUsage[]): ModelUsage[] {
  const sums = new Map<string, ModelUsage>();
  for (const usage of [...a, ...b]) {
    const { model, tokens, costUsd } = usage;
    const sum = sums.get(model);
    sums.set(model, sum ? { model, tokens: addTokens(sum.tokens, tokens), costUsd: sum.costUsd + costUsd } : usage);
  }
  return [...sums.values()];
}
