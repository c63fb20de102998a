import { dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { Deferred } from '../../base/deferred.js';
import { isObject, numberAt, parseJson } from '../../base/json.js';
import type { Journal } from '../../core/storePorts.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import { systemErrorCode, type FileSystem } from './fileSystem.js';
import { safeName } from './safeName.js';
import { storageError, type WrittenThing } from './storageErrors.js';

/** A session's journal begins a new file when the present one is that long, in bytes; one older file is kept. */
const journalFileBytes = 8 * 1024 * 1024;

const thing: WrittenThing = {
  name: 'The record of what happens in this session',
  kept: 'The conversation goes on and Claude Code keeps it in its own transcript.',
};
const firstTailBytes = 64 * 1024;
const lineFeed = 10;

/**
 * How long a session's writer rests between two writes, in milliseconds: a write costs five system calls, and a fast answer
 * would otherwise make a hundred of them a second, just when the machine has most to do. The beginning of a turn does not
 * wait for that, because the prompt is not sent before it is written.
 */
const restMs = 50;

interface Batch {
  lines: string[];
  /** Somebody waits for it. */
  urgent: boolean;
  readonly done: Deferred<void>;
}

/** The appends of one session: at most one is being written, the rest waits as one batch. */
interface Writer {
  waiting: Batch | null;
  /** Resolves when nothing waits any more; never rejects. */
  running: Promise<void> | null;
  /** Resolving it ends the present rest. */
  rest: Deferred<void> | null;
  /** No rests any more: somebody waits until all is written. */
  hurried: boolean;
}

/**
 * An append-only journal per session: `journals/<session id>.jsonl` in the workspace's storage folder, one line
 * `{"seq":n,"at":ms,"event":{…}}` per event. Appends that come while one is under way, or soon after, are written together.
 */
export class FileJournal implements Journal {
  readonly #folder: string;
  readonly #files: FileSystem;
  readonly #clock: Clock;
  readonly #fileBytes: number;
  readonly #writers = new Map<string, Writer>();

  /**
   * @param folder the workspace's storage folder, absolute; made when it is missing
   * @param files the file system
   * @param clock when events happened
   * @param fileBytes length at which a new file begins
   */
  constructor(folder: string, files: FileSystem, clock: Clock, fileBytes = journalFileBytes) {
    this.#folder = join(folder, 'journals');
    this.#files = files;
    this.#clock = clock;
    this.#fileBytes = fileBytes;
  }

  append(sessionId: string, from: number, events: readonly SessionEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    const path = this.#path(sessionId);
    const writer = this.#writers.get(path) ?? { waiting: null, running: null, rest: null, hurried: false };
    this.#writers.set(path, writer);
    const batch = (writer.waiting ??= { lines: [], urgent: false, done: new Deferred<void>() });
    const at = this.#clock.now();
    for (const [index, event] of events.entries()) {
      batch.lines.push(`${JSON.stringify({ seq: from + index, at, event })}\n`);
    }
    writer.running ??= this.#run(path, writer);
    batch.urgent ||= events.some(({ kind }) => kind === 'start');
    if (batch.urgent) writer.rest?.resolve();
    return batch.done.promise;
  }

  /**
   * The number of the last event that was written, so that numbers go on after a restart.
   * @param sessionId the session
   * @returns -1 when there is none
   * @throws ArborError `stateUnwritable` when the journal cannot be read
   */
  async lastSeq(sessionId: string): Promise<number> {
    const path = this.#path(sessionId);
    for (const file of [path, olderFile(path)]) {
      try {
        const seq = await this.#lastSeqIn(file);
        if (seq !== undefined) return seq;
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT') throw storageError(error, thing, file);
      }
    }
    return -1;
  }

  /** Resolves when nothing waits to be written any more, whether it could be written or not. */
  async settled(): Promise<void> {
    for (const writer of [...this.#writers.values()]) {
      writer.hurried = true;
      writer.rest?.resolve();
      await writer.running;
    }
  }

  async #run(path: string, writer: Writer): Promise<void> {
    // Appends that are made in one go are one batch.
    await Promise.resolve();
    while (writer.waiting) {
      const batch = writer.waiting;
      writer.waiting = null;
      try {
        await this.#write(path, batch.lines.join(''));
        batch.done.resolve();
      } catch (error) {
        batch.done.reject(storageError(error, thing, path));
      }
      if (!writer.hurried && !isUrgent(writer.waiting)) await this.#rest(writer);
    }
    this.#writers.delete(path);
  }

  async #rest(writer: Writer): Promise<void> {
    const rest = (writer.rest = new Deferred<void>());
    const timer = this.#clock.after(restMs, () => rest.resolve());
    await rest.promise;
    timer.dispose();
    writer.rest = null;
  }

  async #write(path: string, lines: string): Promise<void> {
    let size: number;
    try {
      size = await this.#files.append(path, lines, false);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      await this.#files.makeFolder(dirname(path));
      size = await this.#files.append(path, lines, false);
    }
    if (size >= this.#fileBytes) await this.#files.rename(path, olderFile(path));
  }

  /** Reads from the end, in growing pieces, until a whole line with a number is found. */
  async #lastSeqIn(path: string): Promise<number | undefined> {
    for (let bytes = firstTailBytes; ; bytes *= 4) {
      const { tail, size } = await this.#files.readTail(path, bytes);
      const isWhole = size <= bytes;
      const start = isWhole ? 0 : tail.indexOf(lineFeed) + 1;
      const lines = start === 0 && !isWhole ? [] : tail.toString('utf8', start).split('\n');
      for (const line of lines.reverse()) {
        const value = parseJson(line);
        const seq = isObject(value) ? numberAt(value, 'seq') : undefined;
        if (seq !== undefined) return seq;
      }
      if (isWhole) return undefined;
    }
  }

  #path(sessionId: string): string {
    return join(this.#folder, `${safeName(sessionId)}.jsonl`);
  }
}

/** A function, because an append that comes while another is written changes what waits, which the compiler does not see. */
function isUrgent(batch: Batch | null): boolean {
  return batch?.urgent === true;
}

function olderFile(path: string): string {
  return path.replace(/\.jsonl$/, '.1.jsonl');
}
