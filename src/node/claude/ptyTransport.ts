import { constants } from 'node:os';
import type { IPty } from 'node-pty';
import { inputClosed, spawnFailed } from './failures.js';
import { makeFifoPair, type FifoPair } from './fifo.js';
import type { SpawnSpec, Transport, TransportSink } from './transport.js';

/** The part of node-pty that is used. */
export type PtyModule = Pick<typeof import('node-pty'), 'spawn'>;

/**
 * What the shell does before it becomes the program. It is a constant: file, arguments and paths come as its arguments and
 * are never read as text of the shell. The terminal passes bytes through unchanged; input and errors go through the named
 * pipes, because the program refuses to read messages from a terminal and its errors would mix with its output.
 */
const becomeProgram = 'stty raw -echo; exec <"$0" 2>"$1"; rm -f "$0" "$1"; rmdir "${0%/*}"; shift; exec "$@"';

/** How often it is looked whether the program is gone while reading is paused, in milliseconds; see `setPaused`. */
const pausedLook = 50;

/** Loads node-pty; nothing else in the project imports it. @throws Error when it has no binary for this system */
export async function loadPty(): Promise<PtyModule> {
  return import('node-pty');
}

/**
 * Starts a program with a pseudo-terminal as its output. When this process dies, however suddenly, the system hangs the
 * terminal up and the program ends with it. POSIX only.
 * @param spec what to run
 * @param sink where its output goes
 * @param pty node-pty
 * @param temporary the folder for temporary files
 * @throws ArborError when the system refuses
 */
export async function openPtyTransport(
  spec: SpawnSpec,
  sink: TransportSink,
  pty: PtyModule,
  temporary: string,
): Promise<Transport> {
  let fifos: FifoPair | undefined;
  try {
    fifos = await makeFifoPair(temporary);
    const args = ['-c', becomeProgram, fifos.inputPath, fifos.errorPath, spec.file, ...spec.args];
    const terminal = pty.spawn('/bin/sh', args, {
      name: 'dumb',
      cols: 250,
      rows: 50,
      cwd: spec.folder,
      env: { ...spec.environment },
      // Bytes, not text: a character may be cut in half between two reads.
      encoding: null,
    });
    return new PtyTransport(terminal, fifos, sink);
  } catch (error) {
    fifos?.dispose();
    throw spawnFailed(spec.file, error);
  }
}

class PtyTransport implements Transport {
  readonly kind = 'pty';
  readonly pid: number;
  readonly #terminal: IPty;
  readonly #fifos: FifoPair;
  #inputError: unknown;
  #inputOpen = true;
  #look: NodeJS.Timeout | undefined;

  constructor(terminal: IPty, fifos: FifoPair, sink: TransportSink) {
    this.pid = terminal.pid;
    this.#terminal = terminal;
    this.#fifos = fifos;
    terminal.onData((data: string | Buffer) => {
      // Its first output shows that the program has taken over from the shell.
      fifos.programOpened();
      sink.output(typeof data === 'string' ? Buffer.from(data) : data);
    });
    fifos.error.on('data', (chunk: Buffer) => sink.errorOutput(chunk));
    fifos.error.on('error', (error) => sink.errorOutput(Buffer.from(`[error output lost: ${error.message}]`)));
    fifos.input.on('error', (error) => (this.#inputError ??= error));
    terminal.onExit(({ exitCode, signal }) => {
      sink.errorOutput(fifos.drainError());
      this.#inputOpen = false;
      sink.gone();
      this.dispose();
      const name = signalName(signal);
      sink.ended({ code: name === null ? exitCode : null, signal: name });
    });
  }

  write(text: string): Promise<void> {
    const { input } = this.#fifos;
    if (!this.#inputOpen || this.#inputError !== undefined) return Promise.reject(inputClosed(this.#inputError));
    return new Promise((resolve, reject) => {
      input.write(text, (error) => {
        if (error) reject(inputClosed(error));
        else resolve();
      });
    });
  }

  endInput(): void {
    this.#inputOpen = false;
    this.#fifos.input.end();
    this.#fifos.programOpened();
  }

  setPaused(paused: boolean): void {
    clearInterval(this.#look);
    if (!paused) {
      this.#terminal.resume();
      return;
    }
    this.#terminal.pause();
    // node-pty throws unread output away 200 ms after the program's end, so reading has to go on by then.
    this.#look = setInterval(() => {
      if (!isAlive(this.pid)) this.setPaused(false);
    }, pausedLook);
  }

  dispose(): void {
    clearInterval(this.#look);
    this.#fifos.dispose();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // There is no such process any more.
    return false;
  }
}

function signalName(number: number | undefined): string | null {
  if (number === undefined || number === 0) return null;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
