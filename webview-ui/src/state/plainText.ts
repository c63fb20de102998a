import type { Message } from '../../../src/protocol/session/transcript.js';

/** What a message says, as Markdown, without tools, thinking and cards; for the clipboard. */
export function plainText(message: Message): string {
  if (message.role === 'user') return message.text;
  return message.blocks
    .flatMap((block) => (block.type === 'text' ? [block.text.trim()] : []))
    .filter((text) => text !== '')
    .join('\n\n');
}
