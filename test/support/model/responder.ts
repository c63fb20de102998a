import { answerDemo } from './demo/demo.js';
import { apiError } from './answers.js';
import type { ModelRequest } from './request.js';
import type { Answer, Condition, Script } from './script.js';
import { isCompaction, sideAnswer } from './side.js';
import type { TurnView } from './turn.js';

/** An answer, and a word on where it comes from. */
export interface Response {
  readonly answer: Answer;
  readonly by: string;
}

/** Whether a subagent of the CLI asks, told by the header that it sends with such requests. */
function isSubagent(request: ModelRequest, headers: Readonly<Record<string, string>>): boolean {
  return headers['x-claude-code-agent-id'] !== undefined || /You are an agent for Claude Code/.test(request.system);
}

function meets(
  condition: Condition,
  request: ModelRequest,
  turn: TurnView,
  headers: Readonly<Record<string, string>>,
): boolean {
  const { text, anyText, toolResult, system, subagent, compaction } = condition;
  return (
    (text === undefined || turn.newPrompts.at(-1)?.includes(text) === true) &&
    (anyText === undefined || turn.newPrompts.some((prompt) => prompt.includes(anyText))) &&
    (toolResult === undefined || turn.newResults.some((result) => result.text.includes(toolResult))) &&
    (system === undefined || request.system.includes(system)) &&
    (subagent === undefined || subagent === isSubagent(request, headers)) &&
    (compaction ?? false) === isCompaction(turn)
  );
}

/** Finds the answer to a request: side requests first, then the script's steps, then the demo model. */
export class Responder {
  private script: Script | undefined;
  private taken: number[] = [];

  constructor(script: Script | undefined) {
    this.script = script;
  }

  /** Replaces the script and forgets which steps were taken. */
  setScript(script: Script | undefined): void {
    this.script = script;
    this.taken = [];
  }

  /** Finds the answer and marks its step as taken. */
  respond(request: ModelRequest, turn: TurnView, headers: Readonly<Record<string, string>>): Response {
    const steps = this.script?.steps ?? [];
    for (const [index, step] of steps.entries()) {
      const side = sideAnswer(request, turn);
      // A compaction is the one side request that a script may answer itself.
      if (side !== undefined && step.when?.compaction !== true) continue;
      const taken = this.taken[index] ?? 0;
      if (taken >= (step.times ?? 1) || !meets(step.when ?? {}, request, turn, headers)) continue;
      this.taken[index] = taken + 1;
      return { answer: step.answer, by: `step:${step.name ?? index}` };
    }
    const side = sideAnswer(request, turn);
    if (side !== undefined) return side;
    if (this.script?.otherwise === 'fail') {
      return {
        answer: apiError(400, { message: `The script has no step for: ${turn.newPrompts.join(' | ').slice(0, 200)}` }),
        by: 'none',
      };
    }
    return answerDemo(request, turn);
  }
}
