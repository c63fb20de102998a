import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from '../state/conversation.js';
import { useChat } from './context.js';
import { EmptyState } from './emptyState.js';
import { Follower } from './follow.js';
import { Icon } from './icon.js';
import { MessageView } from './message.js';

/** How long scrolling rests before the place goes to the host, in milliseconds. */
const placeRestMs = 250;

/** The scrolling list of messages. */
export function ConversationView({ conversation }: { readonly conversation: Conversation }): JSX.Element {
  const { store, post } = useChat();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [follower, setFollower] = useState<Follower | null>(null);

  useLayoutEffect(() => {
    if (!scroller.current || !content.current) return undefined;
    let timer: number | undefined;
    const session = conversation.id;
    const send = (): void => {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      store.place = created.place();
      post({ type: 'scroll', session, place: store.place });
    };
    const created = new Follower(scroller.current, content.current, () => {
      clearTimeout(timer);
      timer = setTimeout(send, placeRestMs);
    });
    created.restore(store.place);
    setFollower(created);
    document.addEventListener('visibilitychange', send);
    return () => {
      send();
      document.removeEventListener('visibilitychange', send);
      created.dispose();
    };
  }, [conversation, post, store]);

  const messages = conversation.all;
  return (
    <div class="conversation-frame">
      <div class="conversation" ref={scroller} role="log" aria-label="Conversation" aria-live="off" tabIndex={0}>
        <div class="conversation-content" ref={content}>
          <Earlier conversation={conversation} scroller={scroller} />
          {messages.length === 0 && conversation.earlier.value === 0 && <EmptyState />}
          {messages.map((message) => (
            <MessageView key={message.number} message={message} conversation={conversation} />
          ))}
        </div>
      </div>
      {follower && <JumpToEnd follower={follower} />}
    </div>
  );
}

function JumpToEnd({ follower }: { readonly follower: Follower }): JSX.Element | null {
  if (follower.atEnd.value) return null;
  return (
    <button
      type="button"
      class="button jump"
      onClick={() => {
        follower.toEnd();
      }}
    >
      <Icon name="arrow-down" /> Jump to Latest
    </button>
  );
}

/** Asks for the page before when the top comes near; also a button, for the keyboard. */
function Earlier({
  conversation,
  scroller,
}: {
  readonly conversation: Conversation;
  readonly scroller: { readonly current: HTMLElement | null };
}): JSX.Element | null {
  const { post } = useChat();
  const button = useRef<HTMLButtonElement>(null);
  const asked = useRef(-1);
  const earlier = conversation.earlier.value;

  const ask = (): void => {
    const before = conversation.all[0]?.number ?? 0;
    if (asked.current === before) return;
    asked.current = before;
    post({ type: 'earlier', session: conversation.id, before });
  };
  useEffect(() => {
    if (!button.current || earlier === 0) return undefined;
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
  }, [earlier, conversation]);

  if (earlier === 0) return null;
  return (
    <button ref={button} type="button" class="link earlier" onClick={ask}>
      Show earlier messages ({earlier})
    </button>
  );
}
