import * as v from 'valibot';
import { arrayAt, isObject, numberAt, type JsonObject } from '../../base/json.js';
import { mergeRecords } from '../../protocol/state/mergeRecords.js';
import {
  sessionRecordSchema,
  stateVersion,
  workspaceStateSchema,
  type SessionRecord,
  type WorkspaceState,
} from '../../protocol/state/workspaceState.js';

/** What a file's content turned out to be. */
export type DecodedState =
  | {
      readonly kind: 'good';
      readonly state: WorkspaceState;
      /** The version that the file has. */
      readonly version: number;
    }
  /** Some parts could not be read; `state` is the rest. */
  | { readonly kind: 'partly'; readonly state: WorkspaceState; readonly lost: readonly string[] }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Turns the content of one version into that of the next; the version number itself is set by the caller. */
export type Migration = (old: JsonObject) => JsonObject;

/** By the version they start from. */
const stateMigrations: Readonly<Record<number, Migration>> = { 1: addLineageAndMarks };

/**
 * Version 2: where a session comes from, what the user marked about it, and how each waiting message is to be delivered.
 * In version 1 names came from the first prompt, and what waited was held after a restart.
 */
function addLineageAndMarks(old: JsonObject): JsonObject {
  if (!Array.isArray(old['sessions'])) return old;
  const marks = { nameFrom: 'prompt', lineage: null, starred: false, archived: false, unread: false, tags: [] };
  const wait = { priority: 'later', held: true };
  const sessions = arrayAt(old, 'sessions').map((record) => {
    if (!isObject(record) || !Array.isArray(record['queue'])) return record;
    const queue = arrayAt(record, 'queue').map((message) => (isObject(message) ? { ...message, ...wait } : message));
    return { ...record, ...marks, queue };
  });
  return { ...old, sessions };
}

/**
 * Checks what was read from the file.
 * @param content what the file holds
 * @param migrations how older versions become the present one
 */
export function decodeState(
  content: JsonObject,
  migrations: Readonly<Record<number, Migration>> = stateMigrations,
): DecodedState {
  const found = numberAt(content, 'version');
  if (found === undefined || !Number.isInteger(found) || found < 0) return unreadable('it names no version');
  if (found > stateVersion) return { kind: 'newer', version: found };
  let current = content;
  for (let version = found; version < stateVersion; version += 1) {
    const migrate = migrations[version];
    if (!migrate) return unreadable(`its version ${String(version)} is not known`);
    try {
      current = { ...migrate(current), version: version + 1 };
    } catch (error) {
      return unreadable(`its version ${String(version)} could not be brought up to date: ${String(error)}`);
    }
  }
  const whole = v.safeParse(workspaceStateSchema, current);
  if (whole.success) return { kind: 'good', state: whole.output, version: found };
  return salvage(current) ?? unreadable(v.summarize(whole.issues));
}

function unreadable(why: string): DecodedState {
  return { kind: 'unreadable', why };
}

/** Keeps what is good of a state that is not good as a whole. */
function salvage(content: JsonObject): DecodedState | undefined {
  if (!Array.isArray(content['sessions'])) return undefined;
  const sessions: SessionRecord[] = [];
  const lost: string[] = [];
  for (const [index, value] of arrayAt(content, 'sessions').entries()) {
    const record = v.safeParse(sessionRecordSchema, value);
    if (record.success) sessions.push(record.output);
    else lost.push(`session ${describe(value, index)}: ${v.summarize(record.issues)}`);
  }
  const open = content['open'];
  const isOpenGood = open === null || typeof open === 'string';
  if (!isOpenGood) lost.push('which session was open');
  const forgotten = arrayAt(content, 'forgotten').filter((id) => typeof id === 'string');
  const state: WorkspaceState = {
    version: stateVersion,
    sessions,
    open: isOpenGood ? open : null,
    ...forgottenOf(forgotten),
  };
  return { kind: 'partly', state, lost };
}

function describe(value: unknown, index: number): string {
  const name = isObject(value) ? value['name'] : undefined;
  return typeof name === 'string' && name !== '' ? `"${name.slice(0, 80)}"` : `number ${String(index + 1)}`;
}

/**
 * Brings changes that could not be saved together with what is saved by now: what we changed of a session is as we have
 * it, one that we took out is gone, everything else is as it was saved.
 * @param base what was saved when our changes began
 * @param ours that, with our changes
 * @param theirs what is saved now
 */
export function mergeStates(base: WorkspaceState, ours: WorkspaceState, theirs: WorkspaceState): WorkspaceState {
  if (base === theirs) return ours;
  const before = new Map(base.sessions.map((record) => [record.id, record]));
  const changed = new Map(
    ours.sessions
      .filter((record) => JSON.stringify(before.get(record.id)) !== JSON.stringify(record))
      .map((record) => [record.id, record]),
  );
  const remaining = new Set(ours.sessions.map((record) => record.id));
  const sessions = theirs.sessions
    .filter((record) => !before.has(record.id) || remaining.has(record.id))
    .map((record) => {
      const own = changed.get(record.id);
      changed.delete(record.id);
      return own ? mergeRecords(before.get(record.id) ?? record, own, record) : record;
    });
  return {
    version: theirs.version,
    sessions: [...sessions, ...changed.values()],
    open: ours.open === base.open ? theirs.open : ours.open,
    ...forgottenOf(mergeForgotten(base.forgotten ?? [], ours.forgotten ?? [], theirs.forgotten ?? [])),
  };
}

/** What they have, with what we added and without what we took out. */
function mergeForgotten(base: readonly string[], ours: readonly string[], theirs: readonly string[]): string[] {
  const added = ours.filter((id) => !base.includes(id) && !theirs.includes(id));
  return [...theirs.filter((id) => ours.includes(id) || !base.includes(id)), ...added];
}

function forgottenOf(ids: string[]): Pick<WorkspaceState, 'forgotten'> {
  return ids.length === 0 ? {} : { forgotten: ids };
}
