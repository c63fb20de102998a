import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ClaudeEnvironment } from '../support/claudeEnvironment.js';

/** When the parts of an answer were read, in milliseconds from just before the prompt was written. */
export interface TurnTimes {
  readonly firstDelta: number;
  readonly lastDelta: number;
  /** The line that ends the turn. */
  readonly result: number;
  readonly deltas: number;
}

const flags =
  '-p --input-format stream-json --output-format stream-json --verbose --include-partial-messages --permission-prompt-tool stdio --replay-user-messages';

/**
 * The program by itself: bare JSON lines over pipes, and as little as possible done with them. What everything else is
 * measured against; it has nothing of Arbor's client.
 */
export class RawProgram {
  readonly sessionId = randomUUID();
  readonly #child: ChildProcessWithoutNullStreams;
  #rest = '';
  #take: (line: string) => void = () => undefined;

  private constructor(program: string, environment: ClaudeEnvironment) {
    this.#child = spawn(program, [...flags.split(' '), '--session-id', this.sessionId], {
      cwd: environment.workspace,
      env: environment.env,
      // As every program that an editor starts: Linux shares the processors out by session, so that on a busy machine a
      // program in ours would be better off than the one that it is compared with. It ends when its input does.
      detached: true,
    });
    this.#child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (this.#rest + piece).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
    this.#child.stderr.resume();
  }

  /** Starts it and waits until it is initialised. */
  static async start(program: string, environment: ClaudeEnvironment): Promise<RawProgram> {
    const raw = new RawProgram(program, environment);
    await raw.#until('"type":"control_response"', () =>
      raw.#write({ type: 'control_request', request_id: '1', request: { subtype: 'initialize' } }),
    );
    return raw;
  }

  /**
   * Says something and reads the answer to its end.
   * @param keep gets every line of the turn
   */
  async turn(text: string, keep: (line: string) => void = () => undefined): Promise<TurnTimes> {
    let firstDelta = 0;
    let lastDelta = 0;
    let deltas = 0;
    const start = performance.now();
    const message = { role: 'user', content: text };
    const result = await this.#until(
      '"type":"result"',
      () =>
        this.#write({
          type: 'user',
          message,
          parent_tool_use_id: null,
          session_id: this.sessionId,
          uuid: randomUUID(),
        }),
      (line) => {
        keep(line);
        if (!line.includes('"text_delta"')) return;
        lastDelta = performance.now();
        deltas += 1;
        if (deltas === 1) firstDelta = lastDelta;
      },
    );
    if (deltas === 0) throw new Error(`The program did not answer "${text}"`);
    return { firstDelta: firstDelta - start, lastDelta: lastDelta - start, result: result - start, deltas };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
    await gone;
  }

  #write(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /** Writes, then reads up to a line that holds `end`. @returns when that was, in milliseconds of `performance.now()` */
  #until(end: string, write: () => void, each: (line: string) => void = () => undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      const lost = (code: number | null): void => reject(new Error(`The program ended with exit code ${String(code)}`));
      this.#child.once('exit', lost);
      this.#take = (line) => {
        each(line);
        if (!line.includes(end)) return;
        this.#child.off('exit', lost);
        resolve(performance.now());
      };
      write();
    });
  }
}
