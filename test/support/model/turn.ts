import type { ModelRequest, RequestMessage } from './request.js';

/** A result that came back for a tool call. */
export interface ToolOutcome {
  readonly toolUseId: string;
  readonly text: string;
  readonly isError: boolean;
}

/** A tool call of the model with what came back for it. */
export interface ToolRound {
  readonly id: string;
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly result: ToolOutcome | undefined;
}

/** The conversation as the model has to see it to answer: what was said, and what happened since. */
export interface TurnView {
  /** What the user said since the model's last answer, in order: several after a failed answer or when steering. */
  readonly newPrompts: readonly string[];
  /** The results of tools since the model's last answer. */
  readonly newResults: readonly ToolOutcome[];
  /** Everything the user said, oldest first. The last is what is to be answered. */
  readonly prompts: readonly string[];
  /** The tool calls since the last prompt, oldest first. */
  readonly toolRounds: readonly ToolRound[];
  /** The texts of the model since the last prompt. */
  readonly answersSincePrompt: readonly string[];
  /** What the CLI itself says since the last prompt: reminders, notices of background tasks. */
  readonly notices: string;
  /** The folder the CLI works in, or '' when the request does not say. */
  readonly workingDirectory: string;
}

// The CLI's own additions to what the user says: reminders, echoes of commands, notices.
const ownElements = /<(system-reminder|task-notification|local-command-[a-z]+|command-[a-z]+)>[\s\S]*?<\/\1>/g;
const ownTexts = /^(\[Request interrupted by user|This session is being continued from a previous conversation)/;
// How the CLI hands over a message that was sent while the model worked.
const steering =
  /The user sent (?:a new message while you were working|the following message):\n([\s\S]*?)(?:\n\n(?:This is how|IMPORTANT:)|$)/;

/** The words of the user in a text block, '' when it is the CLI's own. */
function wordsOf(text: string, role: string): string {
  const steered = steering.exec(text.replace(/<\/?system-reminder>/g, ''))?.[1];
  if (steered !== undefined) return steered.trim();
  if (role !== 'user' || ownTexts.test(text)) return '';
  return text.replace(ownElements, '').trim();
}

function texts(message: RequestMessage): string[] {
  return message.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : []));
}

/** What the user says in a message, a text for each block that has words of theirs. */
function promptsIn(message: RequestMessage): string[] {
  if (message.role === 'assistant') return [];
  return texts(message)
    .map((text) => wordsOf(text, message.role))
    .filter((words) => words !== '');
}

function resultsIn(message: RequestMessage): ToolOutcome[] {
  return message.blocks.flatMap((block) => (block.type === 'toolResult' ? [block] : []));
}

/** Sums a request up. The user's words of a first turn are not in the last message, so whole stretches are collected. */
export function viewTurn(request: ModelRequest): TurnView {
  const { messages } = request;
  const lastAnswer = messages.findLastIndex(({ role }) => role === 'assistant');
  const fresh = messages.slice(lastAnswer + 1);
  const promptAt = Math.max(
    0,
    messages.findLastIndex((message) => promptsIn(message).length > 0),
  );
  const sincePrompt = messages.slice(promptAt);
  const results = new Map(sincePrompt.flatMap(resultsIn).map((result) => [result.toolUseId, result]));
  const everything = [request.system, ...messages.flatMap(texts)].join('\n');
  return {
    newPrompts: fresh.flatMap(promptsIn),
    newResults: fresh.flatMap(resultsIn),
    prompts: messages.flatMap(promptsIn),
    toolRounds: sincePrompt
      .flatMap((message) => message.blocks)
      .flatMap((block) =>
        block.type === 'toolUse'
          ? [{ id: block.id, name: block.name, input: block.input, result: results.get(block.id) }]
          : [],
      ),
    answersSincePrompt: sincePrompt.filter(({ role }) => role === 'assistant').flatMap(texts),
    notices: sincePrompt
      .filter(({ role }) => role !== 'assistant')
      .flatMap(texts)
      .join('\n'),
    workingDirectory: /(?:Primary w|W)orking directory: (.+)/.exec(everything)?.[1]?.trim() ?? '',
  };
}
