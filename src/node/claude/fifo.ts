import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Disposable } from '../../base/disposable.js';
import { errnoCode } from './failures.js';

const run = promisify(execFile);
const drainBytes = 64 * 1024;

/** Two named pipes in a folder of their own that only the user may enter. */
export interface FifoPair extends Disposable {
  /** Path of the one that the program reads. */
  readonly inputPath: string;
  /** Path of the one that the program writes its errors to. */
  readonly errorPath: string;
  /** Writes to the program. What the pipe has no room for waits in the stream, whose callbacks tell when it was taken. */
  readonly input: Socket;
  /** What the program wrote to its error output. */
  readonly error: Socket;
  /**
   * Says that the program has opened its ends, so that ours need not stand in for them any more: from here on the program
   * closing its input is noticed.
   */
  programOpened(): void;
  /** Reads what is left of the error output once the program is gone. */
  drainError(): Buffer;
}

/**
 * Makes the pipes and opens our ends. They are opened for reading and writing at first, which never blocks and needs no
 * program at the other end yet; a pipe's data is lost when nobody has it open.
 * @param temporary the folder for temporary files
 * @throws Error when the system refuses
 */
export async function makeFifoPair(temporary: string): Promise<FifoPair> {
  const folder = await mkdtemp(join(temporary, 'arbor-'));
  try {
    const inputPath = join(folder, 'in');
    const errorPath = join(folder, 'err');
    // Node cannot make named pipes. The shell only finds the program; the paths are arguments, not text it reads.
    await run('/bin/sh', ['-c', 'umask 077; exec mkfifo "$@"', 'sh', inputPath, errorPath]);
    return openPair(folder, inputPath, errorPath);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function openPair(folder: string, inputPath: string, errorPath: string): FifoPair {
  const { O_NONBLOCK, O_RDWR, O_WRONLY } = constants;
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    const descriptor = openSync(path, flags | O_NONBLOCK);
    opened.push(descriptor);
    return descriptor;
  };
  try {
    let standIn: number | undefined = open(inputPath, O_RDWR);
    const input = new Socket({ fd: open(inputPath, O_WRONLY), readable: false, writable: true });
    const errorDescriptor = open(errorPath, O_RDWR);
    const error = new Socket({ fd: errorDescriptor, readable: true, writable: false });
    const closeStandIn = (): void => {
      if (standIn !== undefined) closeSync(standIn);
      standIn = undefined;
    };
    return {
      inputPath,
      errorPath,
      input,
      error,
      programOpened: closeStandIn,
      drainError: () => (error.destroyed ? Buffer.alloc(0) : readAvailable(errorDescriptor)),
      dispose: () => {
        closeStandIn();
        input.destroy();
        error.destroy();
        // The program's shell removes the pipes once it has them open; this is for when it never came that far.
        rm(folder, { recursive: true, force: true }).catch(() => undefined);
      },
    };
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    throw error;
  }
}

function readAvailable(descriptor: number): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(drainBytes);
    let bytes: number;
    try {
      bytes = readSync(descriptor, part);
    } catch (error) {
      if (errnoCode(error) === 'EAGAIN') bytes = 0;
      else throw error;
    }
    if (bytes === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, bytes));
  }
}
