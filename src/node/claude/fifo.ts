import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import { errnoCode } from './failures.js';

const run = promisify(execFile);

/** Most that is read at once of what a program left in a pipe; a pipe holds 64 KB. */
const leftoverBytes = 256 * 1024;

/** A named pipe that the program writes and we read. */
export interface ReadingFifo {
  /** Delivers the bytes; it never ends by itself. */
  readonly stream: Socket;
  /** Reads what is left once the program is gone. Nothing may wait in the stream any more. */
  drain(): Buffer;
}

/** The three named pipes of a program, in a folder of their own that only the user may enter. */
export interface FifoSet extends Disposable {
  /** Paths of input, output and error output, for the program to open. */
  readonly paths: readonly [input: string, output: string, error: string];
  /** Writes to the program. What the pipe has no room for waits in the stream, whose callbacks tell when it was taken. */
  readonly input: Socket;
  readonly output: ReadingFifo;
  readonly error: ReadingFifo;
  /**
   * Says that the program has opened its ends, so that ours need not stand in for its input any more: from here on its
   * closing of the input is noticed.
   */
  programOpened(): void;
}

/**
 * Makes the pipes and opens our ends. They are opened for reading and writing, which never blocks and needs no program at
 * the other end yet, and keeps what was written until it is read, also when the program is gone.
 * @param temporary the folder for temporary files
 * @throws Error when the system refuses
 */
export async function makeFifos(temporary: string): Promise<FifoSet> {
  const folder = await mkdtemp(join(temporary, 'arbor-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const paths = [join(folder, 'in'), join(folder, 'out'), join(folder, 'err')] as const;
    // Node cannot make named pipes. The shell only finds the program; the paths are arguments, not text it reads.
    await run('/bin/sh', ['-c', 'umask 077; exec mkfifo "$@"', 'sh', ...paths]);
    // The program's shell removes the pipes once it has them open; this is for when it never came that far.
    return openFifos(paths, () => void remove().catch(() => undefined));
  } catch (error) {
    await remove();
    throw error;
  }
}

function openFifos(paths: FifoSet['paths'], remove: () => void): FifoSet {
  const { O_NONBLOCK, O_RDWR, O_WRONLY } = constants;
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    const descriptor = openSync(path, flags | O_NONBLOCK);
    opened.push(descriptor);
    return descriptor;
  };
  const reading = (path: string): ReadingFifo => {
    const descriptor = open(path, O_RDWR);
    const stream = new Socket({ fd: descriptor, readable: true, writable: false });
    return { stream, drain: () => (stream.destroyed ? Buffer.alloc(0) : readAvailable(descriptor)) };
  };
  try {
    const descriptor = open(paths[0], O_RDWR);
    const standIn = toDisposable(() => closeSync(descriptor));
    const input = new Socket({ fd: open(paths[0], O_WRONLY), readable: false, writable: true });
    const output = reading(paths[1]);
    const error = reading(paths[2]);
    return {
      paths,
      input,
      output,
      error,
      programOpened: () => standIn.dispose(),
      dispose: () => {
        standIn.dispose();
        for (const stream of [input, output.stream, error.stream]) stream.destroy();
        remove();
      },
    };
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    throw error;
  }
}

/** Reads without waiting. It stops at what a pipe can hold, since something else may still be writing. */
function readAvailable(descriptor: number): Buffer {
  const buffer = Buffer.alloc(leftoverBytes);
  let filled = 0;
  while (filled < buffer.length) {
    try {
      const bytes = readSync(descriptor, buffer, filled, buffer.length - filled, null);
      if (bytes === 0) break;
      filled += bytes;
    } catch (error) {
      if (errnoCode(error) === 'EAGAIN') break;
      throw error;
    }
  }
  return buffer.subarray(0, filled);
}
