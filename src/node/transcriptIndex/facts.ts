import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import type { ForkOrigin, TitleSource } from '../../core/sessionIndex.js';
import { classifySaid, readSaid, titleLine, type Said } from './firstPrompt.js';
import type { TextWindow } from './textWindow.js';

/** What is read of a transcript, all from its beginning and its end. */
export interface TranscriptFacts {
  /** Where the session ran, at its start or where it was moved to; null where the lines do not say. */
  readonly cwd: string | null;
  readonly createdAt: number | null;
  readonly activeAt: number | null;
  readonly title: string;
  readonly titleSource: TitleSource;
  readonly firstPrompt: string;
  readonly branch: string | null;
  readonly forkedFrom: ForkOrigin | null;
  readonly origin: string | null;
}

/** What the beginning of a file says. */
export interface HeadFacts {
  /** Whether there is a message that is no subagent's. */
  hasMessage: boolean;
  cwd: string | null;
  createdAt: number | null;
  origin: string | null;
  words: string | null;
  command: string | null;
  forkedFrom: ForkOrigin | null;
  /** Whether a message was seen that was not taken over: then `forkedFrom` has the last one that was. */
  forkEnded: boolean;
}

/** What the end of a file says. */
export interface TailFacts {
  readonly activeAt: number | null;
  readonly branch: string | null;
  readonly hasMessage: boolean;
  /** The last message taken over by a fork, if it is there. */
  readonly forkedFrom: ForkOrigin | null;
}

/** Titles and moves: single lines that the program repeats, so that they are near the end or near the beginning. */
export interface Marks {
  /** An empty one says that the name was taken away. */
  readonly custom: string | undefined;
  readonly generated: string | undefined;
  readonly movedTo: string | undefined;
}

/** Longer lines that are no messages are not parsed for the sake of a time. */
const shortLine = 8 * 1024;

/** Reads the beginning of a file. */
export function readHead(window: TextWindow): HeadFacts {
  const facts: HeadFacts = {
    hasMessage: false,
    cwd: null,
    createdAt: null,
    origin: null,
    words: null,
    command: null,
    forkedFrom: null,
    forkEnded: false,
  };
  for (const each of window.lines) {
    const raw = window.raw(each);
    const isMessage = raw.includes('"type":"user"') || raw.includes('"type":"assistant"');
    const isDone = facts.words !== null && facts.origin !== null && (facts.forkedFrom === null || facts.forkEnded);
    if (isDone) break;
    if (!isMessage && each.end - each.start > shortLine) continue;
    const line = window.parse(each);
    if (line) takeHeadLine(facts, line);
    else if (isMessage) takeCutMessage(facts, window, raw, each.start);
  }
  return facts;
}

function takeHeadLine(facts: HeadFacts, line: JsonObject): void {
  facts.cwd ??= stringAt(line, 'cwd') ?? null;
  facts.createdAt ??= timeOf(stringAt(line, 'timestamp'));
  if ((line['type'] !== 'user' && line['type'] !== 'assistant') || line['isSidechain'] === true) return;
  facts.hasMessage = true;
  facts.origin ??= stringAt(line, 'uuid') ?? null;
  const fork = forkOf(line);
  if (fork) facts.forkedFrom = fork;
  else facts.forkEnded = true;
  if (line['type'] === 'user') takeSaid(facts, readSaid(line));
}

