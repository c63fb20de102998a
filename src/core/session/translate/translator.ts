import { arrayAt, numberAt, objectAt, stringAt } from '../../../base/json.js';
import { isPermissionMode, type CliLine } from '../../../protocol/cli/lines.js';
import type { Prompt, SessionEvent } from '../../../protocol/session/events.js';
import { readContent } from './content.js';
import { classifyFailure, explainFailure } from './failures.js';
import { RunningTotal, type Counted } from './runningTotal.js';
import { madeUpModel, StreamedMessages } from './streamedMessages.js';
import { emitToolResults, isInterruptMark, localOutput } from './userLines.js';

/**
 * Turns the lines of one process into events of the union. It has the state of the running turn and nothing else; it
 * never throws on a line, whatever it holds: what is not understood is passed through.
 */
export class LineTranslator {
  readonly #streamed = new StreamedMessages();
  #turn = '';
  #prompt: Prompt | null = null;
  #interrupted = false;
  #failure: { readonly category: string; readonly text: string } | null = null;
  readonly #total = new RunningTotal();

  /**
   * Says that a turn begins.
   * @param turn the turn's id, for its outcome
   * @param prompt the prompt that was sent, whose echo is not a steering message; null when the program began by itself
   */
  begin(turn: string, prompt: Prompt | null): void {
    this.#turn = turn;
    this.#prompt = prompt;
    this.#interrupted = false;
    this.#failure = null;
    this.#streamed.clear();
  }

  /**
   * Says what the process counts from: the program reports a conversation's running total, also of earlier processes.
   * @param before what the conversation had used when the process was started
   */
  setCountedBefore(before: Counted): void {
    this.#total.set(before);
  }

  /**
   * Translates one line.
   * @param line what the program printed
   * @param number the line's number, for passthrough
   * @param emit called for each event, in order
   */
  translate(line: CliLine, number: number, emit: (event: SessionEvent) => void): void {
    if (!this.#known(line, emit)) {
      const subtype = stringAt(line, 'subtype');
      emit({
        kind: 'passthrough',
        handle: number,
        type: subtype === undefined ? line.type : `${line.type}/${subtype}`,
      });
    }
  }

