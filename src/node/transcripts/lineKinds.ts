import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import { readContent } from '../../core/session/translate/content.js';
import { isInterruptMark, localOutput, slashCommand } from '../../core/session/translate/userLines.js';
import { resultIds } from './branch.js';

/** What a line of the user is: tool results, something that nobody said, a mark, a command's output, or a prompt. */
export type UserLine =
  { readonly kind: 'results' | 'hidden' | 'interrupt' } | { readonly kind: 'output' | 'prompt'; readonly text: string };

/** Reads what a line of the user is. @param message the line's message */
export function readUserLine(line: JsonObject, message: JsonObject): UserLine {
  if (resultIds(line).length > 0) return { kind: 'results' };
  if (line['isMeta'] === true || line['isCompactSummary'] === true) return { kind: 'hidden' };
  const { text } = readContent(message['content']);
  const output = localOutput(text) ?? shellOutput(text);
  if (isInterruptMark(text)) return { kind: 'interrupt' };
  return output === undefined ? { kind: 'prompt', text } : { kind: 'output', text: output };
}

/** Whether a line is a prompt that the program gave itself, such as that a task in the background has ended. */
export function isOfProgram(line: JsonObject): boolean {
  if (line['turnOrigin'] === 'task_notification') return true;
  return readContent(objectAt(line, 'message')?.['content']).text.startsWith('<task-notification>');
}

/** What a line of a branch means for dividing it into pages. */
export type Place =
  /** A turn begins with it, and a page may. */
  | 'turn'
  /** A turn begins with it that cannot be told without what comes before: a compaction is written before its command. */
  | 'boundTurn'
  /** A message of the user's that reached Claude in the middle of a turn. */
  | 'steering'
  /** Something else that is shown. */
  | 'shown'
  /** It shows nothing, but says something about what follows. */
  | 'setting'
  /** Nothing of it is shown. */
  | 'nothing';

/** What a line means for dividing a branch into pages. */
export function placeOf(line: JsonObject): Place {
  switch (line['type']) {
    case 'assistant':
      return objectAt(line, 'message') ? 'shown' : 'nothing';
    case 'user': {
      const message = objectAt(line, 'message');
      if (!message) return 'nothing';
      const read = readUserLine(line, message);
      if (read.kind === 'hidden') return 'nothing';
      if (read.kind !== 'prompt') return 'shown';
      return slashCommand(read.text)?.startsWith('/compact') === true ? 'boundTurn' : 'turn';
    }
    case 'attachment':
      return attachmentPlace(stringAt(objectAt(line, 'attachment') ?? {}, 'type'));
    case 'system':
      if (line['subtype'] === 'compact_boundary') return 'shown';
      return localOutput(stringAt(line, 'content') ?? '') === undefined ? 'nothing' : 'shown';
    default:
      return 'nothing';
  }
}

function attachmentPlace(type: string | undefined): Place {
  if (type === 'queued_command') return 'steering';
  if (type === 'max_turns_reached') return 'shown';
  return type === 'model' ? 'setting' : 'nothing';
}

function shellOutput(text: string): string | undefined {
  if (!/^<bash-std(?:out|err)>/.test(text)) return undefined;
  return text.replaceAll(/<\/?bash-std(?:out|err)>/g, '');
}
