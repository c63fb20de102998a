/**
 * The script of the scripted Messages API: what the model answers, step by step.
 *
 * A script is plain data, so that the same one can stand in a test, in a JSON file for the demo, or in the benchmark.
 */

/** How a block's content is cut into deltas. `size` counts characters (code points); `count` wins over `size`. */
export interface Chunking {
  readonly size?: number;
  readonly count?: number;
  /** Pause between two deltas, in milliseconds. 0 (the default) sends without any pause. */
  readonly delayMs?: number;
}

/** One stretch of a block: text, a pause, a wait for a gate, or the end of the connection. */
export type Part =
  | string
  | { readonly pauseMs: number }
  | { readonly gate: string }
  | { readonly drop: true }
  | { readonly repeat: string; readonly count: number };

/** Text the user sees. A string in `text` is cut by `chunk`; of a list, each string is at least one delta. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string | readonly Part[];
  readonly chunk?: Chunking;
}

/** Thinking, with the signature that the API sends behind it. */
export interface ThinkingBlock {
  readonly type: 'thinking';
  readonly thinking: string | readonly Part[];
  readonly signature?: string;
  readonly chunk?: Chunking;
}

/** A tool call. `rawJson` is sent as it is, also when it is no JSON; otherwise `input` is. */
export interface ToolUseBlock {
  readonly type: 'toolUse';
  readonly name: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly rawJson?: string | readonly Part[];
  readonly id?: string;
  readonly chunk?: Chunking;
}

/** Between two blocks: a pause, a wait for a gate, the end of the connection, or an error event inside the stream. */
export type Interlude =
  | { readonly type: 'pause'; readonly ms: number }
  | { readonly type: 'gate'; readonly name: string }
  | { readonly type: 'drop' }
  | { readonly type: 'errorEvent'; readonly errorType: string; readonly message: string };

export type AnswerBlock = TextBlock | ThinkingBlock | ToolUseBlock | Interlude;

/** Token counts as the API reports them. What is left out is estimated from the sizes of request and answer. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

/** An HTTP error instead of an answer. `body` replaces the usual error body; `retryAfter` is in seconds. */
export interface HttpError {
  readonly status: number;
  readonly errorType?: string;
  readonly message?: string;
  readonly body?: unknown;
  readonly retryAfter?: number;
}

/** One answer of the model. `delayMs` and `gate` hold it back before the first byte. */
export interface Answer {
  readonly blocks?: readonly AnswerBlock[];
  readonly usage?: Usage;
  /** Default: `tool_use` when a tool is called, else `end_turn`. */
  readonly stopReason?: string;
  readonly delayMs?: number;
  readonly gate?: string;
  readonly error?: HttpError;
}

/** When a step applies. All the given conditions must hold; texts are searched for as substrings, case-sensitive. */
export interface Condition {
  /** In the newest thing the user said, if that was since the model's last answer. */
  readonly text?: string;
  /** In anything the user said since the model's last answer. */
  readonly anyText?: string;
  /** In a tool result since the model's last answer; `''` means any. */
  readonly toolResult?: string;
  /** In the system prompt. */
  readonly system?: string;
  /** Whether a subagent asks. */
  readonly subagent?: boolean;
  /** Whether the CLI asks for a summary of the conversation (compaction). Without it a compaction never takes a step. */
  readonly compaction?: boolean;
}

/** One step: taken at most `times` (default 1) by the first request that meets `when` (default: any main request). */
export interface Step {
  readonly name?: string;
  readonly when?: Condition;
  readonly times?: number;
  readonly answer: Answer;
}

/** What the model answers. `otherwise`: what happens when no step is left (default `demo` for the demo model). */
export interface Script {
  readonly steps: readonly Step[];
  readonly otherwise?: 'demo' | 'fail';
}
