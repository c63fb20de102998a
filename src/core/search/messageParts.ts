import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from '../../base/json.js';
import { readContent } from '../session/translate/content.js';
import { isInterruptMark, localOutput, slashCommand } from '../session/translate/userLines.js';

/** Who said it: the user, Claude (a tool's input too), or a tool (its result). */
export type PartRole = 'user' | 'assistant' | 'tool';

/** A part of a message that can be searched: a prompt, a text, a tool use's input, a tool's result. */
export interface MessagePart {
  readonly role: PartRole;
  /** UUID of the transcript line, by which the message is found. */
  readonly uuid: string;
  /** A tool use's id, for its use and its result; null for words. */
  readonly toolUseId: string | null;
  /** The tool's name where the part says it, else null. */
  readonly tool: string | null;
  /** Its texts: one, or each text of a tool's input. */
  readonly texts: readonly string[];
  /** The paths that a tool's input names. */
  readonly files: readonly string[];
}

/**
 * The parts of a transcript line that the user can see in a conversation; none for what the program keeps for itself.
 * @param line a line of a transcript, of any kind
 */
export function messageParts(line: JsonObject): readonly MessagePart[] {
  const uuid = stringAt(line, 'uuid');
  if (uuid === undefined) return [];
  switch (line['type']) {
    case 'assistant':
      return assistantParts(uuid, objectAt(line, 'message') ?? {});
    case 'user':
      return userParts(uuid, line, objectAt(line, 'message') ?? {});
    case 'attachment':
      return queuedParts(uuid, objectAt(line, 'attachment') ?? {});
    case 'system': {
      const output = localOutput(stringAt(line, 'content') ?? '');
      return output === undefined ? [] : [words('assistant', uuid, output)];
    }
    default:
      return [];
  }
}

function assistantParts(uuid: string, message: JsonObject): readonly MessagePart[] {
  const { content } = message;
  if (typeof content === 'string') return [words('assistant', uuid, content)];
  return arrayAt(message, 'content').flatMap((block) => {
    if (!isObject(block)) return [];
    if (block['type'] === 'text') return [words('assistant', uuid, stringAt(block, 'text') ?? '')];
    if (block['type'] !== 'tool_use') return [];
    const texts: string[] = [];
    const files: string[] = [];
    collect(block['input'], '', texts, files);
    const tool = stringAt(block, 'name') ?? null;
    return [{ role: 'assistant', uuid, toolUseId: stringAt(block, 'id') ?? null, tool, texts, files }] as const;
  });
}

function userParts(uuid: string, line: JsonObject, message: JsonObject): readonly MessagePart[] {
  if (line['isMeta'] === true || line['isCompactSummary'] === true) return [];
  const results = arrayAt(message, 'content').flatMap((block): readonly MessagePart[] => {
    const id = isObject(block) && block['type'] === 'tool_result' ? stringAt(block, 'tool_use_id') : undefined;
    if (!isObject(block) || id === undefined) return [];
    const { text } = readContent(block['content']);
    return [{ role: 'tool', uuid, toolUseId: id, tool: null, texts: [text], files: [] }];
  });
  if (results.length > 0) return results;
  const { text } = readContent(message['content']);
  if (isInterruptMark(text) || text.startsWith('<task-notification>')) return [];
  const output = localOutput(text);
  if (output !== undefined) return [words('assistant', uuid, output)];
  return [words('user', uuid, slashCommand(text) ?? text)];
}

/** A message that was sent while a turn ran. */
function queuedParts(uuid: string, attachment: JsonObject): readonly MessagePart[] {
  if (attachment['type'] !== 'queued_command' || attachment['isMeta'] === true) return [];
  if ((attachment['commandMode'] ?? 'prompt') !== 'prompt') return [];
  return [words('user', stringAt(attachment, 'source_uuid') ?? uuid, readContent(attachment['prompt']).text)];
}

function words(role: PartRole, uuid: string, text: string): MessagePart {
  return { role, uuid, toolUseId: null, tool: null, texts: [text], files: [] };
}

/** All texts of a tool's input, and those among them that a path's name stands before. Deeper than JSON ever is here ends. */
function collect(value: unknown, name: string, texts: string[], files: string[], depth = 0): void {
  if (typeof value === 'string') {
    texts.push(value);
    if (/path|file|folder|director|cwd/i.test(name)) files.push(value);
  } else if (depth < deepest) {
    if (Array.isArray(value)) for (const item of value) collect(item, name, texts, files, depth + 1);
    else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) collect(item, key, texts, files, depth + 1);
    }
  }
}

const deepest = 64;
