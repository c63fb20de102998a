import { query, type Query, type SDKMessage, type SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import { AsyncQueue } from '../../src/base/asyncQueue.js';
import type { TurnTimes } from './rawProgram.js';
import type { BenchStage } from './stage.js';

async function* oneByOne<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

/** The program driven by the Agent SDK, one process for many turns: for comparison. */
export class SdkProgram {
  readonly #input = new AsyncQueue<SDKUserMessage>();
  readonly #query: Query;

  private constructor({ program, environment }: BenchStage) {
    this.#query = query({
      prompt: oneByOne(this.#input),
      options: {
        pathToClaudeCodeExecutable: program,
        cwd: environment.workspace,
        env: { ...environment.env },
        includePartialMessages: true,
        systemPrompt: { type: 'preset', preset: 'claude_code' },
      },
    });
  }

  /** Starts it and waits until it is initialised. */
  static async start(stage: BenchStage): Promise<SdkProgram> {
    const sdk = new SdkProgram(stage);
    await sdk.#query.initializationResult();
    return sdk;
  }

  /** Says something and reads the answer to its end. Times are in milliseconds from just before it was said. */
  async turn(text: string): Promise<TurnTimes> {
    let firstDelta = 0;
    let lastDelta = 0;
    let deltas = 0;
    const start = performance.now();
    this.#input.push({ type: 'user', message: { role: 'user', content: text }, parent_tool_use_id: null });
    // Not `for await`, which would end the query when a turn's loop is left.
    for (;;) {
      const next = await this.#query.next();
      if (next.done === true) throw new Error('The program ended in the middle of a turn');
      if (isTextDelta(next.value)) {
        lastDelta = performance.now();
        deltas += 1;
        if (deltas === 1) firstDelta = lastDelta;
      } else if (next.value.type === 'result') break;
    }
    const result = performance.now();
    return { firstDelta: firstDelta - start, lastDelta: lastDelta - start, result: result - start, deltas };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#input.end();
    this.#query.close();
    await this.#query.return();
  }
}

function isTextDelta(message: SDKMessage): boolean {
  return (
    message.type === 'stream_event' &&
    message.event.type === 'content_block_delta' &&
    message.event.delta.type === 'text_delta'
  );
}
