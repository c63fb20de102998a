import { join } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { ArborError } from '../../base/errors.js';
import type { Journal, JournalPage } from '../../core/storePorts.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import { EventRing } from './eventRing.js';
import { systemErrorCode, type FileSystem } from './fileSystem.js';
import { lastSeqIn, readJournalPage } from './journalReader.js';
import { journalThing, JournalWriter, type JournalPaths } from './journalWriter.js';
import { safeName } from './safeName.js';
import { storageError } from './storageErrors.js';

/** A session's journal begins a new file when the present one is that long, in bytes; one older file is kept. */
const journalFileBytes = 8 * 1024 * 1024;
/** So many sessions have their newest events in memory; those whose last event is longest ago go first. */
const ringsKept = 32;

/** What is known of a session's journal in memory. */
interface Open {
  readonly writer: JournalWriter;
  readonly ring: EventRing;
}

/**
 * An append-only journal per session: `journals/<session id>.jsonl` in the workspace's storage folder, one line
 * `{"seq":n,"at":ms,"event":{…}}` per event. Appends that come while one is under way, or soon after, are written together. The
 * newest events are also in memory.
 */
export class FileJournal implements Journal {
  readonly #folder: string;
  readonly #files: FileSystem;
  readonly #clock: Clock;
  readonly #fileBytes: number;
  /** In the order of their last append. */
  readonly #open = new Map<string, Open>();

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
    const { writer, ring } = this.#use(sessionId);
    const at = this.#clock.now();
    const lines = events.map((event, index) => {
      const entry = { seq: from + index, at, event };
      const line = `${JSON.stringify(entry)}\n`;
      ring.add(entry, line.length);
      return line;
    });
    return writer.append(
      lines,
      events.some(({ kind }) => kind === 'start'),
    );
  }

  async lastSeq(sessionId: string): Promise<number> {
    const { present, older } = this.#paths(sessionId);
    for (const file of [present, older]) {
      try {
        const seq = await lastSeqIn(this.#files, file);
        if (seq !== undefined) return seq;
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT') throw cannotRead(error, file);
      }
    }
    return -1;
  }

  async read(sessionId: string, from: number, limit: number): Promise<JournalPage> {
    const open = this.#open.get(sessionId);
    if (open && from >= open.ring.first) return pageOf(open.ring, from, limit);
    // What is neither in memory any more nor on the disk yet is just being written.
    await open?.writer.written();
    const paths = this.#paths(sessionId);
    try {
      const end = Math.max(open?.ring.end ?? 0, (await this.lastSeq(sessionId)) + 1);
      const page = await readJournalPage(this.#files, paths, { from, limit, end });
      return open ? withUnwritten(page, open.ring, from, limit) : page;
    } catch (error) {
      throw cannotRead(error, paths.present);
    }
  }

  forget(sessionId: string): void {
    if (this.#open.get(sessionId)?.writer.isIdle === true) this.#open.delete(sessionId);
  }

  async remove(sessionId: string): Promise<void> {
    await this.#open.get(sessionId)?.writer.settled();
    this.#open.delete(sessionId);
    const { present, older } = this.#paths(sessionId);
    for (const file of [present, older]) {
      try {
        await this.#files.remove(file);
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT') throw storageError(error, journalThing, file);
      }
    }
  }

  /** Resolves when nothing waits to be written any more, whether it could be written or not. */
  async settled(): Promise<void> {
    for (const { writer } of [...this.#open.values()]) await writer.settled();
  }

  #use(sessionId: string): Open {
    const open = this.#open.get(sessionId) ?? this.#make(sessionId);
    this.#open.delete(sessionId);
    this.#open.set(sessionId, open);
    if (this.#open.size > ringsKept) {
      for (const [id, { writer }] of this.#open) {
        if (id === sessionId || !writer.isIdle) continue;
        this.#open.delete(id);
        break;
      }
    }
    return open;
  }

  #make(sessionId: string): Open {
    const writer = new JournalWriter(this.#paths(sessionId), this.#files, this.#clock, this.#fileBytes);
    return { writer, ring: new EventRing() };
  }

  #paths(sessionId: string): JournalPaths {
    const path = join(this.#folder, safeName(sessionId));
    return { present: `${path}.jsonl`, older: `${path}.1.jsonl` };
  }
}

function pageOf(ring: EventRing, from: number, limit: number): JournalPage {
  const entries = ring.from(from, limit);
  const last = entries.at(-1)?.seq ?? from - 1;
  const next = entries.length < limit ? Math.max(from, ring.end) : last + 1;
  return { entries, next, end: ring.end, evicted: 0, unreadable: 0 };
}

/** A page from the files with what could not be written, and so is in memory only. */
function withUnwritten(page: JournalPage, ring: EventRing, from: number, limit: number): JournalPage {
  const last = page.entries.at(-1)?.seq ?? from - 1;
  const unwritten = ring.from(last + 1, limit - page.entries.length);
  const entries = [...page.entries, ...unwritten];
  return { ...page, entries, next: entries.length < limit ? page.next : (entries.at(-1)?.seq ?? last) + 1 };
}

function cannotRead(error: unknown, path: string): ArborError {
  if (error instanceof ArborError) return error;
  const detail = `${path}: ${error instanceof Error ? error.message : String(error)}`;
  return new ArborError(
    {
      code: 'stateUnreadable',
      what: `${journalThing.name} could not be read.`,
      kept: 'The conversation is safe: Claude Code keeps it in its own transcript.',
      next: 'Check who may read the file named in the detail, then try again.',
      detail,
      actions: ['showLog'],
    },
    error,
  );
}
