import type { JsonObject } from '../../../src/base/json.js';
import type { CliLine } from '../../../src/protocol/cli/lines.js';

/*
 * Lines as the program prints them, with what a test does not name filled in. Their forms are those of version 2.1.329.
 */

const noParent = { parent_tool_use_id: null };

/** `system/init`, which comes at every turn. */
export function initLine(given: JsonObject = {}): CliLine {
  return {
    type: 'system',
    subtype: 'init',
    model: 'claude-opus',
    permissionMode: 'default',
    tools: ['Bash'],
    ...given,
  };
}

/** A piece of the API's stream. */
export function streamLine(event: JsonObject, parent: string | null = null): CliLine {
  return { type: 'stream_event', event, parent_tool_use_id: parent };
}

/** The program says that it has the user's message. */
export function echoLine(uuid: string, text: string): CliLine {
  return { type: 'user', isReplay: true, uuid, message: { role: 'user', content: text }, ...noParent };
}

/** Where a message begins. */
export function messageStart(id: string, input = 10, parent: string | null = null): CliLine {
  const usage = { input_tokens: input, output_tokens: 1 };
  return streamLine({ type: 'message_start', message: { id, usage } }, parent);
}

/** Where a message ends, with what it used. */
export function messageEnd(output = 5, input = 10): readonly CliLine[] {
  const usage = { input_tokens: input, output_tokens: output };
  return [streamLine({ type: 'message_delta', usage }), streamLine({ type: 'message_stop' })];
}

/** The beginning of a text block and its pieces. */
export function textPieces(index: number, ...pieces: readonly string[]): readonly CliLine[] {
  return [
    streamLine({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } }),
    ...pieces.map((text) => streamLine({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } })),
  ];
}

/** A tool use, streamed and then whole. */
export function toolLines(
  message: string,
  index: number,
  id: string,
  name: string,
  input: JsonObject,
): readonly CliLine[] {
  const json = JSON.stringify(input);
  return [
    streamLine({ type: 'content_block_start', index, content_block: { type: 'tool_use', id, name, input: {} } }),
    streamLine({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: json } }),
    wholeLine(message, [{ type: 'tool_use', id, name, input }]),
    streamLine({ type: 'content_block_stop', index }),
  ];
}

/** A whole message, or a whole block of one. */
export function wholeLine(id: string, content: readonly JsonObject[], uuid = `line-${id}`): CliLine {
  return { type: 'assistant', uuid, message: { id, model: 'claude-opus', content }, ...noParent };
}

/** What a tool gave back. */
export function toolResultLine(id: string, content: string, isError = false): CliLine {
  const message = { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }] };
  return { type: 'user', message, ...noParent };
}

/** The end of a turn. */
export function resultLine(given: JsonObject = {}): CliLine {
  return {
    type: 'result',
    subtype: 'success',
    is_error: false,
    duration_ms: 1200,
    total_cost_usd: 0.5,
    usage: { input_tokens: 10, output_tokens: 5 },
    ...given,
  };
}

/** The end of a turn that went wrong. */
export function errorLine(words: string, given: JsonObject = {}): CliLine {
  return resultLine({ subtype: 'error_during_execution', is_error: true, errors: [words], ...given });
}

/** A whole answer of one text block. */
export function answerLines(id: string, text: string, given: JsonObject = {}): readonly CliLine[] {
  return [
    initLine(),
    messageStart(id),
    ...textPieces(0, text),
    wholeLine(id, [{ type: 'text', text }]),
    streamLine({ type: 'content_block_stop', index: 0 }),
    ...messageEnd(),
    resultLine(given),
  ];
}

/** What the program says when it was interrupted. */
export function interruptedLines(): readonly CliLine[] {
  const content = [{ type: 'text', text: '[Request interrupted by user]' }];
  return [
    { type: 'user', message: { role: 'user', content }, ...noParent },
    errorLine('Request was aborted.', { total_cost_usd: 0, usage: {} }),
  ];
}