  #known(line: CliLine, emit: (event: SessionEvent) => void): boolean {
    const parent = stringAt(line, 'parent_tool_use_id') ?? null;
    switch (line.type) {
      case 'stream_event': {
        const event = objectAt(line, 'event');
        return event !== undefined && this.#streamed.stream(parent, event, emit);
      }
      case 'assistant':
        return this.#assistant(line, parent, emit);
      case 'user':
        return this.#user(line, emit);
      case 'system':
        return this.#system(line, emit);
      case 'result':
        this.#result(line, emit);
        return true;
      case 'tool_progress': {
        // A sign of life without news has an id of its own: the tool's with an ending.
        const id = stringAt(line, 'tool_use_id')?.replace(/-heartbeat-\d+$/, '');
        if (id === undefined) return false;
        emit({ kind: 'toolProgress', id, elapsedSeconds: numberAt(line, 'elapsed_time_seconds') ?? 0 });
        return true;
      }
      case 'rate_limit_event':
        return this.#rateLimit(line, emit);
      default:
        return false;
    }
  }

  #assistant(line: CliLine, parent: string | null, emit: (event: SessionEvent) => void): boolean {
    const message = objectAt(line, 'message');
    if (!message) return false;
    const category = stringAt(line, 'error');
    // An API error comes as a made-up message of Claude; it becomes the turn's error instead of Claude's words.
    if (category !== undefined && parent === null && message['model'] === madeUpModel) {
      this.#failure = { category, text: readContent(message['content']).text };
      return true;
    }
    return this.#streamed.whole(parent, stringAt(line, 'uuid') ?? null, message, emit);
  }

  #user(line: CliLine, emit: (event: SessionEvent) => void): boolean {
    const message = objectAt(line, 'message');
    if (!message) return false;
    if (emitToolResults(message, emit) > 0) return true;
    const uuid = stringAt(line, 'uuid') ?? '';
    // The turn's own prompt, whatever words it has.
    if (line['isReplay'] === true && uuid === this.#prompt?.uuid) return true;
    const { text } = readContent(message['content']);
    if (isInterruptMark(text)) {
      this.#interrupted = true;
      return true;
    }
    const output = localOutput(text);
    if (output !== undefined) {
      const block = { parent: null, message: uuid, index: 0 };
      if (output.trim() !== '') emit({ kind: 'text', block, text: output, whole: true });
      return true;
    }
    if (line['isReplay'] !== true) return false;
    emit({ kind: 'steeringDelivered', prompt: { uuid, text } });
    return true;
  }

  #system(line: CliLine, emit: (event: SessionEvent) => void): boolean {
    switch (stringAt(line, 'subtype')) {
      case 'init': {
        const mode = line['permissionMode'];
        emit({
          kind: 'status',
          status: 'settings',
          model: stringAt(line, 'model') ?? null,
          mode: isPermissionMode(mode) ? mode : null,
          tools: arrayAt(line, 'tools').length,
        });
        return true;
      }
      case 'status':
        return this.#status(line, emit);
      case 'compact_boundary': {
        const metadata = objectAt(line, 'compact_metadata') ?? {};
        const trigger = stringAt(metadata, 'trigger') ?? 'auto';
        emit({ kind: 'status', status: 'compacted', trigger, tokensBefore: numberAt(metadata, 'pre_tokens') ?? 0 });
        return true;
      }
      case 'api_retry': {
        const status = numberAt(line, 'error_status');
        emit({
          kind: 'status',
          status: 'retrying',
          attempt: numberAt(line, 'attempt') ?? 0,
          attempts: numberAt(line, 'max_retries') ?? 0,
          delayMs: numberAt(line, 'retry_delay_ms') ?? 0,
          reason: status === undefined ? (stringAt(line, 'error') ?? 'unknown') : String(status),
        });
        return true;
      }
      case 'task_started':
        return emitTask(line, 'started', stringAt(line, 'description') ?? '', emit);
      case 'task_progress':
        return emitTask(line, 'progress', stringAt(line, 'description') ?? '', emit);
      case 'task_notification':
        return emitTask(line, 'ended', stringAt(line, 'summary') ?? '', emit);
      default:
        return false;
    }
  }

  #status(line: CliLine, emit: (event: SessionEvent) => void): boolean {
    const mode = line['permissionMode'];
    if (isPermissionMode(mode)) emit({ kind: 'status', status: 'settings', model: null, mode, tools: 0 });
    if (line['compact_result'] === 'failed') {
      emit({ kind: 'status', status: 'compactFailed', reason: stringAt(line, 'compact_error') ?? '' });
    }
    emit({ kind: 'status', status: line['status'] === 'compacting' ? 'compacting' : 'working' });
    return true;
  }

  #rateLimit(line: CliLine, emit: (event: SessionEvent) => void): boolean {
    const info = objectAt(line, 'rate_limit_info');
    if (!info) return false;
    const status = stringAt(info, 'status');
    const resets = numberAt(info, 'resetsAt');
    emit({
      kind: 'rateLimit',
      state: status === 'rejected' ? 'blocked' : status === 'allowed_warning' ? 'warning' : 'ok',
      window: stringAt(info, 'rateLimitType') ?? null,
      resetsAt: resets === undefined ? null : resets * 1000,
    });
    return true;
  }

  #result(line: CliLine, emit: (event: SessionEvent) => void): void {
    const turn = this.#turn;
    const usage = this.#total.take(line);
    const subtype = stringAt(line, 'subtype') ?? '';
    const aborted = (stringAt(line, 'terminal_reason') ?? '').startsWith('aborted');
    this.#streamed.clear();
    if (subtype === 'success' && line['is_error'] !== true) {
      emit({ kind: 'complete', turn, usage });
      return;
    }
    if (this.#interrupted || aborted) {
      emit({ kind: 'canceled', turn, by: 'user', usage });
      return;
    }
    if (subtype === 'error_max_turns' || subtype === 'error_max_budget_usd') {
      emit({ kind: 'error', turn, error: explainFailure('limitReached', subtype), usage });
      return;
    }
    const errors = arrayAt(line, 'errors').filter((error) => typeof error === 'string');
    const words = [this.#failure?.text, stringAt(line, 'result'), ...errors].find((text) => text) ?? '';
    const code = classifyFailure(this.#failure?.category ?? null, words);
    emit({ kind: 'error', turn, error: explainFailure(code, words), usage });
  }
}

function emitTask(
  line: CliLine,
  phase: 'started' | 'progress' | 'ended',
  description: string,
  emit: (event: SessionEvent) => void,
): boolean {
  const task = stringAt(line, 'task_id');
  if (task === undefined) return false;
  emit({ kind: 'subagent', toolUseId: stringAt(line, 'tool_use_id') ?? null, task, phase, description });
  return true;
}
