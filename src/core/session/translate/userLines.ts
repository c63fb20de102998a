import { arrayAt, isObject, stringAt, type JsonObject } from '../../../base/json.js';
import type { ToolResultEvent } from '../../../protocol/session/events.js';
import { readContent } from './content.js';

/*
 * What the program writes as the user's message, beside what the user said: tool results, marks and commands. The same
 * in its output and in its transcripts.
 */

/** Whether the text is the mark that the user interrupted the turn, and no words of theirs. */
export function isInterruptMark(text: string): boolean {
  return text.startsWith('[Request interrupted by user');
}

/** What a local command such as `/context` printed, or undefined when the text is no such thing. */
export function localOutput(text: string): string | undefined {
  return /^<local-command-std(?:out|err)>([\s\S]*?)<\/local-command-std(?:out|err)>/.exec(text)?.[1];
}

/** What the user typed to run a slash command, from the form in which the program keeps it; undefined for other text. */
export function slashCommand(text: string): string | undefined {
  if (!/^\s*<command-(?:name|message)>/.test(text)) return undefined;
  const name = /<command-name>([\s\S]*?)<\/command-name>/.exec(text)?.[1]?.trim();
  const args = /<command-args>([\s\S]*?)<\/command-args>/.exec(text)?.[1]?.trim() ?? '';
  if (name === undefined || name === '') return undefined;
  return `${name} ${args}`.trimEnd();
}

/**
 * Reads the tool results of a user message.
 * @param message the API's message
 * @param emit called for each result
 * @returns how many there were
 */
export function emitToolResults(message: JsonObject, emit: (event: ToolResultEvent) => void): number {
  let results = 0;
  for (const block of arrayAt(message, 'content')) {
    const id = isObject(block) && block['type'] === 'tool_result' ? stringAt(block, 'tool_use_id') : undefined;
    if (!isObject(block) || id === undefined) continue;
    results += 1;
    emit({ kind: 'toolResult', id, output: readContent(block['content']), isError: block['is_error'] === true });
  }
  return results;
}
