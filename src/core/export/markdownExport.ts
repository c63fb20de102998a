import { stringAt } from '../../base/json.js';
import type { AssistantMessage, Block, Message, ToolBlock } from '../../protocol/session/transcript.js';
import { contained, fenced, plainLine, quoted } from './markdownText.js';
import type { ExportPiece, SessionToExport } from './sessionToExport.js';

/**
 * A session as Markdown for people, piece by piece: a head with model, time and cost, then the messages, each prompt as a
 * block quote, each tool use with its input and result in code blocks.
 * @param session what is exported
 */
export function* markdownExport(session: SessionToExport): Generator<ExportPiece, undefined> {
  const { messages } = session;
  yield { text: head(session) };
  for (const [index, message] of messages.entries()) {
    yield { text: `\n${messageText(message)}\n`, share: (index + 1) / messages.length };
  }
}

function head({
  head: { id, name, folder, model, costUsd, exportedAt },
  messages,
  unreadable,
}: SessionToExport): string {
  const rows = [
    `- Session: ${id}`,
    `- Folder: ${plainLine(folder)}`,
    model === null ? null : `- Model: ${plainLine(model)}`,
    `- Messages: ${String(messages.length)}`,
    time('First message', messages[0]?.at),
    time('Last message', messages.at(-1)?.at),
    costUsd === null ? null : `- Cost: $${costUsd.toFixed(4)}`,
    time('Exported', exportedAt),
    unreadable === 0 ? null : `- Lines of the transcript that could not be read: ${String(unreadable)}`,
  ];
  const title = name === '' ? 'Session' : plainLine(name);
  return `# ${title}\n\n${rows.filter((row) => row !== null).join('\n')}\n`;
}

function time(what: string, at: number | undefined): string | null {
  return at === undefined || at === 0 ? null : `- ${what}: ${moment(at)}`;
}

function moment(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'unknown' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function messageText(message: Message): string {
  const heading = `## ${String(message.number)}. ${message.role === 'user' ? 'You' : 'Claude'}`;
  const when = message.at === 0 ? '' : ` · ${moment(message.at)}`;
  if (message.role === 'user') return `${heading}${when}\n\n${quoted(message.text)}`;
  const parts = [...message.blocks.map(blockText), ending(message)];
  return [`${heading}${when}`, ...parts.filter((part) => part !== '')].join('\n\n');
}

function ending({ state }: AssistantMessage): string {
  if (state === 'canceled') return '*Canceled.*';
  return state === 'failed' ? '*Failed.*' : '';
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'text':
      return contained(block.text);
    case 'thinking':
      return block.text === '' ? '' : `*Thinking:*\n\n${quoted(block.text)}`;
    case 'error':
    case 'notice': {
      const { what, kept, next } = block.explanation;
      const text = [what, kept, next].filter((sentence) => sentence !== undefined).join(' ');
      return `**${block.type === 'error' ? 'Error' : 'Notice'}:** ${plainLine(text)}`;
    }
    case 'tool':
      return toolText(block);
  }
}

function toolText(tool: ToolBlock): string {
  const parts = [`**Tool: ${plainLine(tool.name)}** (${states[tool.state]})`, inputText(tool)];
  if (tool.children.length > 0) parts.push(quoted(tool.children.map(blockText).join('\n\n')));
  if (tool.deniedReason !== null) parts.push(`Denied: ${plainLine(tool.deniedReason)}`);
  else if (tool.result !== null) parts.push(`Result:\n\n${fenced(tool.result, 'text')}`);
  if (tool.resultAttachments > 0) parts.push(`*${String(tool.resultAttachments)} attachments are not shown.*`);
  return parts.filter((part) => part !== '').join('\n\n');
}

const states: Readonly<Record<ToolBlock['state'], string>> = {
  input: 'not started',
  running: 'running',
  awaiting: 'waiting for permission',
  done: 'done',
  failed: 'failed',
  denied: 'denied',
  canceled: 'canceled',
};

function inputText({ input, inputText: raw }: ToolBlock): string {
  if (input === null) return raw === '' ? '' : fenced(raw, 'json');
  const command = stringAt(input, 'command');
  const isPlain = Object.keys(input).every((name) => name === 'command' || name === 'description');
  if (command !== undefined && isPlain) return fenced(command, 'sh');
  return fenced(JSON.stringify(input, null, 2), 'json');
}
