import type { Script } from '../support/model/script.js';

/** What is done with a permission request. `hold` leaves it open. */
export type Decision =
  | { readonly behavior: 'allow'; readonly input: Record<string, unknown> }
  | { readonly behavior: 'deny'; readonly message: string; readonly interrupt: boolean }
  | 'hold';

/** How the requests of one tool are answered; `change` is laid over the tool's input. Other tools are allowed as asked. */
export type PermissionRule = { readonly tool: string; readonly command?: string } & (
  | { readonly answer: 'allow'; readonly change: Record<string, unknown> }
  | { readonly answer: 'deny'; readonly message: string; readonly interrupt?: boolean }
  | { readonly answer: 'hold' }
);

/** How the conversation goes on in a new process: resumed, forked, forked at the last answer of a turn (from 0), asked aside. */
export type Reopening =
  | { readonly kind: 'resume' }
  | { readonly kind: 'resumeUnknown' }
  | { readonly kind: 'fork'; readonly atTurn?: number }
  | { readonly kind: 'ephemeral' };

/** One thing that is done to the program, or waited for. */
export type Action =
  | { readonly do: 'send'; readonly text: string; readonly priority?: 'now' | 'next' | 'later' }
  | { readonly do: 'interrupt' }
  /** Opens a gate of the model's script. */
  | { readonly do: 'release'; readonly gate: string }
  /** Ends the process and starts another one for the conversation. */
  | { readonly do: 'reopen'; readonly as: Reopening }
  /** Waits until so many turns have ended. */
  | { readonly do: 'awaitTurns'; readonly count: number }
  /** Waits until the program is held at a gate of the script. */
  | { readonly do: 'awaitGate'; readonly gate: string }
  /** Waits until the running turn holds this text, streamed or whole. */
  | { readonly do: 'awaitText'; readonly text: string }
  /** Waits until a permission for this tool is asked. */
  | { readonly do: 'awaitPermission'; readonly tool: string }
  /** Waits until a tool has made this file in the folder. */
  | { readonly do: 'awaitFile'; readonly file: string };

/** A tool's result as it is compared: without paths, ids and times. */
export interface ResultRecord {
  readonly text: string;
  readonly isError: boolean;
}

/** A piece of a turn as it is compared. A subagent's pieces name the tool that started it. */
export type BlockRecord = { readonly of?: string } & (
  | { readonly text: string }
  | { readonly thinking: string }
  | { readonly tool: string; readonly input: unknown; readonly result: ResultRecord | 'none' }
);

/** One turn as both sides can see it. */
export interface TurnRecord {
  /** What the user said to begin it; '' when nothing was echoed. */
  readonly prompt: string;
  readonly blocks: readonly BlockRecord[];
  /** The permission requests, by tool and command or file. */
  readonly permissions: readonly string[];
  /** Messages that were delivered while the turn ran. */
  readonly delivered: readonly string[];
  /** What the program said about itself: `retrying 429`, `compacted auto`. */
  readonly statuses: readonly string[];
  readonly outcome: 'completed' | 'canceled' | 'failed';
  readonly tokens: { readonly input: number; readonly output: number };
}

/** What a turn must be like, whoever drives the program. A block's texts may be given as a pattern. */
export interface ExpectedTurn {
  readonly outcome: TurnRecord['outcome'];
  /** Our client's word for the failure. */
  readonly failure?: string;
  readonly prompt?: string;
  readonly blocks?: readonly unknown[];
  readonly permissions?: readonly string[];
  readonly delivered?: readonly string[];
  readonly statuses?: readonly string[];
}

/** A scripted conversation: what the model answers, what is done, and what must come of it. */
export interface Conversation {
  readonly id: string;
  /** The test's name, with the ids of behaviours. */
  readonly title: string;
  /** Conversations of one group share a process, one after the other; without a group it has its own. */
  readonly group?: string;
  readonly script: Script;
  readonly permissions?: readonly PermissionRule[];
  readonly actions: readonly Action[];
  readonly expected: readonly ExpectedTurn[];
  /** What the user must have newly said, one list for each request for an answer. */
  readonly modelSaw?: readonly (readonly string[])[];
  /** All that the model must have known of the user's words at the last request, the first ones included. */
  readonly modelKnew?: readonly string[];
  /** How many transcripts there must be afterwards. */
  readonly transcripts?: number;
  /** Files that must, or must not (null), be in the folder afterwards, with their content. */
  readonly files?: Readonly<Record<string, string | null>>;
}
