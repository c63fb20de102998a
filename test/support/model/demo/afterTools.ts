import { say, toolUse } from '../answers.js';
import type { Answer } from '../script.js';
import type { ToolRound } from '../turn.js';
import type { DemoContext } from './demo.js';
import { lively } from './texts.js';
import { planStep } from './tooling.js';

/** The lines of a file as the Read tool gives them, without their numbers. */
function linesOf(readResult: string): string[] {
  return readResult.split('\n').flatMap((line) => {
    const content = /^\s*\d+(?:→|\t)(.*)$/.exec(line)?.[1];
    return content === undefined ? [] : [content];
  });
}

/** `replace "a" with "b"`, `change a to b`: what is to be changed, when the prompt says so. */
function replacementIn(prompt: string): { from: string; to: string } | undefined {
  const match = /["'“`]([^"'”`]+)["'”`] (?:with|by|to|into) ["'“`]([^"'”`]*)["'”`]/.exec(prompt);
  return match?.[1] === undefined ? undefined : { from: match[1], to: match[2] ?? '' };
}

function commentLine(file: string): string {
  if (/\.(md|html?|xml|svg)$/.test(file)) return '<!-- Edited by the demo model. -->';
  if (/\.(py|sh|ya?ml|toml|rb)$/.test(file)) return '# Edited by the demo model.';
  if (/\.([cm]?[jt]sx?|css|go|rs|java|c|h|cpp)$/.test(file)) return '/* Edited by the demo model. */';
  return 'Edited by the demo model.';
}

/** The edit that follows reading a file. */
function editAfterRead(read: ToolRound, prompt: string): Answer | undefined {
  const file = String(read.input['file_path']);
  const lines = linesOf(read.result?.text ?? '');
  const wanted = replacementIn(prompt);
  if (wanted !== undefined && lines.some((line) => line.includes(wanted.from))) {
    const input = { file_path: file, old_string: wanted.from, new_string: wanted.to, replace_all: true };
    return { blocks: [toolUse('Edit', input)] };
  }
  const line = lines.find((candidate, index) => candidate.trim() !== '' && lines.indexOf(candidate) === index);
  const unique = line !== undefined && lines.filter((other) => other.includes(line)).length === 1 ? line : undefined;
  if (unique === undefined) return undefined;
  const edited = /\.json$/.test(file) ? `${unique} ` : `${unique}\n${commentLine(file)}`;
  return {
    blocks: [
      { type: 'text', text: 'I propose a small edit.', chunk: lively },
      toolUse('Edit', { file_path: file, old_string: unique, new_string: edited }),
    ],
  };
}

function quote(text: string, limit = 6): string {
  const lines = text.trim().split('\n');
  const more = lines.length > limit ? [`… and ${lines.length - limit} more lines`] : [];
  return [...lines.slice(0, limit).map((line) => line.slice(0, 160)), ...more].map((line) => `> ${line}`).join('\n');
}

function fence(text: string, limit = 12): string {
  const lines = text.trim().split('\n');
  const more = lines.length > limit ? [`… and ${(lines.length - limit).toLocaleString('en')} more lines`] : [];
  return ['```text', ...lines.slice(0, limit).map((line) => line.slice(0, 200)), ...more, '```'].join('\n');
}

/** A subagent's report without the CLI's frame around it. */
function reportIn(text: string): string {
  const lines = text.split('\n');
  const frame = lines.findIndex((line) => line.startsWith('[Subagent hand-back]'));
  return lines
    .slice(frame + 1)
    .map((line) => (frame === -1 ? line : line.replace(/^ {2}/, '')))
    .filter((line) => !/^(agentId:|<\/?[a-z-]+>|<usage>)/.test(line.trim()))
    .join('\n');
}

const denials = /denied|doesn't want|does not want|not allowed|rejected|refused|permission|user said no/i;

function comment({ name, input, result }: ToolRound): string {
  if (result === undefined) return `I have no result of **${name}**.`;
  const { text, isError } = result;
  if (isError && denials.test(text)) {
    return `You did not allow **${name}**, so nothing was done. What I was told:\n\n${quote(text)}`;
  }
  if (isError) return `**${name}** did not work:\n\n${quote(text.replace(/<\/?tool_use_error>/g, ''))}`;
  switch (name) {
    case 'Bash':
      return `The command \`${String(input['command'])}\` is done. It said:\n\n${fence(text)}`;
    case 'Read':
      return `\`${String(input['file_path'])}\` has ${linesOf(text).length} lines. It begins with:\n\n${fence(linesOf(text).join('\n'), 5)}`;
    case 'Write':
    case 'Edit':
      return `\`${String(input['file_path'])}\` is written.`;
    case 'AskUserQuestion':
      return `Thank you. I understood:\n\n${quote(text)}`;
    case 'ExitPlanMode':
      return 'The plan is approved. A real model would now begin; this one is content.';
    case 'Agent':
    case 'Task':
      return `The subagent is back:\n\n${quote(reportIn(text), 20)}`;
    default:
      return `**${name}** is done:\n\n${quote(text)}`;
  }
}

/**
 * What the demo model says or does when tools have come back.
 * @returns undefined when no tool was called since the prompt
 */
export function afterTools(context: DemoContext): Answer | undefined {
  const { toolRounds, newResults } = context.turn;
  const fresh = toolRounds.filter(({ id }) => newResults.some(({ toolUseId }) => toolUseId === id));
  const last = fresh.at(-1);
  if (last === undefined) {
    if (toolRounds.length === 0 && context.turn.answersSincePrompt.length === 0) return undefined;
    return say('Something I started in the background has ended.', lively);
  }
  const fine = last.result?.isError === false;
  if (fine && last.name === 'Read' && /\bedit\b|\b(change|replace|modify|propose)\b/i.test(context.prompt)) {
    const edit = editAfterRead(last, context.prompt);
    if (edit !== undefined) return edit;
  }
  const planning = /\bplan\b/i.test(context.prompt);
  if (fine && planning && (last.name === 'EnterPlanMode' || last.name === 'Write')) return planStep(context);
  if (fresh.length === 1) return say(comment(last), lively);
  const summary = fresh.map((round) => `- **${round.name}**: ${outcomeWord(round)}`).join('\n');
  return say(`All ${fresh.length} are back:\n\n${summary}`, lively);
}

function outcomeWord({ result }: ToolRound): string {
  if (result === undefined) return 'no result';
  if (!result.isError) return 'done';
  return denials.test(result.text) ? 'not allowed' : 'failed';
}
