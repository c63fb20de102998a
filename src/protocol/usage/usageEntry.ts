import * as v from 'valibot';
import { modelUsageSchema } from '../state/workspaceState.js';

/** The version of the record's lines that this release writes. A line of another one is not read, and never changed. */
export const usageVersion = 1;

const count = v.pipe(v.number(), v.minValue(0));
/** Milliseconds since 1970, as far as a date can tell them. */
const time = v.pipe(v.number(), v.minValue(0), v.maxValue(8_640_000_000_000_000));

const shared = {
  v: v.literal(usageVersion),
  /** Id of the session. */
  session: v.string(),
  /** Id of the session that it was forked from, or null. */
  parent: v.nullable(v.string()),
  /** Absolute path of the session's folder. */
  folder: v.string(),
  /** Wall time of the turns in milliseconds. */
  durationMs: count,
  /** What was used, by model, each once. An empty name stands for what the program did not tell a model of. */
  models: v.pipe(v.array(modelUsageSchema), v.readonly()),
};

const turnEntrySchema = v.object({
  ...shared,
  /** Id of the turn. A turn counts once, however often it was written. */
  turn: v.string(),
  /** When it ended, in milliseconds since 1970. */
  at: time,
});

const dayEntrySchema = v.object({
  ...shared,
  /** The day, such as `2026-01-31`, where the machine was when this was summed up. */
  day: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/)),
  /** How many turns it is the sum of. */
  turns: count,
});

/** One line of the record of usage: a turn, or what a session used on a day. No prompt or content is in it. */
export const usageEntrySchema = v.union([turnEntrySchema, dayEntrySchema]);

/** What a turn used. */
export type TurnUsageEntry = Readonly<v.InferOutput<typeof turnEntrySchema>>;

/** What a session used on a day. */
export type DayUsageEntry = Readonly<v.InferOutput<typeof dayEntrySchema>>;

/** A turn, or what a session used on a day. */
export type UsageEntry = TurnUsageEntry | DayUsageEntry;
