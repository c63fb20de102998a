import { ArborError, type Explanation } from '../../base/errors.js';

/*
 * What the user is told about a transcript that is not as it was. The transcripts are the program's; Arbor has a record of its
 * own of what was said while it was there (the journal), and shows it where the program's is gone.
 */

/** Tells how much of a transcript could not be read. @param lines how many */
export function unreadableLines(lines: number): Explanation {
  return {
    code: 'stateUnreadable',
    what: `${String(lines)} lines of this conversation's transcript could not be read.`,
    kept: 'All other messages are shown. The transcript is as it was.',
  };
}

/**
 * A transcript cannot be read for now: it is locked, or may not be read.
 * @param error what reading it threw; an ArborError stays as it is
 */
export function unreadableTranscript(error: unknown): ArborError {
  if (error instanceof ArborError) return error;
  return new ArborError(
    {
      code: 'transcriptUnreadable',
      what: "This conversation's transcript could not be read: it is locked by another program, or you may not read it.",
      kept: 'The transcript is as it was, and what is shown here stays.',
      next: 'Close what holds the file, or check who may read it; then try again, or reload the window.',
      detail: error instanceof Error ? error.message : String(error),
      actions: ['showLog'],
    },
    error,
  );
}

/**
 * The program's transcript of a conversation is gone, or its part.
 * @param isWhole whether nothing of it is left
 * @param fromJournal how many turns are shown from our own record instead
 * @param isComplete whether our own record still has the beginning
 */
export function transcriptLost(isWhole: boolean, fromJournal: number, isComplete: boolean): Explanation {
  const turns = fromJournal === 1 ? '1 turn' : `${String(fromJournal)} turns`;
  const shown = `${turns} that it does not have any more ${fromJournal === 1 ? 'is' : 'are'} shown from Arbor's own record.`;
  const older = isComplete ? '' : ' What is older than that is not kept.';
  return {
    code: 'transcriptMissing',
    what: isWhole
      ? "Claude Code's transcript of this conversation is gone: it was deleted or moved."
      : "A part of this conversation is not in Claude Code's transcript any more: it was cut, deleted or rewritten.",
    kept:
      fromJournal > 0 ? `${shown}${older}` : 'The name, the draft and the waiting messages of the session are kept.',
    next:
      fromJournal > 0
        ? 'Claude does not know of it: send a recap to tell it, or put the file back and reload the window.'
        : 'Put the file back and reload the window, or begin anew with your next message.',
    ...(fromJournal > 0 ? { actions: ['sendRecap' as const] } : {}),
  };
}

/** The transcript was deleted while its conversation is open. */
export function transcriptDeleted(): Explanation {
  return {
    code: 'transcriptMissing',
    what: "Claude Code's transcript of this conversation was deleted or moved just now.",
    kept: "The messages that are shown stay, and Arbor's own record has what was said while it was open.",
    next: 'Put the file back if Claude is to know all of it later; a recap tells Claude what it was about.',
    actions: ['sendRecap'],
  };
}

/**
 * Several transcripts have the id of a session that is opened.
 * @param folder where the session of the one that is shown ran
 * @param others where those of the others ran
 */
export function severalTranscripts(folder: string, others: readonly string[]): Explanation {
  const isOne = others.length === 1;
  return {
    code: 'ambiguous',
    what: `There are ${String(others.length + 1)} transcripts with the id of this session, such as after a folder was copied.`,
    kept: `All are kept as they are. The one of ${folder} is shown, and Claude goes on with it.`,
    next: `The ${isOne ? 'other one belongs' : 'others belong'} to ${others.join(', ')}: open that folder by itself to see ${isOne ? 'it' : 'them'}.`,
  };
}

/** A conversation cannot be forked because its transcript is gone. @param cause what was thrown */
export function cannotFork(cause?: unknown): ArborError {
  return new ArborError(
    {
      code: 'transcriptMissing',
      what: "Claude Code's transcript of this conversation is gone, deleted or moved: there is nothing to fork.",
      kept: 'What is shown of it is kept.',
      next: 'Send a recap in a new session, from which Claude goes on; or put the file back, then fork again.',
      actions: ['recapInNewSession'],
    },
    cause,
  );
}

/** A conversation cannot be forked at a message because a compaction took it out of what Claude has. */
export function cannotForkCompacted(): ArborError {
  return new ArborError({
    code: 'messageMissing',
    what: 'The conversation was compacted since, and Claude Code goes on from a summary only: nothing before it can be forked.',
    kept: 'The whole conversation is kept and shown.',
    next: 'Fork from a message behind the compaction; or send a recap in a new session.',
    actions: ['recapInNewSession'],
  });
}

/** A conversation cannot be forked at a message that its transcript does not hold. @param cause what was thrown */
export function cannotForkMissing(cause?: unknown): ArborError {
  return new ArborError(
    {
      code: 'messageMissing',
      what: "The message is not in Claude Code's transcript any more, which was cut or rewritten: nothing can be forked there.",
      kept: 'What is shown of it is kept.',
      next: 'Fork from another message; or send a recap in a new session.',
      actions: ['recapInNewSession'],
    },
    cause,
  );
}

/** A fork that was never used cannot be shown because what it was taken from is gone. */
export function forkWithoutParent(): Explanation {
  return {
    code: 'transcriptMissing',
    what: "The conversation that this fork was taken from is gone: Claude Code's transcript of it was deleted or moved.",
    kept: 'The draft and the waiting messages of the fork are kept.',
    next: 'Put the file back and reload the window. Else open that conversation, which Arbor may still show, and send a recap of it.',
  };
}

/** The same because the message at which it was taken is not there any more. */
export function forkWithoutMessage(): Explanation {
  return {
    code: 'messageMissing',
    what: 'The message at which this fork was taken is not in the transcript any more, which was cut or rewritten.',
    kept: 'The draft and the waiting messages of the fork are kept.',
    next: 'Fork that conversation again, from another message.',
  };
}
