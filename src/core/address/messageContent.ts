import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from '../../base/json.js';
import { readContent } from '../session/translate/content.js';

/** A part of a message. */
export type ContentPart =
  | { readonly type: 'text' | 'thinking'; readonly text: string }
  | { readonly type: 'toolUse'; readonly id: string; readonly name: string; readonly input: JsonObject }
  | { readonly type: 'toolResult'; readonly id: string; readonly text: string; readonly isError: boolean }
  /** Something else, such as an image; only its kind is told. */
  | { readonly type: 'other'; readonly kind: string };

/** A message as the transcript has it. */
export interface ReadMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly ContentPart[];
  readonly model: string | null;
  readonly at: number;
}

/**
 * Reads a message.
 * @param lines its lines, at least one, in their order
 * @returns null when they are no message
 */
export function readMessage(lines: readonly JsonObject[]): ReadMessage | null {
  const [first] = lines;
  if (first === undefined) return null;
  const time = Date.parse(stringAt(first, 'timestamp') ?? '');
  const at = Number.isNaN(time) ? 0 : time;
  const attachment = objectAt(first, 'attachment');
  if (attachment?.['type'] === 'queued_command') {
    return { role: 'user', content: parts(attachment['prompt']), model: null, at };
  }
  const role = first['type'];
  if (role !== 'user' && role !== 'assistant') return null;
  const content = lines.flatMap((line) => parts((objectAt(line, 'message') ?? {})['content']));
  const model = role === 'assistant' ? (stringAt(objectAt(first, 'message') ?? {}, 'model') ?? null) : null;
  return content.length === 0 ? null : { role, content, model, at };
}

function parts(content: unknown): readonly ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return arrayAt({ content }, 'content').flatMap((block) => (isObject(block) ? [part(block)] : []));
}

function part(block: JsonObject): ContentPart {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: stringAt(block, 'text') ?? '' };
    case 'thinking':
      return { type: 'thinking', text: stringAt(block, 'thinking') ?? '' };
    case 'tool_use':
      return {
        type: 'toolUse',
        id: stringAt(block, 'id') ?? '',
        name: stringAt(block, 'name') ?? '',
        input: objectAt(block, 'input') ?? {},
      };
    case 'tool_result': {
      const { text } = readContent(block['content']);
      return {
        type: 'toolResult',
        id: stringAt(block, 'tool_use_id') ?? '',
        text,
        isError: block['is_error'] === true,
      };
    }
    default:
      return { type: 'other', kind: stringAt(block, 'type') ?? 'unknown' };
  }
}
