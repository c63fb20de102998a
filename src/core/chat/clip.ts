import type { SessionEvent, ToolOutput } from '../../protocol/session/events.js';
import type { Block, Message } from '../../protocol/session/transcript.js';

/** Characters of a tool's result that go to the view; the whole can be opened as a document. */
export const maxResultInView = 50_000;

/** The event as the view gets it: a long tool result is cut, and says so. */
export function clipEvent(event: SessionEvent): SessionEvent {
  return event.kind === 'toolResult' && event.output.text.length > maxResultInView
    ? { ...event, output: clipOutput(event.output) }
    : event;
}

/** The message as the view gets it, with long tool results cut. */
export function clipMessage(message: Message): Message {
  return message.role === 'assistant' ? { ...message, blocks: message.blocks.map(clipBlock) } : message;
}

function clipOutput(output: ToolOutput): ToolOutput {
  return { ...output, text: output.text.slice(0, maxResultInView), cutFrom: output.text.length };
}

function clipBlock(block: Block): Block {
  if (block.type !== 'tool') return block;
  const children = block.children.map(clipBlock);
  const { result } = block;
  return result !== null && result.length > maxResultInView
    ? { ...block, children, result: result.slice(0, maxResultInView), resultCutFrom: result.length }
    : { ...block, children };
}
