import { say } from './answers.js';
import type { ModelRequest } from './request.js';
import type { Answer } from './script.js';
import type { TurnView } from './turn.js';

/** Whether the CLI asks for a summary of the conversation, to go on with that instead of the whole. */
export function isCompaction(turn: TurnView): boolean {
  return /Your task is to create a detailed summary of/.test(turn.newPrompts.at(-1) ?? '');
}

/**
 * The answer to a request that is not part of the conversation (a title, a topic, a quota check, a summary).
 * @returns undefined when it is part of the conversation
 */
export function sideAnswer(request: ModelRequest, turn: TurnView): { answer: Answer; by: string } | undefined {
  if (isCompaction(turn)) {
    const said = turn.prompts.slice(0, -1).map((prompt) => `- ${prompt.split('\n')[0]?.slice(0, 100) ?? ''}`);
    return {
      answer: say(
        `<analysis>The scripted model sums up.</analysis>\n<summary>\nThe user said:\n${said.join('\n')}\n</summary>`,
      ),
      by: 'side:compaction',
    };
  }
  if (request.maxTokens === 1) return { answer: say('ok'), by: 'side:quota' };
  if (request.tools.length === 0) {
    if (/\btitle\b/i.test(request.system)) {
      const asked = turn.prompts[0] ?? '';
      const session = /<session>\s*([\s\S]*?)\s*<\/session>/.exec(asked)?.[1] ?? asked;
      const title = session.split('\n')[0]?.slice(0, 40) ?? '';
      return { answer: say(JSON.stringify({ title, isNewTopic: false })), by: 'side:title' };
    }
    return { answer: say('ok'), by: 'side:other' };
  }
  return undefined;
}
