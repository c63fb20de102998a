import { sep } from 'node:path';
import type { TranscriptFacts } from './facts.js';
import type { FileStamp } from './openFile.js';

/** A transcript file as it was when it was last read. */
export interface KnownFile {
  readonly path: string;
  /** Name of the project folder that it is in. */
  readonly project: string;
  readonly id: string;
  readonly stamp: FileStamp;
  /** Whether it could not be read since it changed: then stamp and facts are those from before. */
  readonly stale: boolean;
  /** Null where it is no session with a message. */
  readonly facts: TranscriptFacts | null;
}

/** The session that a file of a project folder holds; undefined when its name is not that of a transcript. */
export function sessionIdOf(fileName: string): string | undefined {
  return /^([\w-]{1,100})\.jsonl$/.exec(fileName)?.[1];
}

/** Where a session's transcript is in a project folder. */
export function transcriptPath(projects: string, project: string, id: string): string {
  // Neither name needs to be normalised, and there are thousands.
  return `${projects}${sep}${project}${sep}${id}.jsonl`;
}
