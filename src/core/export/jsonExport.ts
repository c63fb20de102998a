import {
  sessionExportFormat,
  sessionExportVersion,
  type ExportedBlock,
  type ExportedMessage,
} from '../../protocol/export/sessionExport.js';
import type { Block, Message } from '../../protocol/session/transcript.js';
import type { RawLines } from './rawTranscript.js';
import type { ExportPiece, SessionToExport } from './sessionToExport.js';

/**
 * A session as JSON, piece by piece (`protocol/export/sessionExport.ts`). Each message and each line of the program is on
 * a line of its own, and the program's are as it wrote them.
 * @param session what is exported
 */
export async function* jsonExport(session: SessionToExport): AsyncGenerator<ExportPiece, undefined> {
  const { id, name, folder, model, costUsd, exportedAt } = session.head;
  const head = {
    format: sessionExportFormat,
    version: sessionExportVersion,
    exportedAt,
    session: { id, name, folder, model, costUsd },
  };
  let unreadable = 0;
  const onUnreadable = (): void => {
    unreadable += 1;
  };
  yield { text: `${JSON.stringify(head).slice(0, -1)},\n"messages":[` };
  let separator = '\n';
  for (const [index, message] of session.messages.entries()) {
    yield { text: `${separator}${JSON.stringify(exportedMessage(message))}`, share: index / session.messages.length };
    separator = ',\n';
  }
  yield { text: '\n],\n"lines":[' };
  yield* rawLines(session.raw.lines, onUnreadable);
  yield { text: '\n],\n"subagents":[' };
  separator = '\n';
  for (const { name: file, meta, lines } of session.raw.subagents) {
    yield { text: `${separator}{"name":${JSON.stringify(file)},"meta":${JSON.stringify(meta)},"lines":[` };
    yield* rawLines(lines, onUnreadable);
    yield { text: '\n]}' };
    separator = ',\n';
  }
  yield { text: `\n],\n"unreadable":${String(unreadable)}}\n`, share: 1 };
}

async function* rawLines(lines: RawLines, onUnreadable: () => void): AsyncGenerator<ExportPiece, undefined> {
  let separator = '\n';
  for await (const { text } of lines.read(onUnreadable)) {
    yield { text: `${separator}${text}` };
    separator = ',\n';
  }
}

function exportedMessage(message: Message): ExportedMessage {
  const { role, uuid, at } = message;
  if (message.role === 'user') {
    return { role, uuid, at, model: null, blocks: [{ type: 'text', text: message.text }] };
  }
  return { role, uuid, at, model: message.model, blocks: message.blocks.map(exportedBlock) };
}

function exportedBlock(block: Block): ExportedBlock {
  switch (block.type) {
    case 'text':
    case 'thinking':
      return { type: block.type, text: block.text };
    case 'error':
    case 'notice':
      return { type: block.type, text: block.explanation.what };
    case 'tool': {
      const { type, id, name, state, input, result } = block;
      return { type, id, name, state, input, result, blocks: block.children.map(exportedBlock) };
    }
  }
}
