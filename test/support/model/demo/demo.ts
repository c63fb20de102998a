import { apiError } from '../answers.js';
import type { ModelRequest } from '../request.js';
import type { Answer } from '../script.js';
import type { TurnView } from '../turn.js';
import { afterTools } from './afterTools.js';
import { failing } from './failing.js';
import { talking } from './talking.js';
import { tooling } from './tooling.js';

/** What a demo answer is made from. */
export interface DemoContext {
  readonly request: ModelRequest;
  readonly turn: TurnView;
  /** What the user asks for now. */
  readonly prompt: string;
}

/** One thing the demo model can do, and the words that ask for it. The first whose words are found is done. */
export interface DemoSkill {
  readonly name: string;
  readonly words: RegExp;
  readonly answer: (context: DemoContext) => Answer;
}

const skills: readonly DemoSkill[] = [...failing, ...tooling, ...talking];

/**
 * The demo model: plain English in the prompt picks what happens. Also answers when the CLI comes back with the
 * results of tools, by what was asked for.
 */
export function answerDemo(request: ModelRequest, turn: TurnView): { answer: Answer; by: string } {
  const context: DemoContext = { request, turn, prompt: turn.prompts.at(-1) ?? '' };
  const skill = skills.find(({ words }) => words.test(context.prompt));
  if (skill === undefined)
    return { answer: apiError(500, { message: 'The demo model has lost its words.' }), by: 'none' };
  // A subagent's hand-back or a background notice comes without a prompt of its own; results are commented first.
  const followUp = turn.newPrompts.length === 0 ? afterTools(context) : undefined;
  if (followUp !== undefined) return { answer: followUp, by: `demo:after ${skill.name}` };
  return { answer: skill.answer(context), by: `demo:${skill.name}` };
}
