import { isObject, numberAt, objectAt, stringAt, type JsonObject } from '../../base/json.js';
import type { ForkOrigin, TitleSource } from '../../core/sessionIndex.js';
import type { TranscriptFacts } from './facts.js';
import { transcriptPath, type KnownFile } from './knownFile.js';
import type { FileStamp } from './openFile.js';

/** What a file's line in the index is made of. */
type KeptFile = Pick<KnownFile, 'project' | 'id' | 'stamp' | 'facts'>;

/** A file's line in the index, without its line feed. */
export function encodeFile({ project, id, stamp, facts }: KeptFile): string {
  return JSON.stringify({ project, id, stamp, facts });
}

/**
 * Reads a file's line in the index. By hand, because there are thousands to read before anything is shown, and a schema
 * took ten times as long.
 * @param value the line's JSON
 * @param projects the program's folder of project folders
 * @returns undefined when it is no such line
 */
export function decodeFile(value: unknown, projects: string): KnownFile | undefined {
  if (!isObject(value)) return undefined;
  const project = stringAt(value, 'project');
  const id = stringAt(value, 'id');
  const stamp = decodeStamp(objectAt(value, 'stamp') ?? {});
  const facts = value['facts'] === null ? null : decodeFacts(objectAt(value, 'facts') ?? {});
  if (project === undefined || id === undefined || !stamp || facts === undefined) return undefined;
  // Both become part of a path.
  if (!/^[A-Za-z0-9-]{1,255}$/.test(project) || !/^[\w-]{1,100}$/.test(id)) return undefined;
  return { path: transcriptPath(projects, project, id), project, id, stamp, stale: false, facts };
}

function decodeStamp(value: JsonObject): FileStamp | undefined {
  const size = numberAt(value, 'size');
  const modifiedAt = numberAt(value, 'modifiedAt');
  const changedAt = numberAt(value, 'changedAt');
  const inode = numberAt(value, 'inode');
  const bornAt = numberAt(value, 'bornAt');
  if (size === undefined || modifiedAt === undefined || changedAt === undefined) return undefined;
  if (inode === undefined || bornAt === undefined) return undefined;
  return { size, modifiedAt, changedAt, inode, bornAt };
}

function decodeFacts(value: JsonObject): TranscriptFacts | undefined {
  const cwd = nullOr(value, 'cwd', stringAt);
  const createdAt = nullOr(value, 'createdAt', numberAt);
  const activeAt = nullOr(value, 'activeAt', numberAt);
  const branch = nullOr(value, 'branch', stringAt);
  const forkedFrom = nullOr(value, 'forkedFrom', forkAt);
  const origin = nullOr(value, 'origin', stringAt);
  const title = stringAt(value, 'title');
  const titleSource = titleSources.find((each) => each === value['titleSource']);
  const firstPrompt = stringAt(value, 'firstPrompt');
  if (cwd === undefined || createdAt === undefined || activeAt === undefined || branch === undefined) return undefined;
  if (forkedFrom === undefined || origin === undefined) return undefined;
  if (title === undefined || titleSource === undefined || firstPrompt === undefined) return undefined;
  return { cwd, createdAt, activeAt, title, titleSource, firstPrompt, branch, forkedFrom, origin };
}

const titleSources: readonly TitleSource[] = ['custom', 'generated', 'prompt', 'none'];

function forkAt(value: JsonObject, name: string): ForkOrigin | undefined {
  const fork = objectAt(value, name);
  const session = fork && stringAt(fork, 'session');
  const message = fork && nullOr(fork, 'message', stringAt);
  return session === undefined || message === undefined ? undefined : { session, message };
}

function nullOr<T>(
  value: JsonObject,
  name: string,
  read: (value: JsonObject, name: string) => T | undefined,
): T | null | undefined {
  return value[name] === null ? null : read(value, name);
}
