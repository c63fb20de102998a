import { numberAt, objectAt, stringAt, type JsonObject } from '../../base/json.js';
import { readContent } from '../../core/session/translate/content.js';
import { classifyFailure, explainFailure } from '../../core/session/translate/failures.js';
import { madeUpModel, StreamedMessages } from '../../core/session/translate/streamedMessages.js';
import { readUsage } from '../../core/session/translate/usage.js';
import { emitToolResults, localOutput, slashCommand } from '../../core/session/translate/userLines.js';
import { isPermissionMode, type PermissionMode } from '../../protocol/cli/lines.js';
import type { Prompt, SessionEvent, ToolResultEvent } from '../../protocol/session/events.js';
import { isOfProgram, readUserLine } from './lineKinds.js';
import { ReplayedTurn, type TurnEnd } from './replayedTurn.js';

/** Gives the lines of the subagent that a tool use started; empty when there is none. */
export type SubagentLines = (toolUseId: string) => readonly JsonObject[];

/** What the program puts in Claude's place when it resumes a conversation that broke off. Nobody said it. */
const fillers = ['No response requested.', '(no content)'];

/**
 * Turns a branch of a transcript into the events that the turns would have been live, so that the one reducer makes the
 * same conversation of them. A transcript does not say where turns end, so that is concluded: a turn ends where the
 * next prompt is, and what it was follows from its last lines. Costs are not in it and stay zero.
 */
export class Replay {
  readonly #emit: (event: SessionEvent) => void;
  readonly #subagent: SubagentLines;
  readonly #messages = new StreamedMessages();
  readonly #toolNames = new Map<string, string>();
  #turn: ReplayedTurn | null = null;
  /** A compaction whose turn is not known yet: `/compact` is written behind what it did. */
  #compaction: SessionEvent | null = null;
  #model: string | null = null;
  #mode: PermissionMode | null = null;

  /**
   * @param emit called for each event, in order
   * @param subagent where subagents' lines come from
   */
  constructor(emit: (event: SessionEvent) => void, subagent: SubagentLines) {
    this.#emit = emit;
    this.#subagent = subagent;
  }

  /** Takes the next line of the branch. Whatever it holds, it is never an error. */
  line(line: JsonObject): void {
    const message = objectAt(line, 'message');
    switch (line['type']) {
      case 'assistant':
        if (message) this.#assistant(line, message);
        return;
      case 'user':
        if (message) this.#user(line, message);
        return;
      case 'attachment':
        this.#attachment(line, objectAt(line, 'attachment') ?? {});
        return;
      case 'system':
        this.#system(line);
        return;
      default:
        return;
    }
  }

  /** Ends the last turn. @param end what comes after the lines that were given */
  end(end: TurnEnd = 'end'): void {
    this.#flushCompaction();
    this.#endTurn(end);
  }

