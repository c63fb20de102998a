import { AsyncQueue } from '../../base/asyncQueue.js';
import type { Clock } from '../../base/clock.js';
import { Deferred } from '../../base/deferred.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import type {
  ClaudeProcess,
  LaunchOptions,
  OutgoingMessage,
  ProcessExit,
  ProcessItem,
  ProgramInfo,
} from '../../core/ports.js';
import { ByteTail } from './byteTail.js';
import { parseLine } from './cliLine.js';
import { ControlChannel } from './control.js';
import { endedBeforeReady, inputClosed, startTimedOut } from './failures.js';
import { LineSplitter } from './framing.js';
import { initializeRequest, readProgramInfo } from './initialize.js';
import type { ProcessLimits } from './limits.js';
import type { ProcessTree } from './processTree.js';
import type { OpenTransport, SpawnSpec, Transport, TransportExit } from './transport.js';

/** What a process needs to run. */
export interface ClaudeProcessOptions {
  readonly launch: LaunchOptions;
  readonly spec: SpawnSpec;
  readonly open: OpenTransport;
  /** The family of a process, by its number. */
  readonly tree: (pid: number) => ProcessTree;
  /** Has a process ended when this one is killed, until the result is disposed. */
  readonly watch: (pid: number) => Disposable;
  /** The program's version as found before the start. */
  readonly version: string;
  readonly limits: ProcessLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Running {
  readonly transport: Transport;
  readonly tree: ProcessTree;
  readonly watched: Disposable;
}

const stderrBytes = 8 * 1024;
const noiseCharacters = 4096;
/** What an item costs beside its text, so that a million tiny lines are bounded as well. */
const itemBytes = 256;

/**
 * Starts the program and takes it into care. It is initialised in the background: see `ready`.
 * @param options what it needs
 * @throws ArborError when the system refuses to start it
 */
export async function startClaudeProcess(options: ClaudeProcessOptions): Promise<ClaudeProcess> {
  const process = new RunningProcess(options);
  await process.start();
  return process;
}

class RunningProcess implements ClaudeProcess {
  readonly sessionId: string;
  readonly #options: ClaudeProcessOptions;
  readonly #queue: AsyncQueue<ProcessItem>;
  readonly #splitter: LineSplitter;
  readonly #control: ControlChannel;
  readonly #stderr = new ByteTail(stderrBytes);
  readonly #ready = new Deferred<ProgramInfo>();
  readonly #gone = new Deferred<void>();
  readonly #exited = new Deferred<ProcessExit>();
  #started: Running | undefined;
  #lines = 0;
  /** What the program said was wrong before it was initialised, such as that there is no such conversation. */
  #startError: string | undefined;
  #stopping: Promise<ProcessExit> | undefined;
  /** Whether we end it, and not it itself. */
  #ending = false;

