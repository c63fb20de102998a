import { useLayoutEffect } from 'preact/hooks';
import type { ScrollPlace } from '../../../src/protocol/chat/toHost.js';
import type { Conversation } from '../state/conversation.js';
import { useChat } from './context.js';
import type { Follower } from './follow.js';

/** How long a message that the reader was brought to is marked, in milliseconds. */
const markMs = 2500;

/**
 * Brings the reader to the message that the host wants to be shown: it comes into view, has the focus, so that a screen
 * reader reads it, and is marked for a moment.
 * @param follower what scrolls, when it is there
 * @param wanted a place that was to be shown when its message comes; not any more then
 */
export function useReveal(
  conversation: Conversation,
  follower: Follower | null,
  wanted: { current: ScrollPlace | null },
): void {
  const { store } = useChat();
  const number = store.revealing.value;
  useLayoutEffect(() => {
    if (!follower || number === null) return;
    const message = follower.reveal(number);
    if (!message) return;
    wanted.current = null;
    // Only for the focus that comes from here: with the tab key one goes through what can be done.
    message.tabIndex = -1;
    message.focus({ preventScroll: true });
    message.classList.add('revealed');
    // The message may be gone by then; that does no harm.
    setTimeout(() => {
      message.classList.remove('revealed');
    }, markMs);
    store.revealed(number, conversation.anchored(follower.place()));
  }, [conversation, follower, number, store, wanted]);
}
