import { join } from 'node:path';
import { isObject, parseJson, stringAt } from '../../base/json.js';
import type { ForkOrigin } from '../../core/sessionIndex.js';
import { systemErrorCode } from '../store/fileSystem.js';
import {
  chooseTitle,
  lastFork,
  readHead,
  readMarks,
  readTail,
  type HeadFacts,
  type TailFacts,
  type TranscriptFacts,
} from './facts.js';
import { stampOf, withOpenFile, type FileStamp, type OpenFile } from './openFile.js';
import { TextWindow } from './textWindow.js';

const kilobyte = 1024;

/** How much of a file's beginning and end is read, and how much more where that does not tell enough. */
const headBytes = [8 * kilobyte, 64 * kilobyte, 512 * kilobyte] as const;
const tailBytes = [16 * kilobyte, 128 * kilobyte] as const;

/** A file that is no longer is read at once. */
const smallBytes = headBytes[0] + tailBytes[0];

/** Where a fork ends is looked for in its middle too, but not without end. */
const forkBytes = 64 * 1024 * kilobyte;
const forkChunk = 256 * kilobyte;
const markBytes = 300;

/** More than a name can be. */
const nameBytes = 64 * kilobyte;

/** What a file was when it was read, and what it says; null where it is no session with a message. */
export interface ReadTranscript {
  readonly stamp: FileStamp;
  readonly facts: TranscriptFacts | null;
}

/**
 * Reads what the index needs of a transcript file, which may grow meanwhile: then its stamp is already another one.
 * @param path the file
 * @param hasFolder whether the session has a folder beside its file, which can hold its name
 * @param before what was read of the file earlier
 * @throws the file system's error
 */
export async function readTranscript(
  path: string,
  hasFolder: boolean,
  before?: TranscriptFacts | null,
): Promise<ReadTranscript> {
  return withOpenFile(path, async (file) => {
    const stamp = stampOf(file.stats);
    if (!file.stats.isFile()) return { stamp, facts: null };
    const head = await readBeginning(file, 0);
    const tail = stamp.size <= smallBytes ? endOf(head.window) : await readEnd(file, 0);
    if (!head.facts.hasMessage && !tail.facts.hasMessage) return { stamp, facts: null };
    const marks = { head: readMarks(head.window), tail: readMarks(tail.window) };
    // The name at the end is the newest. The one beside the file is written with it, and can be all that is near when much
    // was said since.
    const custom = marks.tail.custom ?? (hasFolder ? await readName(path) : undefined) ?? marks.head.custom;
    const firstPrompt = head.facts.words ?? head.facts.command ?? '';
    const facts: TranscriptFacts = {
      cwd: marks.tail.movedTo ?? marks.head.movedTo ?? head.facts.cwd,
      createdAt: head.facts.createdAt,
      activeAt: tail.facts.activeAt,
      ...chooseTitle(custom, marks.tail.generated ?? marks.head.generated, firstPrompt),
      firstPrompt,
      branch: tail.facts.branch,
      forkedFrom: await forkOf(file, head, tail.facts, before ?? null),
      origin: head.facts.origin,
    };
    return { stamp, facts };
  });
}

interface Piece<T> {
  readonly window: TextWindow;
  readonly facts: T;
}

async function readBeginning(file: OpenFile, step: number): Promise<Piece<HeadFacts>> {
  const { size } = file.stats;
  const bytes = Math.min(size, size <= smallBytes ? smallBytes : (headBytes[step] ?? 0));
  const window = new TextWindow(await file.read(0, bytes), 0);
  const facts = readHead(window);
  // A command is a poor title: something said is looked for a little longer.
  const said = facts.words ?? (step > 0 ? facts.command : null);
  const isEnough = facts.hasMessage && said !== null && facts.cwd !== null;
  return isEnough || bytes === size || step + 1 === headBytes.length
    ? { window, facts }
    : readBeginning(file, step + 1);
}

async function readEnd(file: OpenFile, step: number): Promise<Piece<TailFacts>> {
  const from = Math.max(0, file.stats.size - (tailBytes[step] ?? 0));
  const piece = endOf(new TextWindow(await file.read(from, file.stats.size - from), from));
  const isEnough = piece.facts.activeAt !== null || from === 0 || step + 1 === tailBytes.length;
  return isEnough ? piece : readEnd(file, step + 1);
}

function endOf(window: TextWindow): Piece<TailFacts> {
  return { window, facts: readTail(window) };
}

/**
 * Where a fork left from: every line that was taken over says where it comes from, and the last of them is wanted. It is
 * mostly near the beginning or the end; else the middle is searched once.
 */
async function forkOf(
  file: OpenFile,
  { window, facts }: Piece<HeadFacts>,
  tail: TailFacts,
  before: TranscriptFacts | null,
): Promise<ForkOrigin | null> {
  const { forkedFrom: first } = facts;
  if (first === null || facts.forkEnded) return first;
  if (tail.forkedFrom !== null) return tail.forkedFrom;
  // Transcripts are only added to: what was found once stays true.
  if (before?.origin === facts.origin && before.forkedFrom?.session === first.session) return before.forkedFrom;
  let last = first;
  const end = Math.min(file.stats.size, forkBytes);
  // Pieces overlap, so that no mark is cut.
  for (let from = window.text.length; from < end; from += forkChunk) {
    const start = Math.max(0, from - markBytes);
    const piece = await file.read(start, Math.min(end, from + forkChunk) - start);
    last = lastFork(piece.toString('latin1')) ?? last;
  }
  return last;
}

/** The name that the program keeps in a small file in the session's folder; undefined when there is none. */
async function readName(path: string): Promise<string | undefined> {
  try {
    return await withOpenFile(join(path.replace(/\.jsonl$/, ''), 'custom-title.json'), async (file) => {
      if (!file.stats.isFile()) return undefined;
      const value = parseJson((await file.read(0, nameBytes)).toString('utf8'));
      return isObject(value) ? stringAt(value, 'customTitle') : undefined;
    });
  } catch (error) {
    // It is one of several places; without it the others count.
    if (systemErrorCode(error) !== '') return undefined;
    throw error;
  }
}
