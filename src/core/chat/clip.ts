import { isObject, type JsonObject } from '../../base/json.js';
import type { SessionEvent, ToolOutput } from '../../protocol/session/events.js';
import type { Block, Message } from '../../protocol/session/transcript.js';

/** Characters of a tool's result that go to the view; the whole can be opened as a document. */
export const maxResultInView = 50_000;

/**
 * Characters of any other text that go to the view: of what the user or Claude said, and of each text in a tool's input. A
 * transcript can hold a line of any length, and the view must stay usable.
 */
export const maxTextInView = 1_000_000;

const maxDepth = 100;

/** The event as the view gets it: what is too long is cut, and says so. Pieces of a text that streams are never that long. */
export function clipEvent(event: SessionEvent): SessionEvent {
  switch (event.kind) {
    case 'toolResult':
      return event.output.text.length > maxResultInView ? { ...event, output: clipOutput(event.output) } : event;
    case 'text':
    case 'thinking':
      return event.text.length > maxTextInView ? { ...event, text: clipText(event.text) } : event;
    case 'start':
    case 'steeringDelivered': {
      const { prompt } = event;
      if (prompt === null || prompt.text.length <= maxTextInView) return event;
      return { ...event, prompt: { ...prompt, text: clipText(prompt.text) } };
    }
    case 'toolUse':
      return event.phase === 'ready' ? { ...event, input: clipInput(event.input) } : event;
    default:
      return event;
  }
}

/** The message as the view gets it, with what is too long cut. */
export function clipMessage(message: Message): Message {
  return message.role === 'assistant'
    ? { ...message, blocks: message.blocks.map(clipBlock) }
    : { ...message, text: clipText(message.text) };
}

function clipOutput(output: ToolOutput): ToolOutput {
  return { ...output, text: output.text.slice(0, maxResultInView), cutFrom: output.text.length };
}

function clipBlock(block: Block): Block {
  if (block.type === 'text' || block.type === 'thinking') return { ...block, text: clipText(block.text) };
  if (block.type !== 'tool') return block;
  const children = block.children.map(clipBlock);
  const input = block.input && clipInput(block.input);
  const { result } = block;
  return result !== null && result.length > maxResultInView
    ? { ...block, input, children, result: result.slice(0, maxResultInView), resultCutFrom: result.length }
    : { ...block, input, children };
}

function clipInput(input: JsonObject, depth = 0): JsonObject {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, clipValue(value, depth + 1)]));
}

function clipValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return clipText(value);
  // No tool's input is that deep; a hostile one must not use up the stack.
  if (depth > maxDepth) return null;
  if (Array.isArray(value)) return value.map((one) => clipValue(one, depth + 1));
  return isObject(value) ? clipInput(value, depth) : value;
}

function clipText(text: string): string {
  if (text.length <= maxTextInView) return text;
  const rest = text.length - maxTextInView;
  return `${text.slice(0, maxTextInView)}\n\n… (${String(rest)} more characters are in the transcript, too many to be shown)`;
}