  constructor(options: ClaudeProcessOptions) {
    this.#options = options;
    this.sessionId = options.launch.sessionId;
    this.#queue = new AsyncQueue(options.limits.unreadBytes, (pressed) => this.#started?.transport.setPaused(pressed));
    this.#splitter = new LineSplitter(
      {
        line: (text) => this.#line(text),
        tooLong: (head, bytes) => this.#tooLong(head, bytes),
      },
      options.limits.lineBytes,
    );
    this.#control = new ControlChannel({
      origin: { sessionId: this.sessionId, folder: options.launch.folder },
      clock: options.clock,
      logger: options.logger,
      write: (line) => this.#write(line),
      onPermission: (permission) => this.#queue.push({ type: 'permission', permission }, itemBytes),
    });
  }

  /** Spawns and asks for `initialize`. @throws ArborError when the system refuses */
  async start(): Promise<void> {
    const { open, spec, logger } = this.#options;
    const transport = await open(spec, {
      output: (chunk) => {
        // A process that was given up may still print.
        if (!this.#queue.hasEnded) this.#splitter.push(chunk);
      },
      errorOutput: (chunk) => this.#stderr.push(chunk),
      gone: () => this.#gone.resolve(),
      ended: (exit) => this.#guard(this.#ended(exit)),
    });
    const tree = this.#options.tree(transport.pid);
    this.#started = { transport, tree, watched: this.#options.watch(transport.pid) };
    logger.info(`Session ${this.sessionId}: process ${transport.pid} started (${transport.kind})`);
    // From here on its number stands for this process and no later one.
    this.#guard(tree.members());
    this.#guard(this.#initialize());
  }

  get pid(): number {
    return this.#running.transport.pid;
  }

  get transport(): 'pty' | 'pipe' {
    return this.#running.transport.kind;
  }

  get ready(): Promise<ProgramInfo> {
    return this.#ready.promise;
  }

  get items(): AsyncIterable<readonly ProcessItem[]> {
    return this.#queue;
  }

  get exited(): Promise<ProcessExit> {
    return this.#exited.promise;
  }

  send(message: OutgoingMessage): Promise<void> {
    return this.#write({
      type: 'user',
      message: { role: 'user', content: message.text },
      parent_tool_use_id: null,
      session_id: this.sessionId,
      uuid: message.uuid,
      ...(message.priority === undefined ? {} : { priority: message.priority }),
    });
  }

  async interrupt(): Promise<void> {
    await this.#control.request({ subtype: 'interrupt' }, this.#options.limits.interrupt);
  }

  control(request: JsonObject & { readonly subtype: string }): Promise<JsonObject> {
    return this.#control.request(request, this.#options.limits.request);
  }

  stop(): Promise<ProcessExit> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  dispose(): void {
    if (this.#exited.settled) return;
    this.#ending = true;
    this.#guard(this.#kill());
  }

  /** For what must not keep the rest of an ending from being done. */
  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.logger.error(`Session ${this.sessionId}: its processes could not all be reached`, error);
    }
  }

  /** For work that nobody waits for. */
  #guard(work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.#options.logger.error(`Session ${this.sessionId}: caring for its process failed`, error),
    );
  }

  get #running(): Running {
    if (!this.#started) throw new Error('The process has not been started');
    return this.#started;
  }

  async #stop(): Promise<ProcessExit> {
    const { limits, logger } = this.#options;
    const { transport, tree } = this.#running;
    if (this.#exited.settled) return this.#exited.promise;
    this.#ending = true;
    // What it started is remembered before it ends, since afterwards nothing shows whose it was.
    await this.#attempt(() => tree.members());
    transport.endInput();
    if (await this.#goneWithin(limits.endOfInput)) return this.#exited.promise;
    logger.info(`Session ${this.sessionId}: process ${transport.pid} did not end with its input; terminating it`);
    await this.#attempt(() => tree.signal('SIGTERM'));
    if (!(await this.#goneWithin(limits.terminate))) await this.#kill();
    return this.#exited.promise;
  }

  async #kill(): Promise<void> {
    const { limits, logger } = this.#options;
    const { transport, tree } = this.#running;
    logger.info(`Session ${this.sessionId}: killing process ${transport.pid}`);
    await this.#attempt(() => tree.signal('SIGKILL'));
    if (await this.#goneWithin(limits.kill)) return;
    logger.error(`Process ${transport.pid} does not end; it is given up`);
    await this.#ended({ code: null, signal: null });
  }

  async #goneWithin(milliseconds: number): Promise<boolean> {
    const late = new Deferred<void>();
    const timer = this.#options.clock.after(milliseconds, () => late.resolve());
    try {
      return await Promise.race([this.#gone.promise.then(() => true), late.promise.then(() => false)]);
    } finally {
      timer.dispose();
    }
  }

  #write(line: JsonObject): Promise<void> {
    if (!this.#started || this.#gone.settled) return Promise.reject(inputClosed());
    return this.#started.transport.write(`${JSON.stringify(line)}\n`);
  }

  #line(text: string): void {
    if (text === '') return;
    const number = this.#lines;
    this.#lines += 1;
    const { line, noise } = parseLine(text);
    if (noise !== '') this.#noise(noise, number);
    if (line === undefined || this.#control.handle(line) === 'consumed') return;
    if (!this.#ready.settled && line.type === 'result') this.#startError = errorOfResult(line);
    this.#queue.push({ type: 'line', line, number }, text.length + itemBytes);
  }

  #tooLong(head: string, bytes: number): void {
    this.#options.logger.warn(`Session ${this.sessionId}: a line of ${bytes} bytes was left out`);
    this.#noise(`[a line of ${bytes} bytes was left out] ${head}`, this.#lines);
    this.#lines += 1;
  }

  #noise(text: string, number: number): void {
    const cut = text.slice(0, noiseCharacters);
    this.#queue.push({ type: 'noise', text: cut, number }, cut.length + itemBytes);
  }

  /** Never rejects: what goes wrong is `ready`'s to tell. */
  async #initialize(): Promise<void> {
    const { launch, limits, version } = this.#options;
    try {
      const answer = await this.#control.request(initializeRequest(launch), limits.start);
      this.#ready.resolve(readProgramInfo(answer, version));
    } catch (error) {
      const timedOut = error instanceof ArborError && error.code === 'requestTimeout';
      const told = this.#ready.reject(timedOut ? startTimedOut(limits.start, this.#stderr.text()) : error);
      if (told && !this.#gone.settled) this.dispose();
    }
  }

  async #ended(exit: TransportExit): Promise<void> {
    if (this.#queue.hasEnded) return;
    const { logger } = this.#options;
    this.#splitter.end();
    const stderr = this.#stderr.text();
    this.#ready.reject(endedBeforeReady(exit, this.#startError, stderr));
    this.#control.close(inputClosed());
    this.#queue.end();
    const { transport, tree, watched } = this.#running;
    transport.dispose();
    // What it left behind goes with it.
    await this.#attempt(async () => {
      if (!this.#ending) await tree.findOrphans();
      await tree.signal('SIGKILL');
    });
    watched.dispose();
    logger.info(`Session ${this.sessionId}: process ${transport.pid} ended (${exit.signal ?? exit.code ?? 'unknown'})`);
    this.#gone.resolve();
    this.#exited.resolve({ ...exit, stderr });
  }
}

function errorOfResult(line: JsonObject): string | undefined {
  const errors = line['errors'];
  const first: unknown = Array.isArray(errors) ? errors[0] : line['result'];
  return typeof first === 'string' ? first : undefined;
}
