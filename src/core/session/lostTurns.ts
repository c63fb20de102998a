import { noTurnUsage, type SessionEvent } from '../../protocol/session/events.js';
import type { Journal } from '../storePorts.js';
import { unwritten } from './mergeTurn.js';
import { turnsOf, type RecordedTurn } from './turnContent.js';

/** A conversation with what the program's transcript has lost. */
export interface Completed {
  readonly events: readonly SessionEvent[];
  /** How many turns are from the journal alone. */
  readonly lost: number;
  /** Whether the journal has the session's beginning. */
  readonly isComplete: boolean;
}

/** What is looked at to find out what is lost. */
export interface LostTurnsParts {
  readonly journal: Journal;
  readonly sessionId: string;
  /** Prompts that wait: they are shown elsewhere. */
  readonly waiting: readonly string[];
  /** Whether the transcript shows damage, so that turns may be missing anywhere and not only at its beginning. */
  readonly isDamaged: boolean;
  /** Whether a message is anywhere in the transcript, on the current branch or on one that was left. */
  readonly isInTranscript: (uuid: string) => Promise<boolean>;
}

const pageEvents = 500;
/** A longer journal is taken as far as that. */
const mostEvents = 200_000;

/**
 * Puts into a conversation the turns that the journal has and the transcript has lost: because the file was deleted, cut or
 * rewritten. A turn counts as lost when Claude answered in it and neither its prompt nor its answer is anywhere in the file;
 * what the user left behind by going back is still there, and is not brought up again.
 * @param known the whole conversation as its transcript has it
 * @param parts where to look
 * @throws ArborError `stateUnreadable` when the journal cannot be read
 */
export async function withLostTurns(known: readonly SessionEvent[], parts: LostTurnsParts): Promise<Completed> {
  const pieces = piecesOf(known);
  const places = new Map(pieces.flatMap((piece, index) => namesOf(piece).map((name) => [name, index] as const)));
  const isKnown = (turn: RecordedTurn): boolean => placeOf(turn, places) !== undefined;
  const { events, isComplete } = await readBeginning(parts, (turn) => !parts.isDamaged && isKnown(turn));
  const turns = turnsOf(events);
  const evidence = turns.find((turn) => !isKnown(turn) && answerOf(turn) !== null);
  const answer = evidence === undefined ? null : answerOf(evidence);
  if (answer === null || (await parts.isInTranscript(answer))) return { events: known, lost: 0, isComplete };
  const first = turns.map((turn) => placeOf(turn, places)).find((place) => place !== undefined);
  let at = first ?? pieces.length;
  let lost = 0;
  const lostAt = new Map<number, RecordedTurn[]>();
  for (const turn of turns) {
    const place = placeOf(turn, places);
    if (place !== undefined) at = Math.max(at, place + 1);
    else if (turn.start.prompt === null || !parts.waiting.includes(turn.start.prompt.uuid)) {
      lostAt.set(at, [...(lostAt.get(at) ?? []), turn]);
      lost += 1;
    }
  }
  const whole = [...pieces, []].flatMap((piece, index) => [...(lostAt.get(index) ?? []).flatMap(eventsOf), ...piece]);
  return { events: whole, lost, isComplete };
}

/** The journal from its beginning, to its end or to the first turn that is enough. */
async function readBeginning(
  { journal, sessionId }: LostTurnsParts,
  isEnough: (turn: RecordedTurn) => boolean,
): Promise<{ readonly events: readonly SessionEvent[]; readonly isComplete: boolean }> {
  const events: SessionEvent[] = [];
  let isComplete = true;
  for (let from = 0; events.length < mostEvents;) {
    const page = await journal.read(sessionId, from, pageEvents);
    if (from === 0) isComplete = page.evicted === 0;
    const added = page.entries.map(({ event }) => event);
    events.push(...added);
    if (page.entries.length === 0 || page.next >= page.end) break;
    const begun = added.flatMap((event) =>
      event.kind === 'start' ? [{ start: event, events: [], outcome: null }] : [],
    );
    if (begun.some(isEnough)) break;
    from = page.next;
  }
  return { events, isComplete };
}

/** A conversation from the beginning of one turn to that of the next. */
function piecesOf(events: readonly SessionEvent[]): readonly (readonly SessionEvent[])[] {
  const pieces: SessionEvent[][] = [];
  for (const event of events) {
    const last = pieces.at(-1);
    if (event.kind === 'start' || !last) pieces.push([event]);
    else last.push(event);
  }
  return pieces;
}

/** By what a turn is known again: its prompts, its answers and its own id. */
function namesOf(events: readonly SessionEvent[]): readonly string[] {
  return events.flatMap((event): readonly string[] => {
    if (event.kind === 'start') return event.prompt === null ? [event.turn] : [event.turn, event.prompt.uuid];
    if (event.kind === 'steeringDelivered') return [event.prompt.uuid];
    return event.kind === 'message' && event.uuid !== null ? [event.uuid] : [];
  });
}

function placeOf(turn: RecordedTurn, places: ReadonlyMap<string, number>): number | undefined {
  const name = namesOf([turn.start, ...turn.events]).find((one) => places.has(one));
  return name === undefined ? undefined : places.get(name);
}

/** The UUID of what Claude said in a turn that was completed; null where it is no proof that the transcript had it. */
function answerOf({ events, outcome }: RecordedTurn): string | null {
  if (outcome?.kind !== 'complete') return null;
  for (const event of events) {
    // What the program says by itself, such as what a command printed, has no model and need not be written down.
    const isAnswer = event.kind === 'message' && event.parent === null && event.model !== null;
    if (isAnswer && event.uuid !== null) return event.uuid;
  }
  return null;
}

/** No fork may name what the transcript does not have. */
function eventsOf({ start, events, outcome }: RecordedTurn): readonly SessionEvent[] {
  const end = outcome ?? { kind: 'canceled', turn: start.turn, by: 'program', usage: noTurnUsage };
  return [start, ...events.map(unwritten), end];
}
