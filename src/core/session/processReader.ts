import { detach } from '../../base/detach.js';
import { arrayAt, isObject, numberAt, objectAt, stringAt } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import { isOutcome, type Prompt, type SessionEvent, type TurnOutcome } from '../../protocol/session/events.js';
import type { CliLine } from '../../protocol/cli/lines.js';
import type { ClaudeProcess, IncomingPermission, ProcessItem } from '../ports.js';
import { RawEvents } from './rawEvents.js';
import { readModels, type Counted } from './translate/runningTotal.js';
import { LineTranslator } from './translate/translator.js';

/** Takes an event in its place among the others. */
export type Emit = (event: SessionEvent) => void;

/** What a reader tells its runner, in the order of the output. */
export interface ReaderListener {
  /** The program says that Claude has a message of the user's. */
  echoes(id: string, process: ClaudeProcess, emit: Emit): void;
  /** Claude says something, perhaps without having been asked. */
  speaks(process: ClaudeProcess, emit: Emit): void;
  /** Sees an event before it is recorded. @returns the event to record */
  see(event: SessionEvent, process: ClaudeProcess): SessionEvent;
  /** Something happened; several at once where they came together. */
  record(events: readonly SessionEvent[]): void;
  /** The program says that a turn has ended. What came before is recorded. */
  outcome(outcome: TurnOutcome, process: ClaudeProcess): void;
  /** A tool asks for permission. */
  permission(permission: IncomingPermission, emit: Emit): void;
  /** The program says how many background tasks it works on. */
  tasks(count: number, process: ClaudeProcess): void;
}

interface Source {
  readonly process: ClaudeProcess;
  readonly translator: LineTranslator;
  /** It has spoken of what it used, so that what it counts from cannot be set any more. */
  hasCounted: boolean;
}

/** Reads what a session's processes print, one process after the other. */
export class ProcessReader {
  readonly #listener: ReaderListener;
  readonly #countedBefore: (process: ClaudeProcess) => Counted | null;
  readonly #logger: Logger;
  readonly #raw = new RawEvents();
  #source: Source | null = null;

  /**
   * @param listener the runner
   * @param countedBefore what the conversation has used as far as is known when a process goes on with it, or null for a
   *   process that begins one
   * @param logger told what the program does not say
   */
  constructor(listener: ReaderListener, countedBefore: (process: ClaudeProcess) => Counted | null, logger: Logger) {
    this.#listener = listener;
    this.#countedBefore = countedBefore;
    this.#logger = logger;
  }

  /** The lines that no event stands for, as they came. */
  get rawEvents(): Pick<RawEvents, 'entries' | 'dropped'> {
    return this.#raw;
  }

  /** Says that a process runs that the next turn may be given to, so that it is asked in time what it counts from. */
  follow(process: ClaudeProcess): void {
    this.#follow(process);
  }

  /** Says that a turn begins on a process. */
  begin(process: ClaudeProcess, turn: string, prompt: Prompt | null): void {
    this.#follow(process).translator.begin(turn, prompt);
  }

  /** Takes what a process printed. */
  take(batch: readonly ProcessItem[], process: ClaudeProcess): void {
    const source = this.#follow(process);
    let events: SessionEvent[] = [];
    let raw: unknown = null;
    const emit: Emit = (event) => {
      if (event.kind === 'usage' || isOutcome(event)) source.hasCounted = true;
      if (isOutcome(event)) {
        this.#listener.record(events);
        events = [];
        this.#listener.outcome(event, process);
      } else events.push(this.#listener.see(event, process));
      if (event.kind === 'passthrough') this.#raw.add(event.handle, event.type, raw);
    };
    for (const item of batch) {
      if (item.type === 'noise') {
        raw = item.text;
        emit({ kind: 'passthrough', handle: item.number, type: 'noise' });
      } else if (item.type === 'permission') this.#listener.permission(item.permission, emit);
      else {
        const { line } = item;
        raw = line;
        const isMessage = line.type === 'stream_event' || line.type === 'assistant';
        // What a subagent says in the background is no turn of its own.
        if (isMessage && typeof line['parent_tool_use_id'] !== 'string') this.#listener.speaks(process, emit);
        const echoed = line.type === 'user' && line['isReplay'] === true ? stringAt(line, 'uuid') : undefined;
        if (echoed !== undefined) this.#listener.echoes(echoed, process, emit);
        const tasks = backgroundTasks(line);
        if (tasks !== null) this.#listener.tasks(tasks, process);
        source.translator.translate(line, item.number, emit);
      }
    }
    this.#listener.record(events);
  }

  /** Another process counts its lines and costs anew. */
  #follow(process: ClaudeProcess): Source {
    if (this.#source?.process === process) return this.#source;
    const source = { process, translator: new LineTranslator(), hasCounted: false };
    this.#source = source;
    const before = this.#countedBefore(process);
    if (before !== null) {
      source.translator.setCountedBefore(before);
      detach(this.#askCounted(source), (error) => {
        this.#logger.info(`The program did not say what the conversation has used: ${String(error)}`);
      });
    }
    return source;
  }

  /**
   * A conversation that is resumed or forked goes on counting from what it had used when its last process ended well; after
   * one that did not, that is less than we know of. Older releases begin at zero. Unless told not to, the program would read
   * all transcripts of the last days before it answers.
   */
  async #askCounted(source: Source): Promise<void> {
    await source.process.ready;
    const answer = await source.process.control({ subtype: 'get_usage', skip_behaviors: true });
    const session = objectAt(answer, 'session') ?? {};
    const costUsd = numberAt(session, 'total_cost_usd');
    if (costUsd === undefined || source.hasCounted) return;
    const models = objectAt(session, 'model_usage');
    source.translator.setCountedBefore({ costUsd, models: models ? readModels(models) : null });
  }
}

/**
 * How many background tasks a program works on, as it says whenever that changes: always all of them, so that one that was
 * missed does no harm. Source: `SDKBackgroundTasksChangedMessage` of the Agent SDK; what it calls ambient is no work.
 * @returns null for any other line
 */
function backgroundTasks(line: CliLine): number | null {
  if (line.type !== 'system' || line['subtype'] !== 'background_tasks_changed') return null;
  return arrayAt(line, 'tasks').filter((task) => isObject(task) && task['ambient'] !== true).length;
}
