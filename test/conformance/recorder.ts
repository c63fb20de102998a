import { createHash } from 'node:crypto';
import type { BlockRecord, ResultRecord, TurnRecord } from './conversation.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface OpenBlock {
  readonly parent: string | null;
  readonly kind: 'text' | 'thinking' | 'tool';
  text: string;
  /** Tools only. */
  id?: string;
  name?: string;
  input?: unknown;
  result?: ResultRecord;
}

interface OpenTurn extends Mutable<Omit<TurnRecord, 'blocks' | 'permissions' | 'delivered' | 'statuses'>> {
  prompt: string;
  readonly blocks: Map<string, OpenBlock>;
  readonly permissions: string[];
  readonly delivered: string[];
  readonly statuses: string[];
}

// What differs from run to run in the program's own texts.
const variable: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'],
  [/\b[0-9a-f]{16,}\b/g, '<id>'],
  [/\bduration_ms: \d+/g, 'duration_ms: <n>'],
  [/\b(subagent_tokens|total_tokens): \d+/g, '$1: <n>'],
  [/\/tool-results\/\w+\.txt/g, '/tool-results/<file>'],
  [/\/plans\/[\w-]+\.md/g, '/plans/<file>'],
];

const longest = 3000;

/** A text that is too long to be read in a failure's diff becomes its ends, its length and its hash. */
export function shorten(text: string): string {
  if (text.length <= longest) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${text.slice(0, 100)} … ${text.slice(-100)} (${text.length} characters, ${hash})`;
}

/** Changes every string in a value of plain data. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  const changed: unknown = JSON.parse(JSON.stringify(value), (_, item: unknown) =>
    typeof item === 'string' ? change(item) : item,
  );
  // Only strings were replaced, by strings.
  return changed as T;
}

/** Where a block stands: who says it (null for Claude), the API's message, and a key within it. */
export interface BlockKey {
  readonly parent: string | null;
  readonly message: string;
  readonly key: string | number;
}

function permissionLabel(tool: string, input: Record<string, unknown>): string {
  const detail = input['command'] ?? input['file_path'];
  return typeof detail === 'string' ? `${tool}: ${detail}` : tool;
}

/**
 * Takes down what a driver sees of a conversation, turn by turn, in one form for every driver, so that it can be compared.
 * Steps of a conversation wait here for what they need.
 */
export class Recorder {
  private readonly finished: TurnRecord[] = [];
  private readonly failures: (string | undefined)[] = [];
  private readonly answers: (string | undefined)[] = [];
  private readonly folders: Readonly<Record<string, string>>;
  private current: OpenTurn | undefined;
  private lastAnswer: string | undefined;
  private streamed = '';
  private waiting: { readonly test: () => boolean; readonly done: () => void }[] = [];
  private readonly gone = new Set<(error: Error) => void>();

  /** @param folders folders that stand in results, with the word to put in their place */
  constructor(folders: Readonly<Record<string, string>>) {
    this.folders = folders;
  }

  /** The turns that have ended. */
  get turns(): readonly TurnRecord[] {
    return this.finished;
  }

  /** The failure's name by turn, as the driver gave it. */
  failure(turn: number): string | undefined {
    return this.failures[turn];
  }

  /** The transcript's UUID of Claude's last message in a turn. */
  answerUuid(turn: number): string | undefined {
    return this.answers[turn];
  }

  /** Whether a turn is under way. */
  get running(): boolean {
    return this.current !== undefined;
  }

  /** A prompt that begins a turn, or one that was delivered during it. */
  prompt(text: string): void {
    const turn = this.turn();
    if (turn.prompt === '') turn.prompt = text;
    else turn.delivered.push(text);
    this.changed();
  }

  /** Text or thinking: a piece that is added, or the whole that replaces what the block holds. */
  text(kind: 'text' | 'thinking', at: BlockKey, text: string, whole: boolean): void {
    const block = this.block(at, kind);
    block.text = whole ? text : block.text + text;
    this.changed();
  }

  /** Text that was streamed and is taken down later, when it comes whole. */
  seen(text: string): void {
    this.turn();
    this.streamed = text;
    this.changed();
  }

  /** A tool use, when its input is known. */
  toolUse(at: BlockKey, id: string, name: string, input: unknown): void {
    Object.assign(this.block({ ...at, key: id }, 'tool'), { id, name, input });
    this.changed();
  }

  /** What a tool gave back. */
  toolResult(id: string, text: string, isError: boolean): void {
    for (const block of this.turn().blocks.values()) if (block.id === id) block.result = { text, isError };
    this.changed();
  }

  permission(tool: string, input: Record<string, unknown>): void {
    this.turn().permissions.push(permissionLabel(tool, input));
    this.changed();
  }

  status(status: string): void {
    this.turn().statuses.push(status);
    this.changed();
  }

  /** A message of Claude is in the transcript under this UUID. */
  messageUuid(parent: string | null, uuid: string): void {
    if (parent === null) this.lastAnswer = uuid;
  }

  /** The turn's end. */
  outcome(outcome: TurnRecord['outcome'], tokens: TurnRecord['tokens'], failure?: string): void {
    this.finished.push(this.close(this.turn(), outcome, tokens));
    this.failures.push(failure);
    this.answers.push(this.lastAnswer);
    this.current = undefined;
    this.streamed = '';
    this.changed();
  }

  /** The program is gone; whoever still waits is told so. */
  ended(reason: string): void {
    for (const reject of this.gone) reject(new Error(`The program is gone (${reason}).`));
    this.gone.clear();
  }

  /**
   * Waits until the condition holds.
   * @throws when the program goes away first
   */
  async until(test: () => boolean): Promise<void> {
    if (test()) return;
    await new Promise<void>((done, reject) => {
      this.gone.add(reject);
      this.waiting.push({
        test,
        done: () => {
          this.gone.delete(reject);
          done();
        },
      });
    });
  }

  /** Whether the running turn holds the text, or a permission request for the tool. */
  sees(wanted: { readonly text: string } | { readonly permission: string }): boolean {
    const turn = this.current;
    if (turn === undefined) return false;
    if ('text' in wanted && this.streamed.includes(wanted.text)) return true;
    if ('text' in wanted) return [...turn.blocks.values()].some(({ text }) => text.includes(wanted.text));
    return turn.permissions.some((label) => label.split(':')[0] === wanted.permission);
  }

  /** What the running turn holds so far, for an error's text. */
  describe(): string {
    const tokens = { input: 0, output: 0 };
    const open = this.current === undefined ? [] : [this.close(this.current, 'failed', tokens)];
    return JSON.stringify({ finished: this.finished, running: open }, undefined, 1);
  }

  private turn(): OpenTurn {
    this.current ??= {
      prompt: '',
      blocks: new Map(),
      permissions: [],
      delivered: [],
      statuses: [],
      outcome: 'failed',
      tokens: { input: 0, output: 0 },
    };
    return this.current;
  }

  private block({ parent, message, key }: BlockKey, kind: OpenBlock['kind']): OpenBlock {
    const { blocks } = this.turn();
    const name = `${parent ?? ''}/${message}/${kind}/${key}`;
    const known = blocks.get(name);
    if (known !== undefined) return known;
    const block: OpenBlock = { parent, kind, text: '' };
    blocks.set(name, block);
    return block;
  }

  private close(turn: OpenTurn, outcome: TurnRecord['outcome'], tokens: TurnRecord['tokens']): TurnRecord {
    // A block that was taken back is left without text.
    const blocks = [...turn.blocks.values()].filter(({ kind, text }) => kind === 'tool' || text !== '');
    const names = new Map(blocks.map((block) => [block.id, block.name]));
    const records = blocks.map((block): BlockRecord => {
      const of = block.parent === null ? {} : { of: names.get(block.parent) ?? 'unknown' };
      if (block.kind === 'text') return { ...of, text: block.text };
      if (block.kind === 'thinking') return { ...of, thinking: block.text };
      return { ...of, tool: block.name ?? '', input: block.input, result: block.result ?? 'none' };
    });
    // Claude first, then the subagents: only the order within each is the same every time.
    const ordered = [...records.filter(({ of }) => of === undefined), ...records.filter(({ of }) => of !== undefined)];
    const record = { ...turn, blocks: ordered, permissions: [...turn.permissions].sort(), outcome, tokens };
    return this.mask(record);
  }

  private mask(record: TurnRecord): TurnRecord {
    return mapTexts(record, (text) => shorten(this.maskText(text)));
  }

  private maskText(text: string): string {
    let result = text;
    for (const [folder, word] of Object.entries(this.folders)) result = result.replaceAll(folder, word);
    for (const [pattern, word] of variable) result = result.replace(pattern, word);
    return result;
  }

  private changed(): void {
    const ready = this.waiting.filter(({ test }) => test());
    this.waiting = this.waiting.filter((waiter) => !ready.includes(waiter));
    for (const { done } of ready) done();
  }
}
