import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, objectAt, stringAt, type JsonObject } from '../../../../src/base/json.js';
import { TranscriptReducer } from '../../../../src/core/session/reducer.js';
import { readContent } from '../../../../src/core/session/translate/content.js';
import { LineTranslator } from '../../../../src/core/session/translate/translator.js';
import { parseLine } from '../../../../src/node/claude/cliLine.js';
import { readConversation } from '../../../../src/node/transcripts/transcripts.js';
import { isOutcome, type Prompt, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { emptyTranscript, type Block, type Transcript } from '../../../../src/protocol/session/transcript.js';

const folder = join(import.meta.dirname, '../../../fixtures/recordings');

/** The transcript file of a recorded conversation. */
export function sessionFile(name: string): string {
  return join(folder, name, 'session.jsonl');
}

/** What the reducer makes of a transcript file. */
export async function replayed(path: string): Promise<Transcript> {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of (await readConversation(path)).events) reducer.apply(event);
  return reducer.transcript;
}

/** What the reducer made of a recorded conversation while it went on, as a session drives translator and reducer. */
export function lived(name: string): Transcript {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of livedEvents(name)) reducer.apply(event);
  return reducer.transcript;
}

/** The events of a recorded conversation while it went on. */
export function livedEvents(name: string): readonly SessionEvent[] {
  const player = new LivePlayer();
  const text = readFileSync(join(folder, name, 'live.jsonl'), 'utf8');
  for (const [number, line] of text.trimEnd().split('\n').entries()) {
    const entry: unknown = JSON.parse(line);
    const content = isObject(entry) ? objectAt(entry, 'line') : undefined;
    if (!isObject(entry) || !content) throw new Error(`${name}: line ${String(number + 1)} is no recording`);
    if (entry['dir'] === 'in') player.sent(content);
    else player.printed(content, number);
  }
  return player.events;
}

/** Plays the part of a session: says when turns begin, and what the user decided. */
class LivePlayer {
  readonly events: SessionEvent[] = [];
  readonly #translator = new LineTranslator();
  readonly #waiting: Prompt[] = [];
  readonly #requests = new Map<string, JsonObject>();
  #turn: string | null = null;
  #turns = 0;
  #stopping = false;

  readonly #emit = (event: SessionEvent): void => {
    const canceled = this.#stopping && event.kind === 'toolResult' && event.isError;
    this.events.push(canceled ? { ...event, canceled } : event);
    if (!isOutcome(event)) return;
    this.#turn = null;
    this.#stopping = false;
  };

  sent(line: JsonObject): void {
    if (line['type'] === 'user') {
      const { text } = readContent(objectAt(line, 'message')?.['content']);
      const prompt = { uuid: stringAt(line, 'uuid') ?? '', text };
      if (this.#turn === null) this.#begin(prompt);
      else this.#waiting.push(prompt);
    } else if (line['type'] === 'control_request') this.#stopping = true;
    else this.#answered(objectAt(line, 'response') ?? {});
  }

  printed(line: JsonObject, number: number): void {
    if (line['type'] === 'control_request') {
      this.#requests.set(stringAt(line, 'request_id') ?? '', objectAt(line, 'request') ?? {});
      return;
    }
    const { line: parsed } = parseLine(JSON.stringify(line));
    if (!parsed) throw new Error('a recorded line is no line of the program');
    if (this.#turn === null) {
      const index = this.#waiting.findIndex((prompt) => line['isReplay'] === true && prompt.uuid === line['uuid']);
      const [prompt] = index === -1 ? [] : this.#waiting.splice(index, 1);
      const speaks = line['type'] === 'stream_event' && !line['parent_tool_use_id'];
      if (prompt || speaks) this.#begin(prompt ?? null);
    }
    this.#translator.translate(parsed, number, this.#emit);
  }

  #begin(prompt: Prompt | null): void {
    this.#turns += 1;
    this.#turn = String(this.#turns);
    this.#translator.begin(this.#turn, prompt);
    this.events.push({ kind: 'start', turn: this.#turn, prompt, at: 0 });
  }

  #answered(response: JsonObject): void {
    const request = this.#requests.get(stringAt(response, 'request_id') ?? '');
    const answer = objectAt(response, 'response');
    if (!request || answer?.['behavior'] !== 'deny') return;
    this.#emit({
      kind: 'permission',
      phase: 'denied',
      request: '',
      toolUseId: stringAt(request, 'tool_use_id') ?? '',
      tool: stringAt(request, 'tool_name') ?? '',
      reason: stringAt(answer, 'message') ?? null,
    });
  }
}

/** What live and replay must have the same: everything but what only the clock and the price list know. */
export function comparable(transcript: Transcript): unknown {
  return {
    model: transcript.model,
    mode: transcript.mode,
    tokens: transcript.total.tokens,
    messages: transcript.messages.map((message) => {
      if (message.role === 'user') return { ...message, at: 0 };
      return { ...message, at: 0, turn: '', usage: message.usage.tokens, blocks: message.blocks.map(comparableBlock) };
    }),
  };
}

function comparableBlock(block: Block): unknown {
  if (block.type === 'tool') return { ...block, children: block.children.map(comparableBlock) };
  // Where a block stands is its order; its key may differ.
  return { ...block, key: '' };
}

/** A transcript in few words: a line for each message, with its state, and one for each block, tools with their state. */
export function outline(transcript: Transcript): string[] {
  return transcript.messages.flatMap((message) =>
    message.role === 'user'
      ? [`> ${message.text}`]
      : [`Claude: ${message.state}`, ...message.blocks.flatMap((block) => outlineBlock(block, '  '))],
  );
}

function outlineBlock(block: Block, indent: string): string[] {
  const start = (text: string): string => text.trim().split('\n')[0]?.slice(0, 40).trimEnd() ?? '';
  switch (block.type) {
    case 'text':
      return [`${indent}${start(block.text)}`];
    case 'thinking':
      return [`${indent}(${start(block.text)})`];
    case 'tool':
      return [
        `${indent}${block.name} ${block.state}: ${start(block.result ?? '')}`.trimEnd(),
        ...block.children.flatMap((child) => outlineBlock(child, `${indent}  `)),
      ];
    case 'error':
    case 'notice':
      return [`${indent}${block.type} ${block.explanation.code}`];
  }
}
