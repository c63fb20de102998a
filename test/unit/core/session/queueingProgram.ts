import type { JsonObject } from '../../../../src/base/json.js';
import type { OutgoingMessage } from '../../../../src/core/ports.js';
import { noTurnUsage, type Prompt, type SessionEvent } from '../../../../src/protocol/session/events.js';
import {
  echoLine,
  errorLine,
  interruptedLines,
  messageStart,
  resultLine,
  textPieces,
  toolLines,
  toolResultLine,
} from '../../../support/fakes/cliLines.js';
import type { FakeBehaviour, FakeProcess } from '../../../support/fakes/fakeClaude.js';

/** What is on the disk of a conversation, and what Claude has heard, whichever process wrote it. */
export interface Disk {
  readonly events: SessionEvent[];
  /** The messages in the order in which Claude heard them. */
  readonly heard: string[];
  count: number;
}

/**
 * A program that treats its messages as the real one was seen to: one that comes during a turn is delivered at the next tool
 * boundary, or, with all others that wait, as one prompt after the turn; one that it was given before is echoed and not run; one
 * that waits can be taken back.
 */
export class QueueingProgram {
  readonly #disk: Disk;
  readonly #known = new Set<string>();
  #waiting: OutgoingMessage[] = [];
  #process: FakeProcess | null = null;
  #turn: string | null = null;
  #tool: string | null = null;

  constructor(disk: Disk) {
    this.#disk = disk;
    for (const event of disk.events) {
      if (event.kind === 'start' && event.prompt) this.#known.add(event.prompt.uuid);
    }
  }

  get behaviour(): FakeBehaviour {
    return {
      onSend: (message, process) => {
        this.#process = process;
        if (this.#known.has(message.uuid)) {
          process.print(echoLine(message.uuid, message.text));
          return;
        }
        this.#known.add(message.uuid);
        this.#waiting.push(message);
        this.#drain();
      },
      onControl: (request: JsonObject) => {
        const before = this.#waiting.length;
        this.#waiting = this.#waiting.filter(({ uuid }) => uuid !== request['message_uuid']);
        return { cancelled: this.#waiting.length < before };
      },
      onInterrupt: (process) => {
        if (this.#turn === null) return;
        process.print(...interruptedLines());
        this.#close({ kind: 'canceled', turn: this.#turn, by: 'user', usage: noTurnUsage });
      },
    };
  }

  /** Whether it runs, and a turn in it. */
  get #isWorking(): boolean {
    return this.#turn !== null && this.#process?.hasEnded === false;
  }

  /** Claude calls a tool. */
  useTool(): void {
    if (!this.#isWorking || this.#tool !== null) return;
    this.#disk.count += 1;
    this.#tool = `tool-${String(this.#disk.count)}`;
    const message = `m-${String(this.#disk.count)}`;
    this.#process?.print(messageStart(message), ...toolLines(message, 0, this.#tool, 'Bash', { command: 'ls' }));
  }

  /** The tool is done: what waits is delivered. @param isTold whether what it prints of it gets out before it dies */
  endTool(isTold = true): void {
    if (!this.#isWorking || this.#tool === null) return;
    if (isTold) this.#process?.print(toolResultLine(this.#tool, 'out'));
    this.#tool = null;
    for (const { uuid, text } of this.#waiting) {
      this.#hear([text]);
      this.#disk.events.push({ kind: 'steeringDelivered', prompt: { uuid, text } });
      if (isTold) this.#process?.print(echoLine(uuid, text));
    }
    this.#waiting = [];
  }

  /** The turn ends, and what waits begins the next one. */
  endTurn(how: 'complete' | 'error'): void {
    if (!this.#isWorking || this.#turn === null) return;
    this.endTool();
    const id = `m-${String((this.#disk.count += 1))}`;
    this.#process?.print(messageStart(id), ...textPieces(0, 'Done.'));
    this.#process?.print(how === 'complete' ? resultLine() : errorLine('Broken'));
    this.#close({ kind: 'complete', turn: this.#turn, usage: noTurnUsage });
  }

  #close(end: SessionEvent): void {
    this.#disk.events.push(end);
    this.#turn = null;
    this.#tool = null;
    this.#drain();
  }

  #drain(): void {
    const last = this.#waiting.at(-1);
    if (this.#turn !== null || !last) return;
    const batch = this.#waiting;
    this.#waiting = [];
    for (const { uuid, text } of batch.slice(0, -1)) this.#process?.print(echoLine(uuid, text));
    this.#hear(batch.map(({ text }) => text));
    const prompt: Prompt = { uuid: last.uuid, text: batch.map(({ text }) => text).join('\n') };
    this.#turn = last.uuid;
    this.#disk.events.push({ kind: 'start', turn: last.uuid, prompt, at: this.#disk.events.length });
    this.#process?.print(echoLine(prompt.uuid, prompt.text));
  }

  #hear(texts: readonly string[]): void {
    this.#disk.heard.push(...texts);
  }
}
