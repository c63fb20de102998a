import { arrayAt, isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '../../../base/json.js';
import type { BlockAddress, SessionEvent } from '../../../protocol/session/events.js';
import { readUsage } from './usage.js';

/** The model's name in messages that the program itself made up, such as an error or the output of a local command. */
export const madeUpModel = '<synthetic>';

/** The program hands on a tool's input that is no JSON as an object with this one member. */
const unparsedInput = '__unparsedToolInput';

/** What was streamed of one block. */
interface StreamedBlock {
  readonly type: string;
  /** The tool use's id, for a tool use. */
  readonly id: string;
  readonly name: string;
  /** Text, thinking or the JSON of a tool's input so far. */
  text: string;
  /** A whole message has spoken of this block. */
  matched: boolean;
  /** For a tool use: its input was announced, and was good JSON. */
  ready: 'no' | 'invalid' | 'yes';
}

interface StreamedMessage {
  readonly blocks: Map<number, StreamedBlock>;
  /** The index that the next block gets which was never streamed. */
  nextIndex: number;
}

type Emit = (event: SessionEvent) => void;

/**
 * Joins the two ways in which a message comes: streamed in pieces (`stream_event` lines) and whole (`assistant` lines, one
 * per block). A whole block never repeats what was streamed, and a whole block that was not streamed is never dropped.
 */
export class StreamedMessages {
  readonly #messages = new Map<string, StreamedMessage>();
  /** The message that each subagent, or Claude itself (the empty string), is streaming. */
  readonly #current = new Map<string, string>();

  /** Forgets everything: the turn has ended. */
  clear(): void {
    this.#messages.clear();
    this.#current.clear();
  }

  /** Takes a `stream_event` line's event. @returns whether it was understood */
  stream(parent: string | null, event: JsonObject, emit: Emit): boolean {
    switch (event['type']) {
      case 'content_block_delta':
        return this.#delta(parent, event, emit);
      case 'content_block_start':
        return this.#blockStart(parent, event, emit);
      case 'content_block_stop':
        return this.#blockStop(parent, event, emit);
      case 'message_start':
        return this.#messageStart(parent, event, emit);
      case 'message_delta': {
        const id = this.#current.get(parent ?? '');
        const usage = objectAt(event, 'usage');
        if (id !== undefined && usage) emit({ kind: 'usage', parent, message: id, tokens: readUsage(usage) });
        return true;
      }
      case 'message_stop':
      case 'ping':
        return true;
      default:
        return false;
    }
  }

  /** Takes an `assistant` line's message. @returns whether all of it was understood; what was, is used */
  whole(parent: string | null, uuid: string | null, message: JsonObject, emit: Emit): boolean {
    const id = stringAt(message, 'id') ?? uuid;
    if (id === null) return false;
    this.#supersede(parent, id, emit);
    const streamed = this.#message(parent, id);
    let understood = true;
    for (const content of arrayAt(message, 'content')) {
      if (!isObject(content) || !this.#wholeBlock(parent, id, streamed, content, emit)) understood = false;
    }
    const model = stringAt(message, 'model') ?? null;
    emit({ kind: 'message', parent, message: id, uuid, model: model === madeUpModel ? null : model });
    return understood;
  }

  #message(parent: string | null, id: string): StreamedMessage {
    const key = `${parent ?? ''}/${id}`;
    let message = this.#messages.get(key);
    if (!message) {
      message = { blocks: new Map(), nextIndex: 0 };
      this.#messages.set(key, message);
    }
    return message;
  }

  /**
   * Another message begins. What the one before streamed and never gave whole was cut off and is not part of the
   * conversation: the program asks for the answer again, and it must not stand there twice.
   */
  #supersede(parent: string | null, id: string, emit: Emit): void {
    const before = this.#current.get(parent ?? '');
    if (before === undefined || before === id) return;
    for (const [index, block] of this.#message(parent, before).blocks) {
      if (block.matched || block.text === '' || (block.type !== 'text' && block.type !== 'thinking')) continue;
      block.text = '';
      emit({ kind: block.type, block: { parent, message: before, index }, text: '', whole: true });
    }
  }

  #messageStart(parent: string | null, event: JsonObject, emit: Emit): boolean {
    const message = objectAt(event, 'message');
    const id = message && stringAt(message, 'id');
    if (!message || id === undefined) return false;
    this.#supersede(parent, id, emit);
    this.#current.set(parent ?? '', id);
    const usage = objectAt(message, 'usage');
    if (usage) emit({ kind: 'usage', parent, message: id, tokens: readUsage(usage) });
    return true;
  }

  #address(parent: string | null, event: JsonObject): { at: BlockAddress; message: StreamedMessage } | undefined {
    const id = this.#current.get(parent ?? '');
    const index = numberAt(event, 'index');
    if (id === undefined || index === undefined) return undefined;
    return { at: { parent, message: id, index }, message: this.#message(parent, id) };
  }

  #blockStart(parent: string | null, event: JsonObject, emit: Emit): boolean {
    const found = this.#address(parent, event);
    const block = objectAt(event, 'content_block');
    if (!found || !block) return false;
    const type = stringAt(block, 'type') ?? '';
    const streamed: StreamedBlock = {
      type,
      id: stringAt(block, 'id') ?? '',
      name: stringAt(block, 'name') ?? '',
      text: '',
      matched: false,
      ready: 'no',
    };
    found.message.blocks.set(found.at.index, streamed);
    found.message.nextIndex = Math.max(found.message.nextIndex, found.at.index + 1);
    if (type === 'tool_use') {
      emit({ kind: 'toolUse', phase: 'open', block: found.at, id: streamed.id, name: streamed.name });
      return true;
    }
    if (type === 'text' || type === 'thinking') {
      this.#append(found.at, streamed, stringAt(block, type) ?? '', emit);
      return true;
    }
    return type === 'redacted_thinking';
  }

  #delta(parent: string | null, event: JsonObject, emit: Emit): boolean {
    const found = this.#address(parent, event);
    const delta = objectAt(event, 'delta');
    const block = found?.message.blocks.get(found.at.index);
    if (!found || !delta || !block) return false;
    switch (delta['type']) {
      case 'text_delta':
        this.#append(found.at, block, stringAt(delta, 'text') ?? '', emit);
        return true;
      case 'thinking_delta':
        this.#append(found.at, block, stringAt(delta, 'thinking') ?? '', emit);
        return true;
      case 'input_json_delta': {
        const json = stringAt(delta, 'partial_json') ?? '';
        if (json !== '') {
          block.text += json;
          emit({ kind: 'toolUse', phase: 'input', block: found.at, id: block.id, json });
        }
        return true;
      }
      case 'signature_delta':
      case 'citations_delta':
        return true;
      default:
        return false;
    }
  }

  #append(at: BlockAddress, block: StreamedBlock, text: string, emit: Emit): void {
    if (text === '') return;
    block.text += text;
    emit({ kind: block.type === 'thinking' ? 'thinking' : 'text', block: at, text, whole: false });
  }

  #blockStop(parent: string | null, event: JsonObject, emit: Emit): boolean {
    const found = this.#address(parent, event);
    const block = found?.message.blocks.get(found.at.index);
    if (!found || !block) return false;
    if (block.type === 'tool_use' && block.ready === 'no') this.#ready(found.at, block, parseJson(block.text), emit);
    return true;
  }

  #ready(at: BlockAddress, block: StreamedBlock, parsed: unknown, emit: Emit): void {
    const valid = isToolInput(parsed);
    block.ready = valid ? 'yes' : 'invalid';
    const input = valid ? parsed : {};
    emit({ kind: 'toolUse', phase: 'ready', block: at, id: block.id, name: block.name, input, invalid: !valid });
  }

  #wholeBlock(parent: string | null, id: string, message: StreamedMessage, content: JsonObject, emit: Emit): boolean {
    const type = stringAt(content, 'type');
    if (type === 'tool_use') return this.#wholeTool(parent, id, message, content, emit);
    if (type !== 'text' && type !== 'thinking') return type === 'redacted_thinking';
    const text = stringAt(content, type) ?? '';
    const match = firstUnmatched(message, type);
    const index = match?.[0] ?? message.nextIndex++;
    if (match) {
      match[1].matched = true;
      if (match[1].text === text) return true;
    }
    emit({ kind: type, block: { parent, message: id, index }, text, whole: true });
    return true;
  }

  #wholeTool(parent: string | null, id: string, message: StreamedMessage, content: JsonObject, emit: Emit): boolean {
    const toolUseId = stringAt(content, 'id');
    if (toolUseId === undefined) return false;
    const match = [...message.blocks].find(([, block]) => block.id === toolUseId);
    const input = content['input'];
    if (match) {
      const [index, block] = match;
      block.matched = true;
      const better = block.ready === 'invalid' && isToolInput(input) && Object.keys(input).length > 0;
      if (block.ready === 'no' || better) this.#ready({ parent, message: id, index }, block, input, emit);
      return true;
    }
    const block: StreamedBlock = {
      type: 'tool_use',
      id: toolUseId,
      name: stringAt(content, 'name') ?? '',
      text: '',
      matched: true,
      ready: 'no',
    };
    const index = message.nextIndex++;
    const at = { parent, message: id, index };
    message.blocks.set(index, block);
    const raw = isObject(input) ? stringAt(objectAt(input, unparsedInput) ?? {}, 'raw') : undefined;
    if (raw !== undefined) {
      emit({ kind: 'toolUse', phase: 'open', block: at, id: block.id, name: block.name });
      emit({ kind: 'toolUse', phase: 'input', block: at, id: block.id, json: raw });
    }
    this.#ready(at, block, input, emit);
    return true;
  }
}

/** The first streamed block of that type that no whole message has spoken of yet, with its index. */
function firstUnmatched(message: StreamedMessage, type: string): [number, StreamedBlock] | undefined {
  for (const entry of message.blocks) if (entry[1].type === type && !entry[1].matched) return entry;
  return undefined;
}

/** Whether a tool's input could be read. */
function isToolInput(value: unknown): value is JsonObject {
  return isObject(value) && !Object.hasOwn(value, unparsedInput);
}
