import { AsyncQueue } from '../../../src/base/asyncQueue.js';
import { Deferred } from '../../../src/base/deferred.js';
import { ArborError, type ErrorCode } from '../../../src/base/errors.js';
import type { JsonObject } from '../../../src/base/json.js';
import type { PermissionRequest } from '../../../src/core/permissions/request.js';
import type {
  ClaudeLauncher,
  ClaudeProcess,
  LaunchOptions,
  OutgoingMessage,
  ProcessExit,
  ProcessItem,
  ProgramInfo,
} from '../../../src/core/ports.js';
import type { CliLine } from '../../../src/protocol/cli/lines.js';
import { FakePermission, permissionRequest } from './fakePermission.js';
import { echoLine, interruptedLines } from './cliLines.js';

/** What a fake program does when it is asked for something; what is not named it does as the real one would. */
export interface FakeBehaviour {
  /** Whether it is ready by itself. */
  readonly isReady?: boolean;
  /** Takes a message, or throws. */
  readonly onSend?: (message: OutgoingMessage, process: FakeProcess) => void | Promise<void>;
  /** Takes an interrupt, or throws. By default it ends its turn as the real program does. */
  readonly onInterrupt?: (process: FakeProcess) => void | Promise<void>;
  /** Answers a control request, or throws. */
  readonly onControl?: (
    request: JsonObject & { readonly subtype: string },
    process: FakeProcess,
  ) => JsonObject | Promise<JsonObject>;
  /** Whether it ends when it is asked to; if not, the test ends it. */
  readonly endsWhenStopped?: boolean;
}

/** An error as the client makes them. */
export function clientError(code: ErrorCode, detail?: string): ArborError {
  return new ArborError({ code, what: `It failed (${code}).`, ...(detail === undefined ? {} : { detail }) });
}

const info: ProgramInfo = {
  version: '2.1.329',
  models: [{ value: 'opus', label: 'Opus', description: 'A model.' }],
  commands: 3,
};

/** A program that does and says what a test tells it to, behind the interface of the real client. */
export class FakeProcess implements ClaudeProcess {
  readonly pid: number;
  readonly sessionId: string;
  readonly transport = 'pipe';
  readonly options: LaunchOptions;
  readonly sent: OutgoingMessage[] = [];
  readonly controls: (JsonObject & { readonly subtype: string })[] = [];
  interrupts = 0;
  stops = 0;
  isDisposed = false;
  readonly #behaviour: FakeBehaviour;
  readonly #queue = new AsyncQueue<ProcessItem>();
  readonly #ready = new Deferred<ProgramInfo>();
  readonly #exited = new Deferred<ProcessExit>();
  readonly #gone = new Deferred<never>();
  readonly #permissions: FakePermission[] = [];
  #lines = 0;

  constructor(pid: number, options: LaunchOptions, behaviour: FakeBehaviour) {
    this.pid = pid;
    this.options = options;
    this.sessionId = options.sessionId;
    this.#behaviour = behaviour;
    if (behaviour.isReady !== false) this.becomeReady();
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

  get hasEnded(): boolean {
    return this.#exited.settled;
  }

  becomeReady(): void {
    this.#ready.resolve(info);
  }

  /** Does not get ready, and has not ended yet. */
  becomeUnready(error: ArborError): void {
    this.#ready.reject(error);
  }

  /** Ends before it is ready, as the client tells it. */
  failToStart(error: ArborError, exit: Partial<ProcessExit> = {}): void {
    this.#ready.reject(error);
    this.exit({ code: 1, ...exit });
  }

  /** Prints lines; those of one call come in one batch. */
  print(...lines: readonly CliLine[]): void {
    for (const line of lines) {
      this.#queue.push({ type: 'line', line, number: this.#lines });
      this.#lines += 1;
    }
  }

  /** Says that Claude has the message that was sent last. */
  echo(): void {
    const last = this.sent.at(-1);
    if (last) this.print(echoLine(last.uuid, last.text));
  }

  printNoise(text: string): void {
    this.#queue.push({ type: 'noise', text, number: this.#lines });
    this.#lines += 1;
  }

  /** Asks for permission. */
  ask(given: Partial<PermissionRequest>): FakePermission {
    const { sessionId } = this;
    const { folder } = this.options;
    const permission = new FakePermission(permissionRequest({ sessionId, folder, ...given }));
    this.#permissions.push(permission);
    this.#queue.push({ type: 'permission', permission });
    return permission;
  }

  /** Is gone. */
  exit(exit: Partial<ProcessExit> = {}): void {
    if (this.#queue.hasEnded) return;
    const whole = { code: 0, signal: null, stderr: '', ...exit };
    this.#ready.reject(clientError('programBroken', whole.stderr));
    this.#gone.reject(clientError('processExited'));
    for (const permission of this.#permissions) if (permission.answers.length === 0) permission.takeBack();
    this.#queue.end();
    this.#exited.resolve(whole);
  }

  async send(message: OutgoingMessage): Promise<void> {
    if (this.#queue.hasEnded) throw clientError('processExited');
    this.sent.push(message);
    await this.#behaviour.onSend?.(message, this);
  }

  async interrupt(): Promise<void> {
    if (this.#queue.hasEnded) throw clientError('processExited');
    this.interrupts += 1;
    const { onInterrupt } = this.#behaviour;
    if (onInterrupt) await Promise.race([onInterrupt(this), this.#gone.promise]);
    else this.print(...interruptedLines());
  }

  async control(request: JsonObject & { readonly subtype: string }): Promise<JsonObject> {
    if (this.#queue.hasEnded) throw clientError('processExited');
    this.controls.push(request);
    return Promise.race([this.#behaviour.onControl?.(request, this) ?? {}, this.#gone.promise]);
  }

  async stop(): Promise<ProcessExit> {
    this.stops += 1;
    if (this.#behaviour.endsWhenStopped !== false) this.exit();
    return this.exited;
  }

  dispose(): void {
    this.isDisposed = true;
    this.exit({ code: null, signal: 'SIGKILL' });
  }
}

/** What a launch comes to: a program with a behaviour, an error, or a wait for the test. */
export type FakeLaunch = FakeBehaviour | Error | Promise<FakeBehaviour>;

/** Starts fake programs. */
export class FakeLauncher implements ClaudeLauncher {
  readonly processes: FakeProcess[] = [];
  readonly launches: LaunchOptions[] = [];
  /** What the next launches come to, the first first; then `otherwise`. */
  readonly script: FakeLaunch[] = [];
  otherwise: FakeLaunch = {};

  async launch(options: LaunchOptions): Promise<ClaudeProcess> {
    this.launches.push(options);
    const behaviour = await (this.script.shift() ?? this.otherwise);
    if (behaviour instanceof Error) throw behaviour;
    const process = new FakeProcess(1000 + this.processes.length, options, behaviour);
    this.processes.push(process);
    return process;
  }

  /** The process that was started last. @throws Error when there is none */
  get last(): FakeProcess {
    const last = this.processes.at(-1);
    if (!last) throw new Error('No process was started');
    return last;
  }

  /** Those that have not ended. */
  get living(): readonly FakeProcess[] {
    return this.processes.filter((process) => !process.hasEnded);
  }
}
