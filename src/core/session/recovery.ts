import {
  isOutcome,
  noTurnUsage,
  noUsage,
  type SessionEvent,
  type TokenUsage,
  type TurnUsage,
} from '../../protocol/session/events.js';
import { addTokens } from '../../protocol/session/transcript.js';
import type { JournalEntry } from '../storePorts.js';
import { promptsIn } from './deliveredPrompts.js';
import { knownEnd, missingEvents, unwritten, wentOn, type KnownTurn } from './mergeTurn.js';
import { messageKey, TurnContent, turnsOf } from './turnContent.js';

/** A conversation that is opened again. */
export interface Recovery {
  /** The conversation: what the transcript gave, with what only the journal has in its place. */
  readonly events: readonly SessionEvent[];
  /**
   * The end of a turn that the journal has no end of, because its host was killed. To be appended to the journal, and nowhere
   * else: where it is to be shown it is in `events`. Empty where there is no such turn.
   */
  readonly ended: readonly SessionEvent[];
  /** What that turn used as far as is known, for the session's total. */
  readonly usage: TurnUsage;
}

/** The transcript's events from the beginning of one turn to that of the next. */
type Piece = readonly SessionEvent[];

/**
 * Brings together what the program's transcript and our journal have of a conversation. The program writes a message to its
 * transcript when it is whole; what had arrived of it when the program or we were ended is in the journal only. Where the
 * transcript has more of a turn than the journal, the program went on without us, and the transcript is right.
 * @param replayed the transcript's events
 * @param tail the end of the journal, from the beginning of a turn on
 * @param queued ids of the prompts that are kept as not delivered
 */
export function recover(
  replayed: readonly SessionEvent[],
  tail: readonly JournalEntry[],
  queued: readonly string[],
): Recovery {
  const turns = turnsOf(tail.map(({ event }) => event));
  const merged = new Merged(replayed);
  let ended: readonly SessionEvent[] = [];
  let before = -1;
  for (const [index, turn] of turns.entries()) {
    const journal = { turn, content: new TurnContent(turn) };
    const isLast = index === turns.length - 1;
    const end = isLast ? cutOff(tail) : null;
    const found = merged.find(journal);
    if (found !== undefined) {
      before = found;
      const outcome = merged.merge(found, journal, end);
      if (isLast && !turn.outcome) ended = outcome.map((event) => ofTurn(event, turn.start.turn));
    } else if (isLast && turn.outcome?.kind !== 'complete') {
      // What waits for the user's word stands there already, unless Claude has heard it.
      const waits = turn.start.prompt !== null && queued.includes(turn.start.prompt.uuid);
      const shownEnd = turn.outcome ? [turn.outcome] : cutOff(tail, true);
      if (!waits || !journal.content.isEmpty)
        merged.insert([turn.start, ...turn.events.map(unwritten), ...shownEnd], before);
      if (!turn.outcome) ended = shownEnd;
    }
  }
  const events = merged.events;
  const usage = ended.find(isOutcome)?.usage ?? noTurnUsage;
  return { events, ended, usage };
}

/** The transcript's turns, into which those of the journal are merged. */
class Merged {
  readonly #pieces: Piece[] = [];
  /** Which turn has a prompt, and which a message of Claude itself. */
  readonly #byPrompt = new Map<string, number>();
  readonly #byMessage = new Map<string, number>();

