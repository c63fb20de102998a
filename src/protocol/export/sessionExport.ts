import * as v from 'valibot';
import type { JsonObject } from '../../base/json.js';

/*
 * A session as a JSON file: what a reader wants to know, and the program's own lines, from which the session can be made
 * again. The format is Arbor's; readers ignore members that they do not know.
 */

/** What names the format in a file. */
export const sessionExportFormat = 'arbor-session';

/** The version of the format that this release writes and reads. */
export const sessionExportVersion = 1;

/** A part of an exported message. A tool use holds what its subagent did. */
export type ExportedBlock =
  | { type: 'text' | 'thinking' | 'notice' | 'error'; text: string }
  | {
      type: 'tool';
      id: string;
      name: string;
      /** Where it was in its life: `done`, `failed`, `denied`, `canceled`, or not at its end yet. */
      state: string;
      input: JsonObject | null;
      /** Null when it has no result. */
      result: string | null;
      blocks: ExportedBlock[];
    };

const objectSchema = v.record(v.string(), v.unknown());
const count = v.pipe(v.number(), v.minValue(0));

const blockSchema: v.GenericSchema<ExportedBlock> = v.union([
  v.object({ type: v.picklist(['text', 'thinking', 'notice', 'error']), text: v.string() }),
  v.object({
    type: v.literal('tool'),
    id: v.string(),
    name: v.string(),
    state: v.string(),
    input: v.nullable(objectSchema),
    result: v.nullable(v.string()),
    blocks: v.array(v.lazy(() => blockSchema)),
  }),
]);

/** An exported session. */
export const sessionExportSchema = v.object({
  format: v.literal(sessionExportFormat),
  version: v.literal(sessionExportVersion),
  /** Milliseconds since 1970, as every time here. */
  exportedAt: count,
  session: v.object({
    id: v.pipe(v.string(), v.uuid()),
    name: v.string(),
    /** Absolute path of the workspace folder that it belonged to. */
    folder: v.string(),
    model: v.nullable(v.string()),
    /** Null where it is not known. */
    costUsd: v.nullable(count),
  }),
  /** The conversation as it was shown. */
  messages: v.array(
    v.object({
      role: v.picklist(['user', 'assistant']),
      /** UUID of the transcript line by which the message is named; null when there is none. */
      uuid: v.nullable(v.string()),
      at: count,
      model: v.nullable(v.string()),
      blocks: v.array(blockSchema),
    }),
  ),
  /** The lines of the program's transcript, as it wrote them. */
  lines: v.array(objectSchema),
  /** Those of its subagents, with the name of each one's file without its ending. */
  subagents: v.array(
    v.object({
      name: v.pipe(v.string(), v.regex(/^agent-[\w-]{1,100}$/)),
      meta: v.nullable(objectSchema),
      lines: v.array(objectSchema),
    }),
  ),
  /** How many lines could not be read and are not here. */
  unreadable: count,
});

/** An exported session. */
export type SessionExport = v.InferOutput<typeof sessionExportSchema>;

/** An exported session's message. */
export type ExportedMessage = SessionExport['messages'][number];