/** A message that reaches beyond the window, such as one with an image: its text may be there all the same. */
function takeCutMessage(facts: HeadFacts, window: TextWindow, raw: string, start: number): void {
  if (!raw.startsWith('{') || raw.includes('"isSidechain":true')) return;
  facts.hasMessage = true;
  const content = /"role":"user","content":(?:\[.{0,200}?"type":"text","text":)?"/s.exec(raw);
  if (!content) return;
  const from = start + content.index + content[0].length;
  takeSaid(facts, classifySaid(unescapeStart(window.decode(from, from + 4096))));
}

/** The text of a JSON string up to its end or, where that is not there, as far as it goes. */
function unescapeStart(text: string): string {
  const body = /^(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/.exec(text)?.[0] ?? '';
  try {
    return String(JSON.parse(`"${body}"`));
  } catch {
    // A control character that JSON does not allow: then the line is no JSON either.
    return '';
  }
}

function takeSaid(facts: HeadFacts, said: Said): void {
  if (said?.kind === 'words') facts.words ??= said.text;
  if (said?.kind === 'command') facts.command ??= said.text;
}

/** Reads the end of a file. */
export function readTail(window: TextWindow): TailFacts {
  let activeAt: number | null = null;
  let branch: string | null | undefined;
  for (const each of window.lines.toReversed()) {
    if (activeAt !== null && branch !== undefined) break;
    const raw = window.raw(each);
    if (!raw.includes('"timestamp":"') && !raw.includes('"gitBranch":"')) continue;
    const short = each.end - each.start <= shortLine ? window.parse(each) : undefined;
    const timestamp = short ? stringAt(short, 'timestamp') : lastTime(raw);
    const name = short ? stringAt(short, 'gitBranch') : lastBranch(window, each.start, raw);
    activeAt ??= timeOf(timestamp);
    branch ??= name;
  }
  const forked = window.text.lastIndexOf(forkMark);
  return {
    activeAt,
    // `HEAD` is what the program writes outside of git and where no branch is checked out.
    branch: branch === undefined || branch === '' || branch === 'HEAD' ? null : branch,
    hasMessage: hasMessage(window),
    forkedFrom: forked < 0 ? null : forkAt(window.text, forked),
  };
}

// A long line is not parsed, and one that is cut cannot be: the program writes these members behind the content, so that
// the last ones are the line's own.
function lastTime(raw: string): string | undefined {
  const at = raw.lastIndexOf('"timestamp":"');
  return at < 0 ? undefined : /^"timestamp":"([0-9T:.Z+-]{10,40})"/.exec(raw.slice(at, at + 60))?.[1];
}

function lastBranch(window: TextWindow, start: number, raw: string): string | undefined {
  const mark = '"gitBranch":"';
  const at = raw.lastIndexOf(mark);
  if (at < 0) return undefined;
  const from = start + at + mark.length;
  return unescapeStart(window.decode(from, from + 1024));
}

function hasMessage(window: TextWindow): boolean {
  return window.lines.some((line) => {
    const raw = window.raw(line);
    return /"type":"(?:user|assistant)"/.test(raw) && !raw.includes('"isSidechain":true');
  });
}

const forkMark = '"forkedFrom":{"sessionId":"';

/** The last message that a fork took over, in a piece of its transcript (one byte a character). */
export function lastFork(text: string): ForkOrigin | null {
  const at = text.lastIndexOf(forkMark);
  return at < 0 ? null : forkAt(text, at);
}

function forkAt(text: string, at: number): ForkOrigin | null {
  const found = /^"forkedFrom":\{"sessionId":"([\w-]+)","messageUuid":"([\w-]+)"\}/.exec(text.slice(at, at + 300));
  const [, session, message] = found ?? [];
  return session === undefined || message === undefined ? null : { session, message };
}

function forkOf(line: JsonObject): ForkOrigin | null {
  const from = objectAt(line, 'forkedFrom');
  const session = from && stringAt(from, 'sessionId');
  if (from === undefined || session === undefined) return null;
  return { session, message: stringAt(from, 'messageUuid') ?? null };
}

const markTypes: ReadonlySet<string> = new Set(['custom-title', 'ai-title', 'summary', 'relocated']);

/** Reads titles and moves from a window. */
export function readMarks(window: TextWindow): Marks {
  const found = window.lastOfTypes(markTypes);
  const text = (type: string, name: string): string | undefined => {
    const line = found.get(type);
    return line && stringAt(line, name);
  };
  return {
    custom: text('custom-title', 'customTitle'),
    generated: text('ai-title', 'aiTitle') ?? text('summary', 'summary'),
    movedTo: text('relocated', 'relocatedCwd'),
  };
}

/** The title by what there is: the user's, else the program's, else the first prompt. */
export function chooseTitle(
  custom: string | undefined,
  generated: string | undefined,
  prompt: string,
): { readonly title: string; readonly titleSource: TitleSource } {
  const candidates: readonly (readonly [TitleSource, string])[] = [
    ['custom', titleLine(custom ?? '')],
    ['generated', titleLine(generated ?? '')],
    ['prompt', titleLine(prompt)],
  ];
  const [titleSource, title] = candidates.find(([, each]) => each !== '') ?? (['none', ''] as const);
  return { title, titleSource };
}

function timeOf(timestamp: string | undefined): number | null {
  const time = Date.parse(timestamp ?? '');
  return Number.isNaN(time) ? null : time;
}
