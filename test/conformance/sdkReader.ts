import { isRecord } from '../support/model/request.js';
import type { TurnRecord } from './conversation.js';
import type { Recorder } from './recorder.js';

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function blocksOf(content: unknown): Record<string, unknown>[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.filter(isRecord) : [];
}

function plainText(content: unknown): string {
  return blocksOf(content)
    .map((block) => textOf(block['text']))
    .filter((text) => text !== '')
    .join('\n');
}

/**
 * Takes down the Agent SDK's messages. Whole messages are what counts here; streamed text is kept only until the whole
 * one comes, so that nothing of our own client's way to put both together is repeated.
 */
export class SdkReader {
  private readonly recorder: Recorder;
  private readonly own: ReadonlySet<string>;
  /** Streamed blocks that no whole message has spoken of yet, by parent. */
  private readonly streaming = new Map<
    string,
    { message: string; blocks: Map<number, { type: string; text: string }> }
  >();
  private interrupted = false;
  private blocks = 0;
  /** The program's running total; null while that is not known. */
  private total: TurnRecord['tokens'] | null;

  /**
   * @param recorder takes it down
   * @param own the UUIDs of prompts that are taken down already
   * @param isNew whether the program begins a conversation, and counts from zero
   */
  constructor(recorder: Recorder, own: ReadonlySet<string>, isNew: boolean) {
    this.recorder = recorder;
    this.total = isNew ? { input: 0, output: 0 } : null;
    this.own = own;
  }

  /** Takes down a message of the SDK. It is read as data of unknown form. */
  read(message: unknown): void {
    if (!isRecord(message)) return;
    const parent = typeof message['parent_tool_use_id'] === 'string' ? message['parent_tool_use_id'] : null;
    if (message['type'] === 'stream_event') this.stream(parent, message['event']);
    else if (message['type'] === 'assistant') this.assistant(parent, message);
    else if (message['type'] === 'user') this.user(parent, message);
    else if (message['type'] === 'system') this.system(message);
    else if (message['type'] === 'result') this.result(message);
  }

  private stream(parent: string | null, event: unknown): void {
    if (!isRecord(event)) return;
    const { message, index, content_block: block, delta } = event;
    if (event['type'] === 'message_start' && isRecord(message)) {
      this.streaming.set(parent ?? '', { message: textOf(message['id']), blocks: new Map() });
    }
    const open = this.streaming.get(parent ?? '');
    if (open === undefined || typeof index !== 'number') return;
    if (isRecord(block)) open.blocks.set(index, { type: textOf(block['type']), text: '' });
    const streamed = open.blocks.get(index);
    if (isRecord(delta) && streamed !== undefined) {
      streamed.text += textOf(delta['text']) + textOf(delta['thinking']);
      if (delta['type'] === 'text_delta') this.recorder.seen(streamed.text);
    }
  }

  private assistant(parent: string | null, line: Record<string, unknown>): void {
    const { message } = line;
    if (!isRecord(message)) return;
    // An API error comes as a message that nobody wrote.
    if (message['model'] === '<synthetic>' && line['error'] !== undefined) return;
    this.recorder.messageUuid(parent, textOf(line['uuid']));
    const streamed = this.streaming.get(parent ?? '');
    for (const block of blocksOf(message['content'])) {
      const at = { parent, message: textOf(message['id']), key: `whole ${this.blocks++}` };
      const { type } = block;
      if (type === 'tool_use') {
        this.recorder.toolUse(at, textOf(block['id']), textOf(block['name']), inputOf(block['input']));
      } else if (type === 'text' || type === 'thinking') {
        this.recorder.text(type, at, textOf(block[type]), true);
      }
      for (const [index, open] of streamed?.blocks ?? []) {
        if (open.type !== type) continue;
        streamed?.blocks.delete(index);
        break;
      }
    }
  }

  private user(parent: string | null, line: Record<string, unknown>): void {
    const { message } = line;
    if (!isRecord(message)) return;
    const results = blocksOf(message['content']).filter((block) => block['type'] === 'tool_result');
    for (const block of results) {
      this.recorder.toolResult(textOf(block['tool_use_id']), plainText(block['content']), block['is_error'] === true);
    }
    if (results.length > 0 || parent !== null) return;
    const text = plainText(message['content']);
    if (text.startsWith('[Request interrupted by user')) this.interrupted = true;
    const output = /^<local-command-stdout>([\s\S]*)<\/local-command-stdout>/.exec(text)?.[1];
    if (output !== undefined && output.trim() !== '') {
      this.recorder.text('text', { parent, message: textOf(line['uuid']), key: 0 }, output, true);
    } else if (line['isReplay'] === true && output === undefined && !this.own.has(textOf(line['uuid']))) {
      this.recorder.prompt(text);
    }
  }

  private system(line: Record<string, unknown>): void {
    const metadata = line['compact_metadata'];
    if (line['subtype'] === 'compact_boundary' && isRecord(metadata)) {
      this.recorder.status(`compacted ${textOf(metadata['trigger'])}`);
    }
    if (line['subtype'] === 'api_retry') {
      const status = line['error_status'];
      this.recorder.status(`retrying ${typeof status === 'number' ? status : textOf(line['error'])}`);
    }
  }

  private result(line: Record<string, unknown>): void {
    // What was streamed and never came whole was cut off by the turn's end.
    for (const [parent, { message, blocks }] of this.streaming) {
      for (const [index, { type, text }] of blocks) {
        const at = { parent: parent === '' ? null : parent, message, key: index };
        if ((type === 'text' || type === 'thinking') && text !== '') this.recorder.text(type, at, text, true);
      }
    }
    this.streaming.clear();
    const tokens = this.tokensOf(line);
    const fine = line['subtype'] === 'success' && line['is_error'] !== true;
    this.recorder.outcome(fine ? 'completed' : this.interrupted ? 'canceled' : 'failed', tokens);
    this.interrupted = false;
  }

  /** All models' tokens since the result before, which `modelUsage` sums up; where that is not known, the conversation's own. */
  private tokensOf(line: Record<string, unknown>): TurnRecord['tokens'] {
    const models = isRecord(line['modelUsage']) ? Object.values(line['modelUsage']).filter(isRecord) : [];
    const sum = (name: string): number => models.reduce((total, model) => total + numberOf(model[name]), 0);
    const [before, total] = [this.total, { input: sum('inputTokens'), output: sum('outputTokens') }];
    this.total = total;
    const isMore = before !== null && total.input + total.output > before.input + before.output;
    if (isMore) return { input: total.input - before.input, output: total.output - before.output };
    const usage = isRecord(line['usage']) ? line['usage'] : {};
    return { input: numberOf(usage['input_tokens']), output: numberOf(usage['output_tokens']) };
  }
}

/** A tool's input as T3 has it: the program hands on broken JSON as an object with one member that holds the words. */
function inputOf(input: unknown): unknown {
  return isRecord(input) && '__unparsedToolInput' in input ? {} : input;
}
