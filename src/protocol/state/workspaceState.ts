import * as v from 'valibot';
import { scrollPlaceSchema } from '../chat/toHost.js';
import { permissionModes } from '../cli/lines.js';

/** The version of the state's format that this release writes. A file of a newer one is never changed. */
export const stateVersion = 1;

const count = v.pipe(v.number(), v.minValue(0));

const usageSchema = v.object({
  tokens: v.object({ input: count, output: count, cacheRead: count, cacheWrite: count }),
  costUsd: count,
  durationMs: count,
});

/** What Arbor keeps of a session; the conversation itself is in the program's transcript. */
export const sessionRecordSchema = v.object({
  id: v.pipe(v.string(), v.uuid()),
  /** Empty until the first prompt gives it one. */
  name: v.string(),
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
  queue: v.array(v.object({ id: v.string(), text: v.string() })),
  total: usageSchema,
});

/** What Arbor keeps of a session. */
export type SessionRecord = Readonly<v.InferOutput<typeof sessionRecordSchema>>;

/** The state of a workspace. */
export const workspaceStateSchema = v.object({
  version: v.literal(stateVersion),
  sessions: v.array(sessionRecordSchema),
  /** The session that the chat shows. */
  open: v.nullable(v.string()),
});

/** The state of a workspace. */
export type WorkspaceState = v.InferOutput<typeof workspaceStateSchema>;

/** The state of a workspace that Arbor has not been used in. */
export function emptyState(): WorkspaceState {
  return { version: stateVersion, sessions: [], open: null };
}
