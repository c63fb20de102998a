import { randomUUID } from 'node:crypto';
import { objectAt } from '../../src/base/json.js';
import { silentLogger } from '../../src/base/logger.js';
import type { ClaudeProcess } from '../../src/core/ports.js';
import { createLauncher } from '../../src/node/claude/launcher.js';
import { systemClock } from '../../src/node/systemClock.js';
import type { CliLine } from '../../src/protocol/cli/lines.js';
import type { ClaudeEnvironment } from '../support/claudeEnvironment.js';
import type { TurnTimes } from './rawProgram.js';

/** What a program is started with, of a stage. */
export interface ClientOptions {
  readonly program: string;
  readonly environment: Pick<ClaudeEnvironment, 'env' | 'home' | 'temporary' | 'workspace'>;
  readonly transport: 'pty' | 'pipe';
}

/** The program driven by Arbor's own client, without the editor. */
export class ClientProgram {
  readonly claude: ClaudeProcess;
  /** Milliseconds from the call to the program having answered `initialize`. */
  readonly startMs: number;
  readonly #over: Promise<never>;
  #take: (line: CliLine) => void = () => undefined;

  private constructor(claude: ClaudeProcess, startMs: number) {
    this.claude = claude;
    this.startMs = startMs;
    this.#over = this.#read();
    // A turn that is under way tells; when there is none the end is wanted.
    this.#over.catch(() => undefined);
  }

  /** Starts it and waits until it is initialised. @throws ArborError when it cannot be started, Error by another transport */
  static async start({ program, environment, transport }: ClientOptions): Promise<ClientProgram> {
    const launcher = createLauncher({
      settings: () => ({ path: program, environment: {}, transport }),
      isTrusted: () => true,
      environment: environment.env,
      home: environment.home,
      temporary: environment.temporary,
      platform: process.platform,
      clock: systemClock,
      logger: silentLogger,
    });
    const start = performance.now();
    const claude = await launcher.launch({
      folder: environment.workspace,
      sessionId: randomUUID(),
      start: { kind: 'new' },
      persist: true,
    });
    if (claude.transport !== transport) throw new Error(`${claude.transport} was used instead of ${transport}`);
    await claude.ready;
    return new ClientProgram(claude, performance.now() - start);
  }

  /**
   * Says something and reads the answer to its end. Times are in milliseconds from just before it was said.
   * @param onFirst called with the first delta
   * @throws Error when the program ends before
   */
  async turn(text: string, onFirst: () => void = () => undefined): Promise<TurnTimes> {
    let firstDelta = 0;
    let lastDelta = 0;
    let deltas = 0;
    const start = performance.now();
    const answered = new Promise<number>((resolve) => {
      this.#take = (line) => {
        if (line.type === 'result') resolve(performance.now());
        if (!isTextDelta(line)) return;
        lastDelta = performance.now();
        deltas += 1;
        if (deltas > 1) return;
        firstDelta = lastDelta;
        onFirst();
      };
    });
    await this.claude.send({ uuid: randomUUID(), text });
    const result = await Promise.race([answered, this.#over]);
    return { firstDelta: firstDelta - start, lastDelta: lastDelta - start, result: result - start, deltas };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.claude.stop();
  }

  async #read(): Promise<never> {
    for await (const batch of this.claude.items) {
      for (const item of batch) if (item.type === 'line') this.#take(item.line);
    }
    throw new Error('The program ended in the middle of a turn');
  }
}

function isTextDelta(line: CliLine): boolean {
  const delta = line.type === 'stream_event' ? objectAt(objectAt(line, 'event') ?? {}, 'delta') : undefined;
  return delta?.['type'] === 'text_delta';
}
