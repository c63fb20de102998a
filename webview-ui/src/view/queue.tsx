import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QueuedMessage, SessionHeader } from '../../../src/protocol/chat/toView.js';
import { useChat } from './context.js';
import { doneWords, type QueueAction, type QueuePlace } from './queueControls.js';
import { QueuedItem } from './queuedItem.js';
import { useQueueFocus } from './queueFocus.js';

/** The messages that were not delivered yet, in the order in which they will be. */
export function Queue({ header }: { readonly header: SessionHeader }): JSX.Element {
  const { post, store } = useChat();
  const { id: session, queue, queueHeld, state } = header;
  const running = state === 'running' || state === 'waiting' || state === 'stopping';
  // Only what the user does here is said; what happens by itself is said where it happens.
  const [said, say] = useState('');
  const focus = useQueueFocus(() => {
    store.focusRequests.value += 1;
  });

  const act = ({ id, cut }: QueuedMessage, at: QueuePlace, action: QueueAction): void => {
    say(doneWords(action, at));
    switch (action) {
      case 'edit':
        if (cut === true) post({ type: 'unqueue', session, id, edit: true });
        else post({ type: 'queueDo', session, id, action: 'beginEdit' });
        return;
      case 'up':
      case 'down':
        post({ type: 'queueMove', session, id, to: at.place + (action === 'up' ? -1 : 1) });
        return;
      case 'remove':
        post({ type: 'unqueue', session, id, edit: false });
        return;
      default:
        post({ type: 'queueDo', session, id, action });
    }
  };
  const finishEdit = (id: string, words: string): void => {
    focus.wish(id, 'edit');
    say(words);
  };

  return (
    <>
      <p class="for-readers" role="status">
        {said}
      </p>
      {queue.length > 0 && (
        <section class="queue" aria-label="Queue">
          <div class="queue-head">
            <span>{headWords(queue, queueHeld, running)}</span>
            {queue.some((each) => each.state !== 'held') && (
              <button
                type="button"
                class="link-button"
                title="Send none of them until you say so"
                onClick={() => {
                  say('All queued messages are held.');
                  post({ type: 'holdQueue', session });
                }}
              >
                Hold All
              </button>
            )}
            {queueHeld && (
              <button
                type="button"
                class="link-button"
                title="Send what is held, one message after the other"
                onClick={() => {
                  say('Nothing is held any more.');
                  post({ type: 'sendQueue', session });
                }}
              >
                Send Queue
              </button>
            )}
          </div>
          <ul
            ref={focus.list}
            aria-label="Queued messages"
            role="list"
            onFocusIn={focus.onFocusIn}
            onFocusOut={focus.onFocusOut}
          >
            {queue.map((message, place) => {
              const { id } = message;
              const at = { place, count: queue.length, running };
              return (
                <QueuedItem
                  key={id}
                  message={message}
                  at={at}
                  act={(action) => {
                    act(message, at, action);
                  }}
                  save={(text) => {
                    finishEdit(id, 'Changed.');
                    post({ type: 'queueEdit', session, id, text });
                  }}
                  cancel={() => {
                    finishEdit(id, 'Not changed.');
                    post({ type: 'queueDo', session, id, action: 'endEdit' });
                  }}
                />
              );
            })}
          </ul>
        </section>
      )}
    </>
  );
}

function headWords(queue: readonly QueuedMessage[], held: boolean, running: boolean): string {
  const count = queue.length === 1 ? '1 message' : `${queue.length} messages`;
  if (!held) return running ? `${count} waiting` : `${count} to send`;
  const isHeld = queue.filter((each) => each.state === undefined || each.state === 'held').length;
  return isHeld === queue.length ? `${count} held` : `${queue.length} queued, ${isHeld} held`;
}
