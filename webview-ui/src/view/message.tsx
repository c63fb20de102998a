import type { JSX } from 'preact';
import type { AssistantMessage, Message, UserMessage } from '../../../src/protocol/session/transcript.js';
import type { Conversation } from '../state/conversation.js';
import { duration, usageDetail, usageLine } from '../text/format.js';
import { Blocks } from './blocks.js';
import { useChat } from './context.js';
import { Foldable } from './foldable.js';
import { Icon } from './icon.js';

/** A message of the conversation. Drawn again only when its own fields or its list of blocks change. */
export function MessageView({
  message,
  conversation,
}: {
  readonly message: Message;
  readonly conversation: Conversation;
}): JSX.Element {
  return message.role === 'user' ? (
    <UserView message={message} conversation={conversation} />
  ) : (
    <AssistantView message={message} conversation={conversation} />
  );
}

function UserView({
  message,
  conversation,
}: {
  readonly message: UserMessage;
  readonly conversation: Conversation;
}): JSX.Element {
  const ordinal = conversation.ordinal(message);
  return (
    <article class="message user" aria-label={labelOf('You', ordinal)} data-message={message.number}>
      <MessageBar name="You" message={message} conversation={conversation} />
      <div class="user-text">
        <Foldable text={message.text} label="Your message" kind="user" />
      </div>
    </article>
  );
}

function AssistantView({
  message,
  conversation,
}: {
  readonly message: AssistantMessage;
  readonly conversation: Conversation;
}): JSX.Element {
  conversation.watch(message);
  const ordinal = conversation.ordinal(message);
  return (
    <article
      class={`message assistant ${message.state}`}
      aria-label={labelOf('Claude', ordinal)}
      aria-busy={message.state === 'streaming'}
      data-message={message.number}
    >
      <MessageBar name="Claude" message={message} conversation={conversation} />
      <Blocks blocks={message.blocks} conversation={conversation} />
      {message.state === 'canceled' && (
        <p class="ended">
          <Icon name="circle-slash" /> Stopped
        </p>
      )}
      {message.state !== 'streaming' && <TurnLine message={message} />}
    </article>
  );
}

/** A message's name, with its number where that is known: the conversation's beginning may not have been read. */
function labelOf(name: string, ordinal: number | null): string {
  return ordinal === null ? name : `${name}, message ${ordinal}`;
}

function MessageBar({
  name,
  message,
  conversation,
}: {
  readonly name: string;
  readonly message: Message;
  readonly conversation: Conversation;
}): JSX.Element {
  const { post } = useChat();
  const ordinal = conversation.ordinal(message);
  const place = { session: conversation.id, message: message.number };
  return (
    <div class="message-bar">
      <span class="message-name">{name}</span>
      {message.role === 'user' && (
        <button
          type="button"
          class="icon-button"
          title="Edit and resend: a new session without this message and what followed, to say it in another way"
          aria-label="Edit and Resend"
          onClick={() => {
            post({ type: 'editAndResend', ...place });
          }}
        >
          <Icon name="edit" />
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        title="Fork from here: a new session with everything up to this message"
        aria-label="Fork from Here"
        onClick={() => {
          post({ type: 'fork', ...place });
        }}
      >
        <Icon name="repo-forked" />
      </button>
      {(message.uuid ?? '') !== '' && (
        <button
          type="button"
          class="icon-button"
          title="Copy Link"
          aria-label={ordinal === null ? 'Copy Link' : `Copy Link to message ${ordinal}`}
          data-copy="link"
        >
          <Icon name="link" />
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        title="Copy message"
        aria-label={ordinal === null ? 'Copy message' : `Copy message ${ordinal}`}
        data-copy="message"
      >
        <Icon name="copy" />
      </button>
    </div>
  );
}

function TurnLine({ message }: { readonly message: AssistantMessage }): JSX.Element | null {
  const { usage } = message;
  const { input, output, cacheRead, cacheWrite } = usage.tokens;
  if (usage.durationMs === 0 && input + output + cacheRead + cacheWrite === 0) return null;
  return (
    <p class="turn-line" title={usageDetail(usage)}>
      {usageLine(usage)} · {duration(usage.durationMs)}
    </p>
  );
}
