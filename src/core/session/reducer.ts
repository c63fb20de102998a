import type { Explanation } from '../../base/errors.js';
import {
  noTurnUsage,
  noUsage,
  type SessionEvent,
  type StatusEvent,
  type TurnOutcome,
  type UsageEvent,
} from '../../protocol/session/events.js';
import {
  addTokens,
  addUsage,
  subtractTokens,
  type AssistantMessage,
  type Block,
  type Message,
  type MessageState,
  type Transcript,
} from '../../protocol/session/transcript.js';
import { ProseIndex } from './prose.js';
import { ToolIndex } from './tools.js';

/** Told what an event changed, so that a view redraws only that. */
export interface ChangeSink {
  /** Messages were added. */
  messages(): void;
  /** A message's own fields or its list of blocks changed. */
  message(message: Message): void;
  /** A block's own fields or its list of children changed. */
  block(block: Block): void;
  /** The transcript's own fields changed: turn, activity, model, totals. */
  session(): void;
}

/** What a conversation shows where it was compacted. */
const compacted: Explanation = {
  code: 'contextOverflow',
  what: 'The conversation was compacted: Claude goes on from a summary of it.',
  kept: 'Everything above stays readable here.',
};

/** Whether a block says that the conversation was compacted there. */
export function isCompaction(block: Block): boolean {
  return block.type === 'notice' && block.level === 'info' && block.explanation.code === compacted.code;
}

/** A sink for those who need only the result. */
const ignoreChanges: ChangeSink = {
  messages: () => undefined,
  message: () => undefined,
  block: () => undefined,
  session: () => undefined,
};

/**
 * Turns events into a transcript. The same one runs in the host for the live turn, for replay from a file, and in the
 * webview on top of a snapshot. Each event costs constant time.
 */
export class TranscriptReducer {
  /** The state so far; changed in place by `apply`. */
  readonly transcript: Transcript;
  readonly #sink: ChangeSink;
  readonly #prose = new ProseIndex();
  readonly #tools = new ToolIndex();
  #current: AssistantMessage | null = null;

  /**
   * @param transcript where to go on from: an empty one or a snapshot of another reducer's
   * @param sink told what changes
   */
  constructor(transcript: Transcript, sink: ChangeSink = ignoreChanges) {
    this.transcript = transcript;
    this.#sink = sink;
    const last = transcript.messages.at(-1);
    if (last?.role === 'assistant' && last.state === 'streaming') this.#current = last;
    for (const message of transcript.messages) if (message.role === 'assistant') this.#adopt(message.blocks);
  }

  /** The tools, for those who need to know what runs. */
  get tools(): Pick<ToolIndex, 'get' | 'isAnyRunning'> {
    return this.#tools;
  }

  /** Takes one event into the transcript. */
  apply(event: SessionEvent): void {
    switch (event.kind) {
      case 'start':
        this.#start(event.turn, event.at);
        if (event.prompt) this.#addUser(event.prompt.uuid, event.prompt.text, event.at);
        return;
      case 'steeringDelivered':
        this.#closeProse();
        this.#finishMessage('complete');
        this.#addUser(event.prompt.uuid, event.prompt.text, this.#lastAt());
        return;
      case 'message':
        if (event.parent === null) {
          const message = this.#assistant();
          message.uuid = event.uuid ?? message.uuid;
          message.model = event.model ?? message.model;
          this.#sink.message(message);
        }
        return;
      case 'text':
      case 'thinking': {
        const applied = this.#prose.apply(event);
        if (applied?.isNew) this.#place(event.block.parent, applied.block);
        else if (applied) this.#sink.block(applied.block);
        return;
      }
      case 'toolUse': {
        const { tool, isNew } = this.#tools.applyUse(event);
        if (isNew) this.#place(event.block.parent, tool);
        else this.#sink.block(tool);
        return;
      }
      case 'toolProgress': {
        const tool = this.#tools.get(event.id);
        if (tool) tool.elapsedSeconds = event.elapsedSeconds;
        this.#touched(tool);
        return;
      }
      case 'toolResult':
        this.#touched(this.#tools.applyResult(event));
        return;
      case 'permission':
        this.#touched(this.#tools.applyPermission(event));
        return;
      case 'usage':
        this.#applyUsage(event);
        return;
      case 'notice':
        this.#addCard('notice', event.level, event.notice);
        return;
      case 'status':
        this.#applyStatus(event);
        return;
      case 'rateLimit':
        this.transcript.rateLimit = { state: event.state, window: event.window, resetsAt: event.resetsAt };
        this.#sink.session();
        return;
      case 'complete':
      case 'canceled':
      case 'error':
        this.#end(event);
        return;
      case 'subagent':
      case 'passthrough':
        return;
    }
  }

