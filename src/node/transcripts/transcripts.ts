import { rm } from 'node:fs/promises';
import { ArborError } from '../../base/errors.js';
import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import type { ConversationPage, Transcripts } from '../../core/storePorts.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import { FileShrank } from './backwardLines.js';
import { currentBranch } from './branch.js';
import type { PageSize } from './branchWalk.js';
import { wasCompactedAfter } from './compaction.js';
import { configFolder, locateTranscript } from './locate.js';
import { parseCursor, transcriptChanged } from './pageCursor.js';
import { readPage, type PageEnd } from './pageReader.js';
import { readTranscriptLines } from './readLines.js';
import { Replay } from './replay.js';
import type { TurnEnd } from './replayedTurn.js';
import { readSubagents } from './subagents.js';

/** What transcripts are found with. */
export interface TranscriptsOptions {
  /** The environment that the program is started with, at this moment. */
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
}

/** A page that holds so many bytes of lines ends with its turn, however few messages that are. */
const pageBytes = 8 * 1024 * 1024;

const nothing: ConversationPage = { events: [], cursor: null, unreadable: 0 };

/**
 * The transcripts that the program keeps below its configuration folder. They are read, never written, and deleted where the
 * user wants that.
 */
export function createTranscripts(options: TranscriptsOptions): Transcripts {
  const locate = (folder: string, sessionId: string): Promise<string | undefined> => {
    return locateTranscript(configFolder(options.environment(), options.home), folder, sessionId);
  };
  return {
    exists: async (folder, sessionId) => (await locate(folder, sessionId)) !== undefined,
    async read(folder, sessionId) {
      const path = await locate(folder, sessionId);
      return path === undefined ? { events: [], unreadable: 0 } : readConversation(path);
    },
    async readLast(folder, sessionId, messages) {
      const path = await locate(folder, sessionId);
      return path === undefined ? nothing : readConversationPage(path, 'last', messages);
    },
    async readBefore(cursor, messages) {
      const before = parseCursor(cursor);
      return readConversationPage(before.path, { before }, messages);
    },
    async readUpTo(folder, sessionId, uuid, messages) {
      const path = await locate(folder, sessionId);
      if (path === undefined) throw noTranscript();
      const { page, lines } = await readAndReplay(path, { uuid }, { messages, bytes: pageBytes });
      return { ...page, at: lineOf(uuid, lines) };
    },
    async wasCompacted(folder, sessionId, uuid) {
      const path = await locate(folder, sessionId);
      try {
        return path !== undefined && (await wasCompactedAfter(path, uuid));
      } catch (error) {
        throw error instanceof FileShrank ? transcriptChanged(error) : error;
      }
    },
    async remove(folder, sessionId) {
      const path = await locate(folder, sessionId);
      if (path === undefined) return;
      await rm(path, { force: true });
      // What belongs to it, such as its subagents, is in a folder of its name.
      await rm(path.replace(/\.jsonl$/, ''), { recursive: true, force: true });
    },
  };
}

/**
 * Reads a transcript file, and those of its subagents beside it, as events.
 * @param path the file, `<session id>.jsonl`
 * @returns the events, and how many lines could not be read
 * @throws the file system's error when the file cannot be read
 */
export async function readConversation(
  path: string,
): Promise<{ readonly events: readonly SessionEvent[]; readonly unreadable: number }> {
  const main = await readTranscriptLines(path);
  const { events, unreadable } = await replay(path, currentBranch(main.lines), 'end');
  return { events, unreadable: main.unreadable + unreadable };
}

/**
 * Reads a page of a transcript file, with those of the subagents beside it that the page's tools started, as events.
 * @param path the file, `<session id>.jsonl`
 * @param end where the page ends
 * @param messages how many messages it is to have
 * @param bytes how many bytes of lines it is to have at most, but for those that make a turn whole
 * @throws as `readPage`
 */
export async function readConversationPage(
  path: string,
  end: PageEnd,
  messages: number,
  bytes = pageBytes,
): Promise<ConversationPage> {
  return (await readAndReplay(path, end, { messages, bytes })).page;
}

async function readAndReplay(
  path: string,
  end: PageEnd,
  size: PageSize,
): Promise<{ readonly page: ConversationPage; readonly lines: readonly JsonObject[] }> {
  const { lines, cursor, unreadable } = await readPage(path, end, size);
  const page = await replay(path, lines, turnEndOf(end));
  return { page: { events: page.events, cursor, unreadable: unreadable + page.unreadable }, lines };
}

/** The UUID of a message's line: one that reached Claude in the middle of a turn is in a line of another UUID. */
function lineOf(uuid: string, lines: readonly JsonObject[]): string {
  if (lines.some((line) => line['uuid'] === uuid)) return uuid;
  const steering = lines.findLast((line) => stringAt(objectAt(line, 'attachment') ?? {}, 'source_uuid') === uuid);
  return stringAt(steering ?? {}, 'uuid') ?? uuid;
}

function turnEndOf(end: PageEnd): TurnEnd {
  if (end === 'last') return 'end';
  return 'uuid' in end || end.before.inTurn ? 'more' : 'turn';
}

async function replay(
  path: string,
  lines: readonly JsonObject[],
  end: TurnEnd,
): Promise<{ readonly events: readonly SessionEvent[]; readonly unreadable: number }> {
  const subagents = await readSubagents(path, lines);
  const events: SessionEvent[] = [];
  const told = new Replay(
    (event) => {
      events.push(event);
    },
    (toolUseId) => {
      const own = subagents.lines.get(toolUseId) ?? [];
      // Each is told once, however a damaged file may point at it.
      subagents.lines.delete(toolUseId);
      return own;
    },
  );
  for (const line of lines) told.line(line);
  told.end(end);
  return { events, unreadable: subagents.unreadable };
}

function noTranscript(): ArborError {
  return new ArborError({
    code: 'transcriptMissing',
    what: 'There is no transcript of this conversation.',
    kept: 'Nothing was changed.',
    next: 'Start a new conversation; what is shown here can be sent along as a recap.',
    actions: ['sendRecap'],
  });
}
