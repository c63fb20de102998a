import type { JSX } from 'preact';
import type { AssistantMessage, Message, UserMessage } from '../../../src/protocol/session/transcript.js';
import type { Conversation } from '../state/conversation.js';
import { duration, usageDetail, usageLine } from '../text/format.js';
import { Blocks } from './blocks.js';
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
    <UserView message={message} />
  ) : (
    <AssistantView message={message} conversation={conversation} />
  );
}

function UserView({ message }: { readonly message: UserMessage }): JSX.Element {
  return (
    <article class="message user" aria-label={`You, message ${message.number}`} data-message={message.number}>
      <MessageBar name="You" number={message.number} />
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
  return (
    <article
      class={`message assistant ${message.state}`}
      aria-label={`Claude, message ${message.number}`}
      aria-busy={message.state === 'streaming'}
      data-message={message.number}
    >
      <MessageBar name="Claude" number={message.number} />
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

function MessageBar({ name, number }: { readonly name: string; readonly number: number }): JSX.Element {
  return (
    <div class="message-bar">
      <span class="message-name">{name}</span>
      <button
        type="button"
        class="icon-button"
        title="Copy message"
        aria-label={`Copy message ${number}`}
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
