import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ScrollPlace } from '../../../src/protocol/chat/toHost.js';
import type { Conversation } from '../state/conversation.js';
import { useChat } from './context.js';
import { EmptyState } from './emptyState.js';
import { Follower } from './follow.js';
import { Gap } from './gap.js';
import { Icon } from './icon.js';
import { MessageView } from './message.js';
import { PaintAtOnce } from './prose.js';
import { useReveal } from './reveal.js';

/** How long scrolling rests before the place goes to the host, in milliseconds. */
const placeRestMs = 250;

/** So many messages around the reader's place are painted at once. */
const near = 6;

/** The scrolling list of messages. */
export function ConversationView({ conversation }: { readonly conversation: Conversation }): JSX.Element {
  const { store, post } = useChat();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [follower, setFollower] = useState<Follower | null>(null);
  /** The place that is to be shown as soon as its message is here. */
  const wanted = useRef<ScrollPlace | null>(null);
  const askEarlier = useEarlier(conversation);
  const askPlace = usePlace(conversation, askEarlier);

  useLayoutEffect(() => {
    if (!scroller.current || !content.current) return undefined;
    let timer: number | undefined;
    const session = conversation.id;
    const send = (): void => {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      store.place = conversation.anchored(created.place());
      post({ type: 'scroll', session, place: store.place });
    };
    const moved = (): void => {
      // What moves while a place is waited for is layout; the place that was kept must not be forgotten for that.
      if (wanted.current) return;
      clearTimeout(timer);
      timer = setTimeout(send, placeRestMs);
    };
    const created = new Follower(scroller.current, content.current, moved, () => {
      wanted.current = null;
    });
    wanted.current = store.place;
    setFollower(created);
    document.addEventListener('visibilitychange', send);
    return () => {
      send();
      document.removeEventListener('visibilitychange', send);
      created.dispose();
    };
  }, [conversation, post, store]);

  const messages = conversation.all;
  const revealing = store.revealing.value;
  const place =
    revealing === null
      ? (conversation.located(store.place) ?? store.place)
      : { atEnd: false, message: revealing, offset: 0 };
  /** Whether a message is likely to be in view when it is first drawn. */
  const isNear = (number: number, fromEnd: number): boolean =>
    place.atEnd ? fromEnd >= -near : Math.abs(number - place.message) <= near;
  const earlier = conversation.earlier.value;
  const unread = conversation.unread.value;
  const first = messages[0]?.number ?? 0;
  useStayBelowNewPage(scroller, first);
  useReveal(conversation, follower, wanted);
  useLayoutEffect(() => {
    if (!follower || !wanted.current) return;
    const place = conversation.located(wanted.current);
    if (place && follower.restore(place)) wanted.current = null;
    else if (conversation.earlier.peek() > 0 || conversation.unread.peek()) askPlace(wanted.current);
    else follower.toEnd();
  }, [follower, first, conversation, askPlace]);

  return (
    <div class="conversation-frame">
      <div class="conversation" ref={scroller} role="log" aria-label="Conversation" aria-live="off" tabIndex={0}>
        <div class="conversation-content" ref={content}>
          {(earlier > 0 || unread) && (
            <Earlier count={unread ? null : earlier} first={first} scroller={scroller} ask={askEarlier} />
          )}
          {messages.flatMap((message, index) => {
            const view = (
              <PaintAtOnce.Provider key={message.number} value={isNear(message.number, index - messages.length)}>
                <MessageView message={message} conversation={conversation} />
              </PaintAtOnce.Provider>
            );
            const first = (messages[index - 1]?.number ?? message.number - 1) + 1;
            if (first === message.number) return view;
            const gap = `gap-${message.number}`;
            return [<Gap key={gap} first={first} end={message.number} scroller={scroller} ask={askEarlier} />, view];
          })}
        </div>
      </div>
      {messages.length === 0 && earlier === 0 && !unread && <EmptyState />}
      {follower && <JumpToEnd follower={follower} conversation={conversation} />}
    </div>
  );
}

/** What asks the host for the page before a message, the first one unless said otherwise, once until an answer comes. */
function useEarlier(conversation: Conversation): (before?: number) => void {
  const { post } = useChat();
  return useCallback(
    (before = conversation.all[0]?.number ?? 0) => {
      if (conversation.asked === before) return;
      conversation.asked = before;
      post({ type: 'earlier', session: conversation.id, before });
    },
    [conversation, post],
  );
}

/** What asks the host for what is around a place, once; page by page where only the number that it had is known. */
function usePlace(conversation: Conversation, askEarlier: () => void): (place: ScrollPlace) => void {
  const { post } = useChat();
  const asked = useRef<Conversation | null>(null);
  return useCallback(
    ({ anchor }) => {
      if (!anchor) {
        askEarlier();
        return;
      }
      if (asked.current === conversation) return;
      asked.current = conversation;
      post({ type: 'findPlace', session: conversation.id, ...anchor });
    },
    [conversation, askEarlier, post],
  );
}

/**
 * Keeps the first message where it is when a page comes before it. The browser does so by itself, but not at the very
 * top; there the growth is measured.
 */
function useStayBelowNewPage(scroller: { readonly current: HTMLElement | null }, first: number): void {
  const last = useRef(first);
  const before = useRef<number | null>(null);
  const element = scroller.current;
  if (element && last.current > first && first > 0 && element.scrollTop === 0) before.current = element.scrollHeight;
  last.current = first;
  useLayoutEffect(() => {
    if (before.current === null || !scroller.current) return;
    scroller.current.scrollTop = scroller.current.scrollHeight - before.current;
    before.current = null;
  });
}

function JumpToEnd({
  follower,
  conversation,
}: {
  readonly follower: Follower;
  readonly conversation: Conversation;
}): JSX.Element | null {
  /** How many batches there were when the reader left the end. */
  const left = useRef<number | null>(null);
  if (follower.atEnd.value) {
    left.current = null;
    return null;
  }
  left.current ??= conversation.batches.peek();
  const unseen = conversation.batches.value > left.current;
  return (
    <button
      type="button"
      class="button jump"
      onClick={() => {
        follower.toEnd();
      }}
    >
      <Icon name="arrow-down" /> Jump to Latest
      {unseen && <span class="for-readers"> (there is more since)</span>}
      {unseen && <span class="unseen" aria-hidden="true" />}
    </button>
  );
}

/** Asks for the page before when the top comes near; also a button, for the keyboard. */
function Earlier({
  count,
  first,
  scroller,
  ask,
}: {
  /** How many there are; null where nobody knows. */
  readonly count: number | null;
  /** The number of the message that they come before. */
  readonly first: number;
  readonly scroller: { readonly current: HTMLElement | null };
  readonly ask: () => void;
}): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) ask();
      },
      { root: scroller.current, rootMargin: '600px 0px 0px 0px' },
    );
    observer.observe(button.current);
    return () => {
      observer.disconnect();
    };
  }, [count, first, ask, scroller]);
  return (
    <button
      ref={button}
      type="button"
      class="link earlier"
      onClick={() => {
        ask();
      }}
    >
      Show earlier messages{count !== null && ` (${count})`}
    </button>
  );
}
