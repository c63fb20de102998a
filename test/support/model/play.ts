import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Gates } from './gates.js';
import type { Answer, AnswerBlock, Chunking, Part, Usage } from './script.js';

/** A server-sent event of the Messages API. */
export interface StreamEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What an answer is played with. */
export interface PlayContext {
  readonly model: string;
  /** Tokens to report as input when the script does not say. */
  readonly inputTokens: number;
  readonly gates: Gates;
  /** Aborted when the client has gone away. */
  readonly signal: AbortSignal;
}

/** Thrown to end the connection without a proper end. */
export class ConnectionDrop extends Error {
  constructor() {
    super('The script drops the connection here.');
    this.name = 'ConnectionDrop';
  }
}

/** Waits at a gate, or until the client goes away. */
export async function waitAtGate(
  name: string,
  { gates, signal }: Pick<PlayContext, 'gates' | 'signal'>,
): Promise<void> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const gone = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('The client has gone away.'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([gates.pass(name), gone]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

/** Cuts a text into deltas. An empty text has none. */
function cut(text: string, { size, count }: Chunking): string[] {
  const characters = Array.from(text);
  if (characters.length === 0) return [];
  const step = count !== undefined ? Math.max(1, Math.ceil(characters.length / count)) : (size ?? characters.length);
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += step) pieces.push(characters.slice(at, at + step).join(''));
  return pieces;
}

function parts(content: string | readonly Part[]): readonly Part[] {
  return typeof content === 'string' ? [content] : content;
}

/** The whole text of a block's content, whatever its pauses. */
export function wholeText(content: string | readonly Part[]): string {
  return parts(content)
    .map((part) => (typeof part === 'string' ? part : 'repeat' in part ? part.repeat.repeat(part.count) : ''))
    .join('');
}

/** The JSON that a tool call's input is sent as. */
function inputJson(block: Extract<AnswerBlock, { type: 'toolUse' }>): string | readonly Part[] {
  return block.rawJson ?? JSON.stringify(block.input ?? {});
}

/** The stop reason of an answer, by its blocks unless the script says. */
function stopReason(answer: Answer): string {
  return (
    answer.stopReason ?? (answer.blocks?.some(({ type }) => type === 'toolUse') === true ? 'tool_use' : 'end_turn')
  );
}

/** Usage in the API's form. What the script leaves out is estimated at four characters to a token. */
function usageOf(answer: Answer, inputTokens: number): Record<'start' | 'end', Record<string, number>> {
  const given: Usage = answer.usage ?? {};
  let length = 0;
  for (const block of answer.blocks ?? []) {
    if (block.type === 'text') length += wholeText(block.text).length;
    else if (block.type === 'thinking') length += wholeText(block.thinking).length;
    else if (block.type === 'toolUse') length += wholeText(inputJson(block)).length;
  }
  const start = {
    input_tokens: given.inputTokens ?? inputTokens,
    cache_read_input_tokens: given.cacheReadTokens ?? 0,
    cache_creation_input_tokens: given.cacheWriteTokens ?? 0,
    output_tokens: 1,
  };
  return { start, end: { ...start, output_tokens: given.outputTokens ?? Math.ceil(length / 4) } };
}

/** A fresh id in the API's style. */
function apiId(prefix: string): string {
  return `${prefix}_01${randomUUID().replaceAll('-', '').slice(0, 22)}`;
}

async function* playParts(
  content: string | readonly Part[],
  chunk: Chunking,
  toEvent: (piece: string) => StreamEvent,
  context: PlayContext,
): AsyncGenerator<StreamEvent> {
  let first = true;
  for (const part of parts(content)) {
    if (typeof part !== 'string' && 'pauseMs' in part) await pause(part.pauseMs, undefined, { signal: context.signal });
    else if (typeof part !== 'string' && 'gate' in part) await waitAtGate(part.gate, context);
    else if (typeof part !== 'string' && 'drop' in part) throw new ConnectionDrop();
    else {
      const pieces = typeof part === 'string' ? cut(part, chunk) : new Array<string>(part.count).fill(part.repeat);
      for (const piece of pieces) {
        if (!first && chunk.delayMs !== undefined && chunk.delayMs > 0) {
          await pause(chunk.delayMs, undefined, { signal: context.signal });
        }
        first = false;
        yield toEvent(piece);
      }
    }
  }
}

async function* playBlock(block: AnswerBlock, index: number, context: PlayContext): AsyncGenerator<StreamEvent> {
  const start = (content: object): StreamEvent => ({ type: 'content_block_start', index, content_block: content });
  const delta = (content: object): StreamEvent => ({ type: 'content_block_delta', index, delta: content });
  const chunk = ('chunk' in block ? block.chunk : undefined) ?? {};
  switch (block.type) {
    case 'text':
      yield start({ type: 'text', text: '' });
      yield* playParts(block.text, chunk, (text) => delta({ type: 'text_delta', text }), context);
      break;
    case 'thinking':
      yield start({ type: 'thinking', thinking: '', signature: '' });
      yield* playParts(block.thinking, chunk, (thinking) => delta({ type: 'thinking_delta', thinking }), context);
      yield delta({ type: 'signature_delta', signature: block.signature ?? 'c2NyaXB0ZWQ=' });
      break;
    case 'toolUse':
      yield start({ type: 'tool_use', id: block.id ?? apiId('toolu'), name: block.name, input: {} });
      yield* playParts(
        inputJson(block),
        chunk,
        (json) => delta({ type: 'input_json_delta', partial_json: json }),
        context,
      );
      break;
    case 'pause':
      await pause(block.ms, undefined, { signal: context.signal });
      return;
    case 'gate':
      await waitAtGate(block.name, context);
      return;
    case 'drop':
      throw new ConnectionDrop();
    case 'errorEvent':
      yield { type: 'error', error: { type: block.errorType, message: block.message } };
      return;
  }
  yield { type: 'content_block_stop', index };
}

/**
 * The events of a streamed answer, each at its time.
 * @throws ConnectionDrop where the script drops the connection; the signal's reason when the client goes away
 */
export async function* play(answer: Answer, context: PlayContext): AsyncGenerator<StreamEvent> {
  const usage = usageOf(answer, context.inputTokens);
  const message = { type: 'message', role: 'assistant', model: context.model, content: [] };
  const ends = { stop_reason: null, stop_sequence: null };
  yield { type: 'message_start', message: { id: apiId('msg'), ...message, ...ends, usage: usage.start } };
  let index = 0;
  for (const block of answer.blocks ?? []) {
    yield* playBlock(block, index, context);
    if (block.type === 'errorEvent') return;
    if (block.type === 'text' || block.type === 'thinking' || block.type === 'toolUse') index++;
  }
  yield { type: 'message_delta', delta: { stop_reason: stopReason(answer), stop_sequence: null }, usage: usage.end };
  yield { type: 'message_stop' };
}

function drops(block: AnswerBlock): boolean {
  const content =
    block.type === 'text'
      ? block.text
      : block.type === 'thinking'
        ? block.thinking
        : block.type === 'toolUse'
          ? inputJson(block)
          : [];
  return block.type === 'drop' || parts(content).some((part) => typeof part !== 'string' && 'drop' in part);
}

/**
 * The answer as one message, for a request that did not ask for a stream. The CLI sends such a one when a stream broke
 * off. Pauses and gates are not waited for.
 * @throws ConnectionDrop when the answer holds a drop
 */
export function wholeMessage(answer: Answer, context: Pick<PlayContext, 'model' | 'inputTokens'>): object {
  if (answer.blocks?.some(drops) === true) throw new ConnectionDrop();
  const content = (answer.blocks ?? []).flatMap((block): object[] => {
    if (block.type === 'text') return [{ type: 'text', text: wholeText(block.text) }];
    if (block.type === 'thinking') {
      return [{ type: 'thinking', thinking: wholeText(block.thinking), signature: block.signature ?? 'c2NyaXB0ZWQ=' }];
    }
    if (block.type === 'toolUse') {
      return [{ type: 'tool_use', id: block.id ?? apiId('toolu'), name: block.name, input: block.input ?? {} }];
    }
    return [];
  });
  return {
    id: apiId('msg'),
    type: 'message',
    role: 'assistant',
    model: context.model,
    content,
    stop_reason: stopReason(answer),
    stop_sequence: null,
    usage: usageOf(answer, context.inputTokens).end,
  };
}
