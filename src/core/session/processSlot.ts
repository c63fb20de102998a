import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import type { PermissionMode } from '../../protocol/cli/lines.js';
import type { ClaudeLauncher, ClaudeProcess, LaunchOptions, ProcessExit, ProcessItem, ProgramInfo } from '../ports.js';

/** What a slot tells its session. */
export interface SlotListener {
  /** The process printed something. */
  items(batch: readonly ProcessItem[]): void;
  /** The process is gone and everything it printed was delivered. */
  gone(exit: ProcessExit): void;
  /** Whether there is a process, or one is being started, changed. */
  changed(): void;
}

/** Where a slot's process is. */
export type SlotState = 'empty' | 'starting' | 'ready';

/** A process together with what it was started with, so that a session can take it over. */
export interface RunningProcess {
  readonly process: ClaudeProcess;
  readonly model: string | null;
  readonly mode: PermissionMode;
}

/** Holds the one process of a session: starts it when it is wanted, reads it until it ends. */
export class ProcessSlot implements Disposable {
  readonly #launcher: ClaudeLauncher;
  readonly #listener: SlotListener;
  readonly #logger: Logger;
  #running: RunningProcess | null = null;
  #starting: Promise<ClaudeProcess> | null = null;
  #info: ProgramInfo | null = null;
  #disposed = false;

  /**
   * @param launcher starts programs
   * @param listener the session
   * @param logger told of errors that have no other way out
   */
  constructor(launcher: ClaudeLauncher, listener: SlotListener, logger: Logger) {
    this.#launcher = launcher;
    this.#listener = listener;
    this.#logger = logger;
  }

  get state(): SlotState {
    if (this.#starting) return 'starting';
    return this.#running ? 'ready' : 'empty';
  }

  /** What the program said of itself, or null before it did. */
  get info(): ProgramInfo | null {
    return this.#info;
  }

  /** The process, if there is one that has started. */
  get process(): ClaudeProcess | null {
    return this.#running?.process ?? null;
  }

  /** Takes over a process that runs already, such as the warm spare. */
  adopt(running: RunningProcess): void {
    this.#hold(running);
    this.#listener.changed();
  }

  /**
   * The session's process, ready for a message; started when there is none. Callers that come while it starts share it.
   * @param options how to start it
   * @throws ArborError when it cannot be started
   */
  async ensure(options: () => Promise<LaunchOptions>): Promise<ClaudeProcess> {
    if (this.#running) {
      return this.#whenReady(this.#running.process);
    }
    this.#starting ??= this.#start(options);
    try {
      return await this.#starting;
    } finally {
      this.#starting = null;
      this.#listener.changed();
    }
  }

  /** Asks a running process for the session's model and mode, where it was started with others. */
  async align(model: string | null, mode: PermissionMode): Promise<void> {
    const running = this.#running;
    if (!running) return;
    if (running.model !== model) await running.process.control({ subtype: 'set_model', model: model ?? 'default' });
    if (running.mode !== mode) await running.process.control({ subtype: 'set_permission_mode', mode });
    this.#running = { process: running.process, model, mode };
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    await this.#running?.process.stop();
  }

  async #start(options: () => Promise<LaunchOptions>): Promise<ClaudeProcess> {
    this.#listener.changed();
    const wanted = await options();
    const process = await this.#launcher.launch(wanted);
    if (this.#disposed) {
      process.dispose();
      throw new Error('The session was closed while its process started');
    }
    this.#hold({ process, model: wanted.model ?? null, mode: wanted.permissionMode ?? 'default' });
    return this.#whenReady(process);
  }

  async #whenReady(process: ClaudeProcess): Promise<ClaudeProcess> {
    try {
      this.#info = await process.ready;
      return process;
    } catch (error) {
      process.dispose();
      throw error;
    }
  }

  #hold(running: RunningProcess): void {
    this.#running = running;
    detach(this.#read(running.process), (error) => {
      this.#logger.error('A listener of the program failed', error);
    });
  }

  async #read(process: ClaudeProcess): Promise<void> {
    try {
      for await (const batch of process.items) this.#listener.items(batch);
    } catch (error) {
      this.#logger.error('Reading the program failed', error);
      process.dispose();
    }
    const exit = await process.exited;
    if (this.#running?.process === process) this.#running = null;
    this.#listener.gone(exit);
    this.#listener.changed();
  }

  dispose(): void {
    this.#disposed = true;
    this.#running?.process.dispose();
  }
}
