import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { Deferred } from '../../base/deferred.js';
import { inputClosed, spawnFailed } from './failures.js';
import type { SpawnSpec, Transport, TransportExit, TransportSink } from './transport.js';

/** How often it is looked whether output still comes after the program's end, in milliseconds. */
const drainTick = 100;
/** Looks without output after which the output is closed although something the program started still holds it. */
const quietTicks = 2;
/** Looks after which it is closed in any case. */
const maxTicks = 20;

/**
 * Starts a program with three pipes. No shell is involved. On POSIX it leads a process group of its own, so that its whole
 * family can be ended.
 * @param spec what to run
 * @param sink where its output goes
 * @throws ArborError `programNotFound`, `programNotExecutable` or `programBroken` when the system refuses
 */
export async function openPipeTransport(spec: SpawnSpec, sink: TransportSink): Promise<Transport> {
  const started = new Deferred<void>();
  let child: ChildProcessByStdio<Writable, Readable, Readable>;
  try {
    child = spawn(spec.file, spec.args, {
      cwd: spec.folder,
      env: spec.environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      shell: false,
    });
  } catch (error) {
    throw spawnFailed(spec.file, error);
  }
  child.once('spawn', () => started.resolve());
  child.on('error', (error) => started.reject(error));
  try {
    await started.promise;
  } catch (error) {
    throw spawnFailed(spec.file, error);
  }
  return new PipeTransport(child, sink);
}

class PipeTransport implements Transport {
  readonly kind = 'pipe';
  readonly pid: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #gone = false;
  #inputError: unknown;
  #drain: NodeJS.Timeout | undefined;
  #chunks = 0;

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, sink: TransportSink) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#chunks += 1;
      sink.output(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => sink.errorOutput(chunk));
    // A write to a program that closed its input fails with EPIPE: the writer is told, the process's end tells the rest.
    child.stdin.on('error', (error) => (this.#inputError ??= error));
    let exit: TransportExit = { code: null, signal: null };
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      this.#gone = true;
      child.stdout.resume();
      this.#closeWhenQuiet();
      sink.gone();
    });
    child.once('close', () => {
      clearInterval(this.#drain);
      this.#closeStreams();
      sink.ended(exit);
    });
  }

  write(text: string): Promise<void> {
    const { stdin } = this.#child;
    if (this.#gone || this.#inputError !== undefined || !stdin.writable) {
      return Promise.reject(inputClosed(this.#inputError));
    }
    return new Promise((resolve, reject) => {
      stdin.write(text, (error) => {
        if (error) reject(inputClosed(error));
        else resolve();
      });
    });
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  setPaused(paused: boolean): void {
    if (this.#gone) return;
    if (paused) this.#child.stdout.pause();
    else this.#child.stdout.resume();
  }

  dispose(): void {
    this.#closeStreams();
  }

  /**
   * Normally the output ends with the program. Something it started may hold the other end open for ever; what the program
   * itself wrote is in the pipe by now and is read in the first looks.
   */
  #closeWhenQuiet(): void {
    let seen = this.#chunks;
    let ticks = 0;
    let quiet = 0;
    this.#drain = setInterval(() => {
      ticks += 1;
      quiet = this.#chunks === seen ? quiet + 1 : 0;
      seen = this.#chunks;
      if (quiet >= quietTicks || ticks >= maxTicks) this.#closeStreams();
    }, drainTick);
  }

  #closeStreams(): void {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }
}