  #adopt(blocks: readonly Block[]): void {
    for (const block of blocks) {
      if (block.type === 'tool') {
        this.#tools.adopt(block);
        this.#adopt(block.children);
      } else if (block.type === 'text' || block.type === 'thinking') this.#prose.adopt(block);
    }
  }

  #touched(block: Block | undefined): void {
    if (block) this.#sink.block(block);
  }

  #start(turn: string, at: number): void {
    const { transcript } = this;
    this.#closeProse();
    // What an earlier turn left open without an end, such as one of an editor that crashed, does not run any more.
    for (const tool of this.#tools.cancelOpen()) this.#sink.block(tool);
    this.#finishMessage('complete');
    transcript.turn = turn;
    transcript.turnAt = at;
    transcript.activity = { kind: 'working' };
    transcript.turnTokens = noUsage;
    transcript.tokensByMessage = {};
    this.#sink.session();
  }

  #lastAt(): number {
    return Math.max(this.transcript.messages.at(-1)?.at ?? 0, this.transcript.turnAt);
  }

  #nextNumber(): number {
    const last = this.transcript.messages.at(-1);
    return last ? last.number + 1 : this.transcript.firstNumber;
  }

  #addUser(uuid: string, text: string, at: number): void {
    this.transcript.messages.push({ role: 'user', number: this.#nextNumber(), uuid, text, at });
    this.#sink.messages();
  }

  /** Claude's message of now; begins one where there is none. */
  #assistant(): AssistantMessage {
    if (this.#current) return this.#current;
    const { transcript } = this;
    this.#current = {
      role: 'assistant',
      number: this.#nextNumber(),
      turn: transcript.turn ?? '',
      uuid: null,
      model: transcript.model,
      state: 'streaming',
      usage: noTurnUsage,
      at: this.#lastAt(),
      blocks: [],
    };
    transcript.messages.push(this.#current);
    this.#sink.messages();
    return this.#current;
  }

  /** Puts a block where its address says: into Claude's message, or under the tool use whose subagent it belongs to. */
  #place(parent: string | null, block: Block): void {
    const tool = parent === null ? undefined : this.#tools.get(parent);
    // A tool use that says it is its own parent must not become one.
    if (tool && tool !== block) {
      tool.children.push(block);
      this.#sink.block(tool);
    } else {
      const message = this.#assistant();
      message.blocks.push(block);
      this.#sink.message(message);
    }
  }

  #applyUsage({ parent, message, tokens }: UsageEvent): void {
    const { transcript } = this;
    const key = `${parent ?? ''}/${message}`;
    const before = transcript.tokensByMessage[key] ?? noUsage;
    transcript.tokensByMessage[key] = tokens;
    transcript.turnTokens = addTokens(transcript.turnTokens, subtractTokens(tokens, before));
    // A message that streams ends what was waited for, such as a retry.
    if (transcript.activity.kind === 'retrying') transcript.activity = { kind: 'working' };
    this.#sink.session();
  }

  #applyStatus(event: StatusEvent): void {
    const { transcript } = this;
    switch (event.status) {
      case 'settings':
        transcript.model = event.model ?? transcript.model;
        transcript.mode = event.mode ?? transcript.mode;
        break;
      case 'retrying':
        transcript.activity = {
          kind: 'retrying',
          attempt: event.attempt,
          attempts: event.attempts,
          reason: event.reason,
        };
        break;
      case 'compacted':
        this.#addCard('notice', 'info', compacted);
        break;
      case 'compactFailed':
        this.#addCard('notice', 'warning', {
          code: 'contextOverflow',
          what: 'The conversation could not be compacted.',
          detail: event.reason,
        });
        break;
      case 'working':
      case 'compacting':
      case 'idle':
        transcript.activity = { kind: transcript.turn === null ? 'idle' : event.status };
        break;
    }
    this.#sink.session();
  }

  #addCard(type: 'error' | 'notice', level: 'error' | 'warning' | 'info', explanation: Explanation): void {
    const message = this.#assistant();
    const key = `card-${String(message.number)}-${String(message.blocks.length)}`;
    this.#place(null, { type, key, level, explanation });
    // Outside of a turn nothing more belongs to it.
    if (this.transcript.turn === null) this.#finishMessage('complete');
  }

  #closeProse(): void {
    for (const block of this.#prose.close()) this.#sink.block(block);
  }

  #finishMessage(state: MessageState): void {
    if (!this.#current) return;
    this.#current.state = state;
    this.#sink.message(this.#current);
    this.#current = null;
  }

  #end(event: TurnOutcome): void {
    const { transcript } = this;
    this.#closeProse();
    for (const tool of this.#tools.cancelOpen()) this.#sink.block(tool);
    if (event.kind === 'error') this.#addCard('error', 'error', event.error);
    else if (event.kind === 'canceled') this.#assistant();
    if (this.#current) this.#current.usage = event.usage;
    this.#finishMessage(event.kind === 'complete' ? 'complete' : event.kind === 'canceled' ? 'canceled' : 'failed');
    transcript.total = addUsage(transcript.total, event.usage);
    transcript.turn = null;
    transcript.turnTokens = noUsage;
    transcript.tokensByMessage = {};
    transcript.activity = { kind: 'idle' };
    this.#sink.session();
  }
}
