import type { JSX } from 'preact';
import type { SessionHeader } from '../../../src/protocol/chat/toView.js';
import { useChat } from './context.js';
import { Icon } from './icon.js';
import { Visible } from './visible.js';

/** The messages that wait for the running turn to end, or to be sent again after it was stopped. */
export function Queue({ header }: { readonly header: SessionHeader }): JSX.Element | null {
  const { post, store } = useChat();
  if (header.queue.length === 0) return null;
  const session = header.id;
  return (
    <div class="queue">
      <div class="queue-head">
        <span>{header.queueHeld ? 'Held: the last turn did not complete' : 'Next, when this turn is over'}</span>
        {header.queueHeld && (
          <button
            type="button"
            class="button secondary"
            onClick={() => {
              post({ type: 'sendQueue', session });
            }}
          >
            Send Queue
          </button>
        )}
      </div>
      <ul aria-label="Queued messages" role="list">
        {header.queue.map(({ id, text }) => (
          <li key={id} role="listitem">
            <span class="queue-text" dir="auto">
              <Visible text={text.slice(0, 300)} />
            </span>
            <button
              type="button"
              class="icon-button"
              title="Edit: take it back into the message box"
              aria-label="Edit"
              onClick={() => {
                post({ type: 'unqueue', session, id, edit: true });
              }}
            >
              <Icon name="edit" />
            </button>
            <button
              type="button"
              class="icon-button"
              title="Remove"
              aria-label="Remove"
              onClick={() => {
                post({ type: 'unqueue', session, id, edit: false });
                store.focusRequests.value += 1;
              }}
            >
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
