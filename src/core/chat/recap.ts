import type { Transcript } from '../../protocol/session/transcript.js';

const maxLength = 12_000;

/**
 * A draft that tells a new conversation what an old one was about, from what is shown of it. The user edits it before it
 * is sent. The newest messages count most, so the oldest are left out where it gets long.
 */
export function recap(transcript: Pick<Transcript, 'messages'>): string {
  const parts: string[] = [];
  let length = 0;
  for (const message of [...transcript.messages].reverse()) {
    const text =
      message.role === 'user'
        ? message.text
        : message.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
    if (text.trim() === '') continue;
    const part = `${message.role === 'user' ? 'I said' : 'You said'}:\n${text.trim()}`;
    length += part.length;
    if (length > maxLength && parts.length > 0) break;
    parts.push(part.length > maxLength ? `${part.slice(0, maxLength)}…` : part);
  }
  return `This goes on from an earlier conversation, which you do not have. A recap of it:\n\n${parts.reverse().join('\n\n')}\n`;
}
