import type { Clock } from '../../base/clock.js';
import { Deferred } from '../../base/deferred.js';
import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { PermissionMode } from '../../protocol/cli/lines.js';
import { asleep, step, type Lifecycle, type LifecycleEffect, type LifecycleEvent } from '../lifecycle/machine.js';
import type { ClaudeLauncher, ClaudeProcess, LaunchOptions, ProcessExit, ProcessItem, ProgramInfo } from '../ports.js';

/** What a slot tells its session. */
export interface SlotListener {
  /** The process printed something. */
  items(batch: readonly ProcessItem[], process: ClaudeProcess): void;
  /** The process is gone and everything it printed was delivered. */
  gone(exit: ProcessExit, process: ClaudeProcess): void;
  /** The turn is to be ended: interrupted, or, where no process has it, at once. */
  endTurn(how: 'interrupt' | 'endTurn'): void;
  /** The state of the process or of the turn changed. */
  changed(): void;
}

/** What a slot works with. */
export interface SlotParts {
  /** Starts programs. */
  readonly launcher: ClaudeLauncher;
  readonly clock: Clock;
  /** Told of errors that have no other way out. */
  readonly logger: Logger;
}

/** What a process works with. */
export interface ProcessSettings {
  /** Null for the program's default. */
  readonly model: string | null;
  readonly mode: PermissionMode;
}

/** A process together with what it was started with, so that a session can take it over. */
export interface RunningProcess extends ProcessSettings {
  readonly process: ClaudeProcess;
  /** When it was started, in milliseconds since 1970. */
  readonly startedAt: number;
}

interface Held {
  readonly process: ClaudeProcess;
  readonly startedAt: number;
  model: string | null;
  mode: PermissionMode;
}

/**
 * Holds the one process of a session, as the state machine of its life says: starts it when it is wanted, reads it until
 * it ends. Never two at a time.
 */
export class ProcessSlot implements Disposable {
  readonly #parts: SlotParts;
  readonly #listener: SlotListener;
  #lifecycle: Lifecycle = asleep;
  #held: Held | null = null;
  /** For those who wait for a process that is being started, or will be when the last one is gone. */
  #awaited: Deferred<ClaudeProcess> | null = null;
  /** How the next process is to be started. */
  #options: (() => Promise<LaunchOptions>) | null = null;
  #launching: Promise<void> = Promise.resolve();
  /** Resolves when the last process is gone and everything it printed was delivered. Never rejects. */
  #reading: Promise<void> = Promise.resolve();
  #aligning: Promise<void> = Promise.resolve();
  #info: ProgramInfo | null = null;

  /**
   * @param parts what it works with
   * @param listener the session
   */
  constructor(parts: SlotParts, listener: SlotListener) {
    this.#parts = parts;
    this.#listener = listener;
  }

  /** Where process and turn are. */
  get lifecycle(): Lifecycle {
    return this.#lifecycle;
  }

  /** What the program said of itself, or null before it did. */
  get info(): ProgramInfo | null {
    return this.#info;
  }

  /** The process with what it works with as far as is known, or null without one. */
  get running(): RunningProcess | null {
    return this.#held;
  }

  /** The process, if there is one. */
  get process(): ClaudeProcess | null {
    return this.#held?.process ?? null;
  }

