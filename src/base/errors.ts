/** What went wrong, as a term that code can decide by. One code, one next step for the user. */
export type ErrorCode =
  | 'programNotFound'
  | 'programNotExecutable'
  | 'programTooOld'
  | 'programBroken'
  | 'folderMissing'
  | 'folderUnreadable'
  | 'workspaceUntrusted'
  | 'signInRequired'
  | 'rateLimited'
  | 'overloaded'
  | 'limitReached'
  | 'apiError'
  | 'connectionLost'
  | 'contextOverflow'
  | 'startTimeout'
  | 'inactive'
  | 'processExited'
  | 'processKilled'
  | 'noResult'
  | 'executionError'
  | 'conversationNotFound'
  | 'sessionInUse'
  | 'transcriptChanged'
  | 'transcriptMissing'
  | 'transcriptUnreadable'
  | 'messageMissing'
  | 'protocolError'
  | 'requestTimeout'
  | 'promptEmpty'
  | 'promptTooLarge'
  | 'busy'
  | 'stateUnreadable'
  | 'stateNewer'
  | 'stateUnwritable'
  | 'diskFull'
  | 'storageMissing'
  | 'badMessage'
  | 'alreadySettled'
  | 'notFound'
  | 'ripgrepNotFound'
  | 'searchFailed'
  | 'exportFailed'
  | 'importFailed'
  | 'ambiguous'
  | 'turnCutOff'
  | 'unexpected';

/** What a user can be offered beside a message. The view turns it into a button. */
export type ErrorAction =
  | 'retry'
  | 'openSettings'
  | 'showLog'
  | 'signIn'
  | 'newSession'
  | 'manageTrust'
  | 'sendRecap'
  | 'recapInNewSession'
  | 'showRawEvents'
  | 'installProgram'
  | 'openFolder';

/**
 * A message for the user: what happened, what was kept, what to do. `detail` holds what helps in a report, such as the
 * program's own last error output; it is shown folded.
 */
export interface Explanation {
  readonly code: ErrorCode;
  readonly what: string;
  readonly kept?: string;
  readonly next?: string;
  readonly detail?: string;
  readonly actions?: readonly ErrorAction[];
}

/** The same in every bundle: what one throws is known to the other. */
const brand = Symbol.for('arbor.error');

/** An error that carries its message for the user. `message` is for the log. */
export class ArborError extends Error {
  readonly explanation: Explanation;
  readonly [brand] = true;

  /** The extension is built as several bundles, each with a class of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ArborError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && brand in value;
  }

  /**
   * @param explanation what the user is told
   * @param cause the underlying error, for the log
   */
  constructor(explanation: Explanation, cause?: unknown) {
    super(`${explanation.code}: ${explanation.what}`, cause === undefined ? undefined : { cause });
    this.name = 'ArborError';
    this.explanation = explanation;
  }

  /** The term that code can decide by. */
  get code(): ErrorCode {
    return this.explanation.code;
  }
}

/**
 * The explanation of any thrown value, so that nothing reaches the user as a bare stack.
 * @param error what was thrown
 * @param what a sentence on what was being done when it was thrown
 */
export function explain(error: unknown, what: string): Explanation {
  if (error instanceof ArborError) return error.explanation;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'unexpected', what, detail, next: 'See the log for the cause.', actions: ['showLog'] };
}
