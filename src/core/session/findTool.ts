import type { Block, ToolBlock, Transcript } from '../../protocol/session/transcript.js';

/** The tool use of that id, wherever it is in the conversation, or undefined. */
export function findTool(transcript: Transcript, id: string): ToolBlock | undefined {
  for (const message of [...transcript.messages].reverse()) {
    const found = message.role === 'assistant' ? findIn(message.blocks, id) : undefined;
    if (found) return found;
  }
  return undefined;
}

function findIn(blocks: readonly Block[], id: string): ToolBlock | undefined {
  for (const block of blocks) {
    if (block.type !== 'tool') continue;
    const found = block.id === id ? block : findIn(block.children, id);
    if (found) return found;
  }
  return undefined;
}