  /** Takes over a process that runs already, such as the warm spare. One that is not needed is ended. */
  adopt(running: RunningProcess): void {
    const held = { ...running };
    this.#step({ type: 'adopted' }, { offered: held });
    if (this.#held !== held) return;
    const known = this.#whenReady(held).then(() => {
      this.#listener.changed();
    });
    detach(known, (error) => {
      this.#parts.logger.info(`A process that was taken over did not get ready: ${String(error)}`);
    });
  }

  /**
   * The session's process, ready for a message; started when there is none. Callers that come while it starts share it.
   * @param options how to start it
   * @throws ArborError when it cannot be started
   */
  ensure(options: () => Promise<LaunchOptions>): Promise<ClaudeProcess> {
    this.#options = options;
    this.tell({ type: 'wake' });
    const { process } = this.#lifecycle;
    if (process === 'closed') return Promise.reject(endedWhileStarting());
    if (process === 'up' && this.#held) return this.#whenReady(this.#held);
    this.#awaited ??= new Deferred<ClaudeProcess>();
    return this.#awaited.promise;
  }

  /** Takes a step of the state machine and does what it says. */
  tell(event: LifecycleEvent): void {
    this.#step(event);
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
    if (this.#held?.process === process) this.#held.mode = mode;
  }

  /** Ends the process and waits until it is gone and everything it printed was delivered. */
  async stop(): Promise<void> {
    this.tell({ type: 'end' });
    await this.#launching;
    await this.#reading;
  }

  async #align(wanted: () => ProcessSettings, only?: keyof ProcessSettings): Promise<void> {
    const held = this.#held;
    // What is being started, or will be, gets the settings when it is given a message.
    if (!held || this.#lifecycle.process !== 'up') return;
    try {
      await this.#whenReady(held);
    } catch {
      // Its end is told by whoever needs it; the next process is started with the settings.
      return;
    }
    try {
      const { model, mode } = wanted();
      if (only !== 'mode' && held.model !== model) {
        await held.process.control({ subtype: 'set_model', model: model ?? 'default' });
        held.model = model;
      }
      if (only !== 'model' && held.mode !== mode) {
        await held.process.control({ subtype: 'set_permission_mode', mode });
        held.mode = mode;
      }
    } catch (error) {
      // A process that has ended refuses nothing.
      if (!(error instanceof ArborError) || error.code !== 'processExited') throw error;
    }
  }

  /** @param about the process that the event is about, and the error that those who wait for one are told */
  #step(event: LifecycleEvent, about: { readonly offered?: Held; readonly error?: unknown } = {}): void {
    const before = this.#lifecycle;
    const { state, effects } = step(before, event);
    this.#lifecycle = state;
    if (this.#awaited && !isComing(state)) {
      const awaited = this.#awaited;
      this.#awaited = null;
      if (state.process === 'up' && this.#held) awaited.resolve(this.#held.process);
      else awaited.reject(about.error ?? endedWhileStarting());
    }
    for (const effect of effects) this.#do(effect, about.offered);
    if (!isSame(state, before)) this.#listener.changed();
  }

  #do(effect: LifecycleEffect, offered: Held | undefined): void {
    switch (effect) {
      case 'launch':
        this.#launching = this.#launch();
        return;
      case 'hold':
        if (offered) this.#hold(offered);
        return;
      case 'refuse':
        offered?.process.dispose();
        return;
      case 'end':
        if (this.#held) {
          detach(this.#held.process.stop(), (error) => {
            this.#parts.logger.error('A process could not be ended', error);
          });
        }
        return;
      case 'kill':
        this.#held?.process.dispose();
        return;
      case 'interrupt':
      case 'endTurn':
        this.#listener.endTurn(effect);
        return;
    }
  }

  /** Never rejects: those who wait are told. */
  async #launch(): Promise<void> {
    // The end of the last one is told first.
    await this.#reading;
    let held: Held;
    try {
      if (!this.#options) throw endedWhileStarting();
      const wanted = await this.#options();
      if (this.#lifecycle.process !== 'launching') throw endedWhileStarting();
      const process = await this.#parts.launcher.launch(wanted);
      const startedAt = this.#parts.clock.now();
      held = { process, startedAt, model: wanted.model ?? null, mode: wanted.permissionMode ?? 'default' };
    } catch (error) {
      this.#step({ type: 'launchFailed' }, { error });
      return;
    }
    this.#step({ type: 'launched' }, { offered: held });
    if (this.#held !== held) return;
    try {
      await this.#whenReady(held);
      if (this.#held === held) this.tell({ type: 'initialised' });
    } catch {
      // Those who wait for it were told.
    }
  }

  async #whenReady(held: Held): Promise<ClaudeProcess> {
    try {
      this.#info = await held.process.ready;
      return held.process;
    } catch (error) {
      if (this.#held === held) {
        this.#step({ type: 'unusable' }, { error });
        this.#held = null;
      }
      throw error;
    }
  }

  #hold(held: Held): void {
    this.#held = held;
    this.#reading = this.#read(held.process).catch((error: unknown) => {
      this.#parts.logger.error('A listener of the program failed', error);
    });
  }

  async #read(process: ClaudeProcess): Promise<void> {
    try {
      for await (const batch of process.items) this.#listener.items(batch, process);
    } catch (error) {
      this.#parts.logger.error('Reading the program failed', error);
      process.dispose();
    }
    const exit = await process.exited;
    if (this.#held?.process === process) this.#held = null;
    this.tell({ type: 'exited' });
    this.#listener.gone(exit, process);
    this.#listener.changed();
  }

  dispose(): void {
    this.tell({ type: 'close' });
  }
}

/** Whether a process is on its way to who waits for one. */
function isComing({ process, after }: Lifecycle): boolean {
  if (process === 'launching' || process === 'initialising') return true;
  return (process === 'ending' || process === 'abandoned') && after === 'start';
}

function isSame(a: Lifecycle, b: Lifecycle): boolean {
  return (
    a.process === b.process && a.after === b.after && a.turn === b.turn && a.asks === b.asks && a.tasks === b.tasks
  );
}

function endedWhileStarting(): ArborError {
  return new ArborError({ code: 'processExited', what: 'The process was ended while it started.' });
}
