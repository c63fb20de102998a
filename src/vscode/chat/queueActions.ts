import type { Session } from '../../core/session/session.js';
import type { ToHost } from '../../protocol/chat/toHost.js';

/** What the view asks of one queued message. */
export type QueueMessage = Extract<ToHost, { readonly type: 'unqueue' | 'queueDo' | 'queueMove' | 'queueEdit' }>;

/**
 * Does what the view asks of a queued message. One that the program has is asked back first; where it is too late for that, the
 * message was delivered and is in the conversation.
 * @param insert puts text into the composer
 * @throws ArborError when a text cannot be a message; the message stays as it was
 */
export async function actOnQueued(
  session: Session,
  message: QueueMessage,
  insert: (text: string) => void,
): Promise<void> {
  const { queue } = session;
  if (message.type === 'queueDo' && message.action === 'steer') {
    queue.steer(message.id);
    return;
  }
  if (message.type === 'queueDo' && message.action === 'sendNow') return queue.sendNow(message.id);
  const id = await queue.takeBack(message.id);
  if (id === null) {
    // What the user made of it is not thrown away.
    if (message.type === 'queueEdit') insert(message.text);
    return;
  }
  switch (message.type) {
    case 'unqueue': {
      const text = queue.remove(id);
      if (message.edit && text !== undefined) insert(text);
      return;
    }
    case 'queueMove':
      queue.move(id, message.to);
      return;
    case 'queueEdit':
      queue.edit(id, message.text);
      return;
    case 'queueDo':
      if (message.action === 'hold') queue.hold(id);
      else if (message.action === 'release') queue.release(id);
      else if (message.action === 'beginEdit') queue.beginEdit(id);
      else queue.endEdit();
      return;
  }
}
