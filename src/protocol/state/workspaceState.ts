import * as v from 'valibot';
import { scrollPlaceSchema } from '../chat/toHost.js';
import { permissionModes } from '../cli/lines.js';
import { noTurnUsage } from '../session/events.js';

/** The version of the state's format that this release writes. A file of a newer one is never changed. */
export const stateVersion = 2;

const count = v.pipe(v.number(), v.minValue(0));

const tokensSchema = v.object({ input: count, output: count, cacheRead: count, cacheWrite: count });

/** What was used of one model. */
export const modelUsageSchema = v.object({ model: v.string(), tokens: tokensSchema, costUsd: count });

const usageSchema = v.object({
  tokens: tokensSchema,
  costUsd: count,
  durationMs: count,
  /** By model; missing in records of before it was kept. */
  models: v.exactOptional(v.pipe(v.array(modelUsageSchema), v.readonly())),
});

/** Where a session's conversation comes from. */
const lineageSchema = v.object({
  /** Id of the session that it was forked from. */
  parent: v.pipe(v.string(), v.uuid()),
  /** UUID of the last message that it shares with its parent; null for the whole conversation, empty for nothing of it. */
  at: v.nullable(v.string()),
  /** A fork goes on by itself; an aside is a question whose answer leaves its parent as it was. */
  kind: v.picklist(['fork', 'aside']),
  /** That message as it is shown: its number in the conversation, from 1, null where it was not known, and its first line. */
  point: v.optional(v.object({ number: v.nullable(count), text: v.string() })),
});

const queuedPromptSchema = v.object({
  id: v.string(),
  text: v.string(),
  /** When it is delivered during a turn: interrupt the tool, at the next tool boundary, after the turn. */
  priority: v.picklist(['now', 'next', 'later']),
  /** It waits for the user's word. */
  held: v.boolean(),
});

/** A message that was not delivered yet. */
export type QueuedPrompt = Readonly<v.InferOutput<typeof queuedPromptSchema>>;

/** What Arbor keeps of a session; the conversation itself is in the program's transcript. */
export const sessionRecordSchema = v.object({
  id: v.pipe(v.string(), v.uuid()),
  /** Empty until the first prompt gives it one. */
  name: v.string(),
  /** Who named it. What the user chose is never replaced. */
  nameFrom: v.picklist(['prompt', 'program', 'user']),
  /** Absolute path of the workspace folder. */
  folder: v.string(),
  /** Null for the program's default. */
  model: v.nullable(v.string()),
  mode: v.picklist(permissionModes),
  appendSystemPrompt: v.nullable(v.string()),
  /** Milliseconds since 1970. */
  createdAt: count,
  activeAt: count,
  /** UUID of the last message of the last completed turn; null before one completed. */
  head: v.nullable(v.string()),
  draft: v.string(),
  scroll: v.nullable(scrollPlaceSchema),
  /** Messages that were not delivered yet. */
  queue: v.array(queuedPromptSchema),
  total: usageSchema,
  /** Null for a session that began by itself. */
  lineage: v.nullable(lineageSchema),
  starred: v.boolean(),
  archived: v.boolean(),
  /** Something happened in it that the user has not seen. */
  unread: v.boolean(),
  tags: v.array(v.string()),
});

/** What Arbor keeps of a session. */
export type SessionRecord = Readonly<v.InferOutput<typeof sessionRecordSchema>>;

/** What a session begins with. */
export interface NewSession {
  readonly id: string;
  /** Absolute path. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The record of a session in which nothing happened yet. */
export function newSessionRecord({ id, folder, at }: NewSession): SessionRecord {
  return {
    id,
    name: '',
    nameFrom: 'prompt',
    folder,
    model: null,
    mode: 'default',
    appendSystemPrompt: null,
    createdAt: at,
    activeAt: at,
    head: null,
    draft: '',
    scroll: null,
    queue: [],
    total: noTurnUsage,
    lineage: null,
    starred: false,
    archived: false,
    unread: false,
    tags: [],
  };
}

/** Whether a session holds nothing worth keeping: it was never used, and the user has marked nothing about it. */
export function isUnused(record: SessionRecord): boolean {
  const { name, draft, queue, head, starred, tags, lineage, appendSystemPrompt } = record;
  const isMarked = starred || tags.length > 0 || lineage !== null || appendSystemPrompt !== null;
  return name === '' && draft === '' && queue.length === 0 && head === null && !isMarked;
}

/** The state of a workspace. */
export const workspaceStateSchema = v.object({
  version: v.literal(stateVersion),
  sessions: v.array(sessionRecordSchema),
  /** The session that the chat shows. */
  open: v.nullable(v.string()),
  /** Ids of sessions that the user deleted here while their transcripts stayed: they are not listed. */
  forgotten: v.optional(v.array(v.string())),
});

/** The state of a workspace. */
export type WorkspaceState = v.InferOutput<typeof workspaceStateSchema>;

/** The state of a workspace that Arbor has not been used in. */
export function emptyState(): WorkspaceState {
  return { version: stateVersion, sessions: [], open: null };
}
