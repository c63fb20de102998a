import type { SessionEvent } from '../../protocol/session/events.js';
import type { QueuedPrompt } from '../../protocol/state/workspaceState.js';

/** The user's messages in a conversation, by their ids. */
export function promptsIn(events: readonly SessionEvent[]): ReadonlyMap<string, string> {
  const prompts = new Map<string, string>();
  for (const event of events) {
    const prompt = event.kind === 'steeringDelivered' || event.kind === 'start' ? event.prompt : null;
    if (prompt) prompts.set(prompt.uuid, prompt.text);
  }
  return prompts;
}

/**
 * Which of the messages that are kept as not delivered a conversation has. Of several that the program delivers as one prompt
 * its transcript has only the last one's id, with the words of all.
 * @param events the conversation
 * @param queue the messages, in the order in which they were sent
 */
export function deliveredOf(
  events: readonly SessionEvent[],
  queue: readonly Pick<QueuedPrompt, 'id' | 'text'>[],
): ReadonlySet<string> {
  const prompts = promptsIn(events);
  const delivered = new Set<string>();
  for (const [index, { id, text }] of queue.entries()) {
    const told = prompts.get(id);
    if (told === undefined) continue;
    delivered.add(id);
    let joined = text;
    for (let first = index - 1; first >= 0 && joined.length < told.length; first -= 1) {
      joined = `${queue[first]?.text ?? ''}\n${joined}`;
      if (joined === told) for (const { id: with_ } of queue.slice(first, index)) delivered.add(with_);
    }
  }
  return delivered;
}
