/** What came of an import. */
export interface ImportResult {
  /** The session's id; the transcript's own where it was free. */
  readonly sessionId: string;
  /** Absolute path of the workspace folder that it belongs to now. */
  readonly folder: string;
  /** Name that the export gave it; empty when there is none. */
  readonly name: string;
  /** How many lines are messages. */
  readonly messages: number;
  /** How many lines could not be read and were left out. */
  readonly skipped: number;
  /** Whether it got an id of its own because a session with its id exists, or because it had none. */
  readonly hasNewId: boolean;
}

/** Makes sessions of files. */
export interface SessionImporter {
  /**
   * Imports a transcript of the program (`.jsonl`) or a session that Arbor exported as JSON. Nothing that exists is ever
   * overwritten, and a session is there whole or not at all.
   * @param file absolute path of the file
   * @param folder absolute path of the workspace folder in which the session can be gone on with
   * @throws ArborError `importFailed`
   */
  import(file: string, folder: string): Promise<ImportResult>;
}
