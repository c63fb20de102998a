import { constants } from 'node:os';
import type { IPty } from 'node-pty';
import { inputClosed, spawnFailed } from './failures.js';
import { makeFifos, type FifoSet } from './fifo.js';
import type { SpawnSpec, Transport, TransportSink } from './transport.js';

/*
 * The program runs in a pseudo-terminal of its own, and its three streams are named pipes. The terminal is what ties it to
 * this process: when this process dies, however suddenly, the system hangs the terminal up and the program ends.
 *
 * Why its streams do not go through the terminal: as input the program refuses one; errors would mix into the output; and
 * the end of the output would get lost. A terminal gives at most 4 KB at a read, and Node's event loop takes a short read
 * together with a hang-up for the end: of a program that printed 20 KB and ended at once, half of the runs lost most of it.
 */

/** The part of node-pty that is used. */
export type PtyModule = Pick<typeof import('node-pty'), 'spawn'>;

/**
 * What the shell does before it becomes the program. It is a constant: file, arguments and paths come as its arguments and
 * are never read as text of the shell. Descriptor 3 keeps the terminal open: without any the terminal counts as gone, and
 * node-pty closes its end, which ends a program that has not yet opened the terminal by itself (SIGHUP).
 */
const becomeProgram = 'exec 3<&0 <"$0" >"$1" 2>"$2"; rm -f "$0" "$1" "$2"; rmdir "${0%/*}"; shift 2; exec "$@"';

/** Loads node-pty; nothing else in the project imports it. @throws Error when it has no binary for this system */
export async function loadPty(): Promise<PtyModule> {
  return import('node-pty');
}

/**
 * Starts a program in a pseudo-terminal, of which it is the session's leader. POSIX only.
 * @param spec what to run
 * @param sink where its output goes; what is printed on the terminal itself counts as error output
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
  let fifos: FifoSet | undefined;
  try {
    fifos = await makeFifos(temporary);
    const terminal = pty.spawn('/bin/sh', ['-c', becomeProgram, ...fifos.paths, spec.file, ...spec.args], {
      name: 'dumb',
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
  readonly #fifos: FifoSet;
  #inputError: unknown;
  #inputOpen = true;
  #gone = false;

  constructor(terminal: IPty, fifos: FifoSet, sink: TransportSink) {
    this.pid = terminal.pid;
    this.#fifos = fifos;
    const { input, output, error } = fifos;
    output.stream.on('data', (chunk: Buffer) => {
      // Its first output shows that the program has taken over from the shell.
      fifos.programOpened();
      sink.output(chunk);
    });
    error.stream.on('data', (chunk: Buffer) => sink.errorOutput(chunk));
    terminal.onData((data: string | Buffer) => sink.errorOutput(Buffer.from(data)));
    for (const { stream } of [output, error]) {
      stream.on('error', (cause) => sink.errorOutput(Buffer.from(`[output lost: ${cause.message}]`)));
    }
    input.on('error', (cause) => (this.#inputError ??= cause));
    terminal.onExit(({ exitCode, signal }) => {
      this.#gone = true;
      this.#inputOpen = false;
      sink.gone();
      output.stream.resume();
      error.stream.resume();
      // First what waits in the streams, which goes on at the end of this turn of the event loop, then what is left in the pipes.
      setImmediate(() => {
        sink.errorOutput(error.drain());
        sink.output(output.drain());
        this.dispose();
        const name = signalName(signal);
        sink.ended({ code: name === null ? exitCode : null, signal: name });
      });
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
    if (this.#gone) return;
    if (paused) this.#fifos.output.stream.pause();
    else this.#fifos.output.stream.resume();
  }

  dispose(): void {
    this.#fifos.dispose();
  }
}

function signalName(number: number | undefined): string | null {
  if (number === undefined || number === 0) return null;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