  constructor(replayed: readonly SessionEvent[]) {
    let piece: SessionEvent[] = [];
    for (const event of replayed) {
      if (event.kind === 'start' || this.#pieces.length === 0) this.#pieces.push((piece = []));
      piece.push(event);
      const index = this.#pieces.length - 1;
      for (const id of promptsIn([event]).keys()) this.#byPrompt.set(id, index);
      const isOwn = 'block' in event && event.block.parent === null;
      if (isOwn) this.#byMessage.set(messageKey(null, event.block.message), index);
    }
  }

  get events(): readonly SessionEvent[] {
    return this.#pieces.flat();
  }

  /** Where the transcript has a turn of the journal, by its prompt, or by its messages when nobody asked for it. */
  find({ turn: { start }, content }: KnownTurn): number | undefined {
    if (start.prompt) return this.#byPrompt.get(start.prompt.uuid);
    const message = [...content.spoken].find((key) => this.#byMessage.has(key));
    return message === undefined ? undefined : this.#byMessage.get(message);
  }

  /**
   * Puts what the journal alone has of a turn into the transcript's.
   * @param index where the transcript has it
   * @param journal the turn in the journal
   * @param end how it ends where nobody knows better
   * @returns how it ended
   */
  merge(index: number, journal: KnownTurn, end: readonly SessionEvent[] | null): readonly SessionEvent[] {
    const piece = this.#pieces[index] ?? [];
    const [turn] = turnsOf(piece);
    if (!turn) return [];
    const transcript = { turn, content: new TurnContent(turn) };
    const own = journal.turn.outcome;
    const theirs = turn.outcome ? [turn.outcome] : [];
    if (wentOn(transcript.content, journal.content)) return theirs;
    if (own?.kind === 'complete') {
      if (turn.outcome?.kind === 'complete') this.#replace(index, [], [ofTurn(own, turn.start.turn)]);
      return theirs;
    }
    const missing = missingEvents(transcript.content, journal);
    const known = own ?? knownEnd(transcript, journal.content, missing.length === 0);
    const outcome = known ? [ofTurn(known, turn.start.turn)] : (end ?? theirs);
    this.#replace(index, missing, outcome);
    return outcome;
  }

  /**
   * Puts a turn that the transcript does not have where it belongs by its time, but not before one that it came after: the
   * clock may have been set back between the two.
   * @param before where the turn is that the journal has before it; -1 where the transcript has none of those
   */
  insert(turn: Piece, before: number): void {
    const [start] = turn;
    const at = start?.kind === 'start' ? start.at : 0;
    const after = this.#pieces.findIndex(
      ([first], index) => index > before && first?.kind === 'start' && first.at > at,
    );
    this.#pieces.splice(after < 0 ? this.#pieces.length : after, 0, turn);
  }

  /** Puts events before a turn's end, and another end in its place. */
  #replace(index: number, missing: readonly SessionEvent[], outcome: readonly SessionEvent[]): void {
    const piece = this.#pieces[index] ?? [];
    const at = piece.findIndex(isOutcome);
    const end = at < 0 ? piece.length : at;
    this.#pieces[index] = [...piece.slice(0, end), ...missing, ...outcome, ...piece.slice(end + 1)];
  }
}

/** The same for another turn, where it is an end. */
function ofTurn(event: SessionEvent, turn: string): SessionEvent {
  return isOutcome(event) ? { ...event, turn } : event;
}

/**
 * The end of the journal's last turn, which its host did not live to see.
 * @param tail the journal's end
 * @param isUnknown whether the transcript has nothing of the turn
 */
function cutOff(tail: readonly JournalEntry[], isUnknown = false): readonly SessionEvent[] {
  const from = tail.findLastIndex(({ event }) => event.kind === 'start');
  const entries = tail.slice(from);
  const [first] = entries;
  if (first?.event.kind !== 'start') return [];
  const tokens = new Map<string, TokenUsage>();
  for (const { event } of entries) {
    if (event.kind === 'usage') tokens.set(messageKey(event.parent, event.message), event.tokens);
  }
  const usage = {
    tokens: [...tokens.values()].reduce(addTokens, noUsage),
    costUsd: 0,
    durationMs: Math.max(0, (entries.at(-1)?.at ?? first.at) - first.at),
  };
  return [
    {
      kind: 'notice',
      level: 'warning',
      notice: {
        code: 'turnCutOff',
        what: 'This turn was cut off: the editor closed or crashed while Claude was at work.',
        kept: 'What had arrived until then is shown above. Files that tools had changed by then stay changed.',
        next: isUnknown
          ? 'Claude does not remember this message: send it again to go on.'
          : 'Claude may not remember the last words above. Send a message, such as “Go on”, to continue.',
      },
    },
    { kind: 'canceled', turn: first.event.turn, by: 'program', usage },
  ];
}
