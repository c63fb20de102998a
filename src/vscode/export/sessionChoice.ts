/** A session that the user can choose. */
export interface SessionChoice {
  readonly id: string;
  /** Empty when it has none. */
  readonly name: string;
  /** Absolute path of its workspace folder. */
  readonly folder: string;
  /** Null where it is not known. */
  readonly costUsd: number | null;
  /** When something last happened in it, in milliseconds since 1970. */
  readonly activeAt: number;
}
