import { contained, fenced, plainLine, quoted } from '../export/markdownText.js';
import type { ContentPart } from './messageContent.js';
import type { Resolution } from './resolve.js';

/**
 * A message as the source of a Markdown document; where there is none, why.
 * @param resolution what an address stands for
 */
export function messageMarkdown(resolution: Resolution): string {
  if (resolution.kind === 'unresolved') {
    const { what, kept, next, detail } = resolution.explanation;
    const sentences = [what, kept, next].filter((sentence) => sentence !== undefined).map(plainLine);
    return `# No Message\n\n${sentences.join('\n\n')}\n${detail === undefined ? '' : `\n${fenced(detail)}\n`}`;
  }
  const { role, content, model, name, at, sessionId } = resolution;
  const rows = [
    `- Session: ${name === '' ? sessionId : `${plainLine(name)} (${sessionId})`}`,
    model === null ? '' : `- Model: ${plainLine(model)}`,
    at === 0 ? '' : `- Time: ${new Date(at).toISOString()}`,
  ];
  const head = `# ${role === 'user' ? 'You' : 'Claude'}\n\n${rows.filter((row) => row !== '').join('\n')}`;
  return `${[head, ...content.map(partText)].filter((text) => text !== '').join('\n\n')}\n`;
}

function partText(part: ContentPart): string {
  switch (part.type) {
    case 'text':
      return contained(part.text);
    case 'thinking':
      return part.text === '' ? '' : `*Thinking:*\n\n${quoted(part.text)}`;
    case 'toolUse':
      return `**Tool: ${plainLine(part.name)}**\n\n${fenced(JSON.stringify(part.input, null, 2), 'json')}`;
    case 'toolResult':
      return `**${part.isError ? 'Error of a tool' : 'Result of a tool'}**\n\n${fenced(part.text, 'text')}`;
    case 'other':
      return `*${plainLine(part.kind)}, not shown.*`;
  }
}
