import { isObject, stringAt } from '../../../base/json.js';
import type { ToolOutput } from '../../../protocol/session/events.js';

/** The text of a message's or tool result's content, which is a string or a list of blocks; other blocks are counted. */
export function readContent(content: unknown): ToolOutput {
  if (typeof content === 'string') return { text: content, attachments: 0 };
  if (!Array.isArray(content)) return { text: '', attachments: 0 };
  const texts: string[] = [];
  let attachments = 0;
  for (const block of content as readonly unknown[]) {
    const text = isObject(block) && block['type'] === 'text' ? stringAt(block, 'text') : undefined;
    if (text === undefined) attachments += 1;
    else texts.push(text);
  }
  return { text: texts.join('\n'), attachments };
}
