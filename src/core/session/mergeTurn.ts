import type { SessionEvent, TurnOutcome } from '../../protocol/session/events.js';
import { messageKey, type RecordedTurn, type TurnContent } from './turnContent.js';

/** A turn as one of its two sources has it. */
export interface KnownTurn {
  readonly turn: RecordedTurn;
  readonly content: TurnContent;
}

/** Whether the transcript has something of a turn that the journal has not: then the program went on without us. */
export function wentOn(transcript: TurnContent, journal: TurnContent): boolean {
  for (const [name, prose] of transcript.prose) {
    // The stream does not have what subagents say.
    if (prose.block.parent !== null) continue;
    const own = journal.prose.get(name)?.text;
    if (own === undefined || (prose.text.length > own.length && prose.text.startsWith(own))) return true;
  }
  for (const id of transcript.ownTools) {
    if (!journal.ownTools.has(id) || (transcript.results.has(id) && !journal.results.has(id))) return true;
  }
  for (const id of transcript.prompts) if (!journal.prompts.has(id)) return true;
  return false;
}

/** What the journal alone has of a turn that the transcript has too, in its order. */
export function missingEvents(transcript: TurnContent, journal: KnownTurn): readonly SessionEvent[] {
  const longer = new Set<string>();
  return journal.turn.events.flatMap((event): SessionEvent | [] => {
    switch (event.kind) {
      case 'text':
      case 'thinking': {
        const name = journal.content.nameOf(event.kind, event.block);
        const there = name === undefined ? undefined : transcript.prose.get(name);
        const own = name === undefined ? undefined : journal.content.prose.get(name);
        if (name === undefined || own === undefined) return [];
        if (!there) return event;
        // The program wrote down less than it had said.
        if (longer.has(name) || own.text.length <= there.text.length || !own.text.startsWith(there.text)) return [];
        longer.add(name);
        return { kind: event.kind, block: there.block, text: own.text, whole: true };
      }
      case 'message': {
        const isThere = transcript.messages.has(messageKey(event.parent, event.message));
        return isThere ? [] : unwritten(event);
      }
      case 'toolUse':
        return transcript.tools.has(event.id) ? [] : event;
      case 'toolProgress':
      case 'toolResult':
        return transcript.results.has(event.id) ? [] : event;
      case 'permission':
        return transcript.results.has(event.toolUseId) ? [] : event;
      case 'steeringDelivered':
        return transcript.prompts.has(event.prompt.uuid) ? [] : event;
      case 'notice':
        return event;
      default:
        // What the program was busy with then, and what the transcript tells in its own way.
        return [];
    }
  });
}

/** A message event whose line may not be in the transcript: no fork may name it. */
export function unwritten(event: SessionEvent): SessionEvent {
  return event.kind === 'message' ? { ...event, uuid: null } : event;
}

/**
 * How a turn ended whose end the journal does not have, where the transcript knows.
 * @returns null when it was cut off
 */
export function knownEnd(transcript: KnownTurn, journal: TurnContent, isAllThere: boolean): TurnOutcome | null {
  const { outcome } = transcript.turn;
  if (outcome?.kind === 'complete') {
    // The transcript does not say whether an answer was whole. The journal does: a message that is gets its line.
    const last = [...journal.spoken].at(-1);
    return isAllThere && last !== undefined && journal.messages.has(last) ? outcome : null;
  }
  const isKnown = outcome?.kind === 'error' || (outcome?.kind === 'canceled' && outcome.by !== 'program');
  return isKnown ? outcome : null;
}
