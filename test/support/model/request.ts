/** Reading what the CLI sends to `POST /v1/messages`, without trusting its form. */

/** A block of a message. What the scripted model has no use for is `other`. */
export type RequestBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'toolUse'; readonly id: string; readonly name: string; readonly input: Record<string, unknown> }
  | { readonly type: 'toolResult'; readonly toolUseId: string; readonly text: string; readonly isError: boolean }
  | { readonly type: 'other'; readonly kind: string };

/** A message. The CLI also puts `system` messages between the others. */
export interface RequestMessage {
  readonly role: string;
  readonly blocks: readonly RequestBlock[];
}

/** A tool the CLI offers, with the names of its parameters. */
export interface RequestTool {
  readonly name: string;
  readonly parameters: readonly string[];
}

/** A request to the model, as far as the scripted model reads it. */
export interface ModelRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens: number;
  readonly system: string;
  readonly tools: readonly RequestTool[];
  readonly messages: readonly RequestMessage[];
}

/** Narrows to an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text in a content value: a string, or the text blocks of a list joined by a line break. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((block) => (isRecord(block) ? textOf(block['text']) : ''))
    .filter((text) => text !== '')
    .join('\n');
}

function readBlock(block: unknown): RequestBlock {
  if (!isRecord(block)) return { type: 'other', kind: typeof block };
  const type = textOf(block['type']);
  if (type === 'text') return { type: 'text', text: textOf(block['text']) };
  if (type === 'tool_use') {
    const input = block['input'];
    return {
      type: 'toolUse',
      id: textOf(block['id']),
      name: textOf(block['name']),
      input: isRecord(input) ? input : {},
    };
  }
  if (type === 'tool_result') {
    return {
      type: 'toolResult',
      toolUseId: textOf(block['tool_use_id']),
      text: contentText(block['content']),
      isError: block['is_error'] === true,
    };
  }
  return { type: 'other', kind: type };
}

function readMessage(message: unknown): RequestMessage {
  if (!isRecord(message)) return { role: '', blocks: [] };
  const content = message['content'];
  const blocks =
    typeof content === 'string' ? [{ type: 'text' as const, text: content }] : listOf(content).map(readBlock);
  return { role: textOf(message['role']), blocks };
}

function readTool(tool: unknown): RequestTool {
  if (!isRecord(tool)) return { name: '', parameters: [] };
  const schema = tool['input_schema'];
  const properties = isRecord(schema) ? schema['properties'] : undefined;
  return { name: textOf(tool['name']), parameters: isRecord(properties) ? Object.keys(properties) : [] };
}

/**
 * Reads a request's body. Anything that is missing or of another type becomes empty: the server answers all the same.
 * @param body the parsed JSON body
 */
export function readModelRequest(body: unknown): ModelRequest {
  const record = isRecord(body) ? body : {};
  const maxTokens = record['max_tokens'];
  return {
    model: textOf(record['model']),
    stream: record['stream'] === true,
    maxTokens: typeof maxTokens === 'number' ? maxTokens : 0,
    system: contentText(record['system']),
    tools: listOf(record['tools']).map(readTool),
    messages: listOf(record['messages']).map(readMessage),
  };
}
