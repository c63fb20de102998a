import type { Prompt } from '../../protocol/session/events.js';
import type { Message, Transcript } from '../../protocol/session/transcript.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import type { LaunchOptions } from '../ports.js';

const nameLength = 60;

/** How the program is started for a session, but for where the conversation begins. */
export function launchOptionsOf(record: SessionRecord): Omit<LaunchOptions, 'start'> {
  const { id, folder, model, mode, appendSystemPrompt } = record;
  return {
    folder,
    sessionId: id,
    permissionMode: mode,
    persist: true,
    ...(model === null ? {} : { model }),
    ...(appendSystemPrompt === null ? {} : { appendSystemPrompt }),
  };
}

/** The record when a prompt is given to the program. @param now milliseconds since 1970 */
export function withPrompt(record: SessionRecord, text: string, now: number): SessionRecord {
  const { head, lineage, nameFrom, name, activeAt } = record;
  // A fork is called as its parent until it goes its own way.
  const isNew = name === '' || (lineage !== null && head === null && nameFrom === 'prompt');
  // A clock that was set back makes no session older than it was.
  return { ...record, name: isNew ? firstLine(text) : name, activeAt: Math.max(activeAt, now) };
}

/** The record when a turn has completed: its last message is what the conversation goes on from. */
export function withHead(record: SessionRecord, { messages }: Transcript, turn: string): SessionRecord {
  const isLast = (message: Message): boolean => message.role === 'assistant' && message.turn === turn;
  const last = messages.findLast(isLast);
  return last?.role === 'assistant' && last.uuid !== null ? { ...record, head: last.uuid } : record;
}

/** A waiting message as the prompt that it becomes. */
export function promptOf({ id, text }: { readonly id: string; readonly text: string }): Prompt {
  return { uuid: id, text };
}

/** The first line of a prompt, as the session's name. */
function firstLine(text: string): string {
  const [first = ''] = text.trim().split('\n', 1);
  const line = Array.from(first.slice(0, nameLength * 4).trimEnd());
  return line.length > nameLength ? `${line.slice(0, nameLength - 1).join('')}…` : line.join('');
}
