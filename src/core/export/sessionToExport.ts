import type { Message } from '../../protocol/session/transcript.js';
import type { RawTranscript } from './rawTranscript.js';

/** What is told of a session at the head of its export. */
export interface ExportHead {
  readonly id: string;
  /** Empty when it has none. */
  readonly name: string;
  /** Absolute path of its workspace folder. */
  readonly folder: string;
  readonly model: string | null;
  /** Null where it is not known: nothing is invented. */
  readonly costUsd: number | null;
  /** When it is exported, in milliseconds since 1970. */
  readonly exportedAt: number;
}

/** A session with all that an export holds. */
export interface SessionToExport {
  readonly head: ExportHead;
  readonly messages: readonly Message[];
  readonly raw: RawTranscript;
  /** How many lines of the transcript could not be read. */
  readonly unreadable: number;
}

/** A piece of an export's text, and how much of the whole has come with it. */
export interface ExportPiece {
  readonly text: string;
  /** 0 to 1; undefined where it is not known. */
  readonly share?: number;
}
