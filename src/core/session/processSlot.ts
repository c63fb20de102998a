import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { PermissionMode } from '../../protocol/cli/lines.js';
import type { ClaudeLauncher, ClaudeProcess, LaunchOptions, ProcessExit, ProcessItem, ProgramInfo } from '../ports.js';

/** What a slot tells its session. */
export interface SlotListener {
  /** The process printed something. */
  items(batch: readonly ProcessItem[], process: ClaudeProcess): void;
  /** The process is gone and everything it printed was delivered. */
  gone(exit: ProcessExit, process: ClaudeProcess): void;
  /** Whether there is a process, or one is being started, changed. */
  changed(): void;
}

/** Where a slot's process is. */
export type SlotState = 'empty' | 'starting' | 'ready';

/** What a process works with. */
export interface ProcessSettings {
  /** Null for the program's default. */
  readonly model: string | null;
  readonly mode: PermissionMode;
}

/** A process together with what it was started with, so that a session can take it over. */
export interface RunningProcess extends ProcessSettings {
  readonly process: ClaudeProcess;
}

interface Held {
  readonly process: ClaudeProcess;
  model: string | null;
  mode: PermissionMode;
}

/** Holds the one process of a session: starts it when it is wanted, reads it until it ends. Never two at a time. */
export class ProcessSlot implements Disposable {
  readonly #launcher: ClaudeLauncher;
  readonly #listener: SlotListener;
  readonly #logger: Logger;
  #running: Held | null = null;
  #starting: Promise<ClaudeProcess> | null = null;
  /** Resolves when the last process is gone and everything it printed was delivered. Never rejects. */
  #reading: Promise<void> = Promise.resolve();
  #aligning: Promise<void> = Promise.resolve();
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

  /** The process, if there is one. */
  get process(): ClaudeProcess | null {
    return this.#running?.process ?? null;
  }

  /** What the process works with as far as is known, or null without one. */
  get settings(): ProcessSettings | null {
    return this.#running;
  }

  /** Takes over a process that runs already, such as the warm spare. */
  adopt(running: RunningProcess): void {
    this.#hold({ ...running });
    const known = this.#whenReady(running.process).then(() => {
      this.#listener.changed();
    });
    detach(known, (error) => {
      this.#logger.info(`A process that was taken over did not get ready: ${String(error)}`);
    });
    this.#listener.changed();
  }

  /**
   * The session's process, ready for a message; started when there is none. Callers that come while it starts share it.
   * @param options how to start it
   * @throws ArborError when it cannot be started
   */
  ensure(options: () => Promise<LaunchOptions>): Promise<ClaudeProcess> {
    if (this.#starting) return this.#starting;
    if (this.#running) return this.#whenReady(this.#running.process);
    const starting = this.#start(options).finally(() => {
      this.#starting = null;
      this.#listener.changed();
    });
    this.#starting = starting;
    this.#listener.changed();
    return starting;
  }

  /**
   * Asks a running process for the session's model and mode, where it works with others. One after the other, so that the
   * last choice is what holds.
   * @param wanted what the session wants when its turn comes
   * @param only what to ask for; both by default
   * @throws ArborError when the program refuses
   */
  align(wanted: () => ProcessSettings, only?: keyof ProcessSettings): Promise<void> {
    const aligned = this.#aligning.then(() => this.#align(wanted, only));
    this.#aligning = aligned.catch(() => undefined);
    return aligned;
  }

  /** The program says that it works in another mode, such as after a plan was approved. */
  sawMode(process: ClaudeProcess, mode: PermissionMode): void {
    if (this.#running?.process === process) this.#running.mode = mode;
  }

  /** Ends the process and waits until it is gone and everything it printed was delivered. */
  async stop(): Promise<void> {
    await this.#running?.process.stop();
    await this.#reading;
  }

  async #align(wanted: () => ProcessSettings, only?: keyof ProcessSettings): Promise<void> {
    const running = this.#running;
    // What is being started gets the settings when it is given a message.
    if (!running || this.#starting) return;
    try {
      await this.#whenReady(running.process);
    } catch {
      // Its end is told by whoever needs it; the next process is started with the settings.
      return;
    }
    try {
      const { model, mode } = wanted();
      if (only !== 'mode' && running.model !== model) {
        await running.process.control({ subtype: 'set_model', model: model ?? 'default' });
        running.model = model;
      }
      if (only !== 'model' && running.mode !== mode) {
        await running.process.control({ subtype: 'set_permission_mode', mode });
        running.mode = mode;
      }
    } catch (error) {
      // A process that has ended refuses nothing.
      if (!(error instanceof ArborError) || error.code !== 'processExited') throw error;
    }
  }

  async #start(options: () => Promise<LaunchOptions>): Promise<ClaudeProcess> {
    // One that could not be used may still be ending.
    await this.#reading;
    const wanted = await options();
    this.#throwIfDisposed();
    const process = await this.#launcher.launch(wanted);
    if (this.#disposed) process.dispose();
    this.#throwIfDisposed();
    this.#hold({ process, model: wanted.model ?? null, mode: wanted.permissionMode ?? 'default' });
    return this.#whenReady(process);
  }

  #throwIfDisposed(): void {
    if (!this.#disposed) return;
    throw new ArborError({ code: 'processExited', what: 'The session was closed while its process started.' });
  }

  async #whenReady(process: ClaudeProcess): Promise<ClaudeProcess> {
    try {
      this.#info = await process.ready;
      return process;
    } catch (error) {
      process.dispose();
      if (this.#running?.process === process) this.#running = null;
      throw error;
    }
  }

  #hold(running: Held): void {
    this.#running = running;
    this.#reading = this.#read(running.process).catch((error: unknown) => {
      this.#logger.error('A listener of the program failed', error);
    });
  }

  async #read(process: ClaudeProcess): Promise<void> {
    try {
      for await (const batch of process.items) this.#listener.items(batch, process);
    } catch (error) {
      this.#logger.error('Reading the program failed', error);
      process.dispose();
    }
    const exit = await process.exited;
    if (this.#running?.process === process) this.#running = null;
    this.#listener.gone(exit, process);
    this.#listener.changed();
  }

  dispose(): void {
    this.#disposed = true;
    this.#running?.process.dispose();
  }
}