  #assistant(line: JsonObject, message: JsonObject): void {
    this.#flushCompaction();
    const turn = this.#currentTurn(line);
    const { text } = readContent(message['content']);
    if (message['model'] === madeUpModel) {
      const category = stringAt(line, 'error');
      if (line['isApiErrorMessage'] === true || category !== undefined) turn.fail(category ?? null, text);
      else if (!fillers.includes(text)) this.#say(line, text);
      return;
    }
    turn.sawMessage(stringAt(message, 'id') ?? '', readUsage(objectAt(message, 'usage') ?? {}));
    this.#settings(stringAt(message, 'model') ?? null, null);
    this.#whole(null, line, message);
  }

  #whole(parent: string | null, line: JsonObject, message: JsonObject): void {
    this.#messages.whole(parent, stringAt(line, 'uuid') ?? null, message, (event) => {
      if (event.kind === 'toolUse' && event.phase === 'ready') {
        this.#toolNames.set(event.id, event.name);
        if (parent === null) this.#turn?.toolOpened(event.id);
      }
      this.#emit(event);
    });
  }

  #user(line: JsonObject, message: JsonObject): void {
    const read = readUserLine(line, message);
    switch (read.kind) {
      case 'results':
        emitToolResults(message, (result) => {
          this.#toolResult(line, result);
        });
        return;
      case 'hidden':
        return;
      case 'interrupt':
        this.#currentTurn(line).interrupt();
        return;
      case 'output':
        this.#say(line, read.text);
        return;
      case 'prompt':
        this.#prompt(line, read.text);
        return;
    }
  }

  #toolResult(line: JsonObject, result: ToolResultEvent): void {
    this.#flushCompaction();
    this.#currentTurn(line).toolEnded(result.id);
    const denial = stringAt(line, 'toolDenialKind');
    if (denial === 'user-rejected') this.#emit({ ...result, canceled: true });
    else {
      if (denial !== undefined) {
        const tool = this.#toolNames.get(result.id) ?? '';
        const reason = result.output.text;
        this.#emit({ kind: 'permission', request: '', toolUseId: result.id, tool, phase: 'denied', reason });
      }
      this.#emit(result);
    }
    this.#subagentOf(result.id);
  }

  /** What a subagent said and did, below the tool use that started it. */
  #subagentOf(toolUseId: string): void {
    for (const line of this.#subagent(toolUseId)) {
      const message = objectAt(line, 'message');
      if (!message) continue;
      if (line['type'] === 'assistant' && message['model'] !== madeUpModel) {
        this.#whole(toolUseId, line, message);
      } else if (line['type'] === 'user') {
        emitToolResults(message, (result) => {
          this.#emit(result);
          this.#subagentOf(result.id);
        });
      }
    }
  }

  #prompt(line: JsonObject, text: string): void {
    const command = slashCommand(text);
    const isCompact = command?.startsWith('/compact') === true;
    if (!isCompact) this.#flushCompaction();
    const uuid = stringAt(line, 'uuid') ?? '';
    const shown = command ?? shellInput(text) ?? text;
    this.#begin(line, isOfProgram(line) ? null : { uuid, text: shown }, command !== undefined || shown !== text);
    if (isCompact) this.#flushCompaction();
  }

  #attachment(line: JsonObject, attachment: JsonObject): void {
    if (attachment['type'] === 'model') {
      this.#settings(stringAt(objectAt(attachment, 'identity') ?? {}, 'modelId') ?? null, null);
      return;
    }
    if (attachment['type'] === 'max_turns_reached') this.#currentTurn(line).fail('max_turns', 'error_max_turns');
    if (attachment['type'] !== 'queued_command' || attachment['isMeta'] === true) return;
    if ((attachment['commandMode'] ?? 'prompt') !== 'prompt') return;
    this.#flushCompaction();
    const { text } = readContent(attachment['prompt']);
    const uuid = stringAt(attachment, 'source_uuid') ?? stringAt(line, 'uuid') ?? '';
    this.#currentTurn(line).steered();
    this.#emit({ kind: 'steeringDelivered', prompt: { uuid, text } });
  }

  #system(line: JsonObject): void {
    if (line['subtype'] === 'compact_boundary') {
      const metadata = objectAt(line, 'compactMetadata') ?? {};
      this.#flushCompaction();
      this.#compaction = {
        kind: 'status',
        status: 'compacted',
        trigger: stringAt(metadata, 'trigger') ?? 'auto',
        tokensBefore: numberAt(metadata, 'preTokens') ?? 0,
      };
      return;
    }
    const output = localOutput(stringAt(line, 'content') ?? '');
    if (output === undefined) return;
    this.#say(line, output);
    const uuid = stringAt(line, 'uuid') ?? null;
    this.#emit({ kind: 'message', parent: null, message: uuid ?? '', uuid, model: null });
  }

  /** Something the program printed by itself. */
  #say(line: JsonObject, text: string): void {
    this.#flushCompaction();
    this.#currentTurn(line).spoke();
    const message = stringAt(line, 'uuid') ?? '';
    if (text.trim() === '') return;
    this.#emit({ kind: 'text', block: { parent: null, message, index: 0 }, text, whole: true });
  }

  #flushCompaction(): void {
    const event = this.#compaction;
    this.#compaction = null;
    if (event) this.#emit(event);
  }

  #settings(model: string | null, mode: PermissionMode | null): void {
    const isNew = (model !== null && model !== this.#model) || (mode !== null && mode !== this.#mode);
    if (!isNew) return;
    this.#model = model ?? this.#model;
    this.#mode = mode ?? this.#mode;
    this.#emit({ kind: 'status', status: 'settings', model: this.#model, mode: this.#mode, tools: 0 });
  }

  /** The turn that the line belongs to; one that the program began by itself where none runs. */
  #currentTurn(line: JsonObject): ReplayedTurn {
    const turn = this.#turn ?? this.#begin(line, null, false);
    turn.sawAt(line);
    return turn;
  }

  #begin(line: JsonObject, prompt: Prompt | null, isCommand: boolean): ReplayedTurn {
    this.#endTurn('turn');
    const turn = new ReplayedTurn(line, isCommand);
    this.#turn = turn;
    this.#emit({ kind: 'start', turn: turn.id, prompt, at: turn.startedAt });
    const mode = line['permissionMode'];
    this.#settings(null, isPermissionMode(mode) ? mode : null);
    return turn;
  }

  #endTurn(end: TurnEnd): void {
    const turn = this.#turn;
    if (!turn) return;
    this.#turn = null;
    this.#messages.clear();
    this.#emit(turn.outcome(end, (category, text) => explainFailure(failureCode(category, text), text)));
  }
}

function failureCode(category: string | null, text: string): ReturnType<typeof classifyFailure> {
  return category === 'max_turns' ? 'limitReached' : classifyFailure(category, text);
}

/** What the user typed behind `!` in the program's own terminal. */
function shellInput(text: string): string | undefined {
  const command = /^<bash-input>([\s\S]*?)<\/bash-input>/.exec(text)?.[1];
  return command === undefined ? undefined : `!${command}`;
}
