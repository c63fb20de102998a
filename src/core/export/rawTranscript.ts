import type { JsonObject } from '../../base/json.js';

/** A line of a transcript: the text as it is in the file, and what it says. */
export interface RawLine {
  readonly text: string;
  readonly value: JsonObject;
}

/** The lines of a file. */
export interface RawLines {
  /**
   * Reads them from the beginning, in order; may be called again.
   * @param onUnreadable called for each line that is no JSON object
   */
  read(onUnreadable: () => void): AsyncIterable<RawLine>;
}

/** A subagent's part of a transcript. */
export interface RawSubagent {
  /** Its file's name without the ending, such as `agent-a1b2`. */
  readonly name: string;
  /** What the program keeps beside it, such as the tool use that started it; null when there is nothing. */
  readonly meta: JsonObject | null;
  readonly lines: RawLines;
}

/** A session's transcript with those of its subagents, as the program wrote them. */
export interface RawTranscript {
  readonly lines: RawLines;
  readonly subagents: readonly RawSubagent[];
}
