import { stat } from 'node:fs/promises';
import { ArborError } from '../../base/errors.js';
import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import type { LinePlace, LinePlaces } from '../../core/address/linePlace.js';
import { messageId, resultIds, toolUseIds } from '../transcripts/branch.js';
import { isOfProgram, placeOf } from '../transcripts/lineKinds.js';
import { parseCursor } from '../transcripts/pageCursor.js';
import { readPage, type LinePage } from '../transcripts/pageReader.js';
import { createMessageSource } from './messageSource.js';
import { findSubagentLine } from './subagentLines.js';

/** So many messages before a line are told, so that where its branch parted from another one is found among them. */
const page = { messages: 100, bytes: 4 * 1024 * 1024 };

/**
 * Finds lines in the program's transcripts by reading back from their ends; memory is that of a page.
 * @param locate finds a session's transcript file; undefined when there is none
 */
export function createLinePlaces(locate: (sessionId: string) => Promise<string | undefined>): LinePlaces {
  return {
    exists: async (sessionId) => (await locate(sessionId)) !== undefined,
    async find(sessionId, uuid) {
      const path = await locate(sessionId);
      if (path === undefined) return null;
      return (await ownPlace(path, uuid)) ?? (await subagentPlace(path, uuid));
    },
  };
}

async function ownPlace(path: string, uuid: string): Promise<LinePlace | null> {
  const found = await pageUpTo(path, uuid);
  if (!found) return null;
  const at = found.lines.findLastIndex((line) => isAt(line, uuid));
  // A line of which nothing is shown is not among those of the page.
  const line = found.lines[at];
  const before = (line ? found.lines.slice(0, at) : found.lines).map(marksOf).reverse();
  return {
    isSubagent: false,
    isShown: line !== undefined && isShown(line),
    marks: line ? marksOf(line) : [uuid],
    before,
    distance: await distanceOf(path, found),
  };
}

/** A subagent's line is where the tool use is that started the subagent, directly or through other subagents. */
async function subagentPlace(path: string, uuid: string): Promise<LinePlace | null> {
  const found = await findSubagentLine(path, uuid);
  const outermost = found?.starters.at(-1);
  if (!found || outermost === undefined) return null;
  const mentions = await createMessageSource(() => Promise.resolve(path)).mentions('', outermost);
  const starter = mentions?.lines.find((line) => toolUseIds(line).includes(outermost));
  const starterUuid = starter && stringAt(starter, 'uuid');
  const own = starterUuid === undefined ? null : await ownPlace(path, starterUuid);
  if (!own) return null;
  const before = [...found.starters.map((id) => [id]), own.marks, ...own.before];
  return { ...own, isSubagent: true, isShown: true, marks: marksOf(found.line), before };
}

async function pageUpTo(path: string, uuid: string): Promise<LinePage | null> {
  try {
    return await readPage(path, { uuid }, page);
  } catch (error) {
    if (error instanceof ArborError && (error.code === 'notFound' || error.code === 'transcriptMissing')) return null;
    throw error;
  }
}

async function distanceOf(path: string, { cursor }: LinePage): Promise<number> {
  const { size } = await stat(path);
  return size - (cursor === null ? 0 : parseCursor(cursor).start);
}

function isShown(line: JsonObject): boolean {
  const place = placeOf(line);
  if (place === 'setting' || place === 'nothing') return false;
  return !(line['type'] === 'user' && isOfProgram(line));
}

function isAt(line: JsonObject, uuid: string): boolean {
  return stringAt(line, 'uuid') === uuid || stringAt(objectAt(line, 'attachment') ?? {}, 'source_uuid') === uuid;
}

function marksOf(line: JsonObject): readonly string[] {
  const own = [
    stringAt(line, 'uuid'),
    stringAt(objectAt(line, 'attachment') ?? {}, 'source_uuid'),
    messageId(line),
    ...toolUseIds(line),
    ...resultIds(line),
  ];
  return own.filter((mark) => mark !== undefined);
}
