import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Block, ProseBlock } from '../../../src/protocol/session/transcript.js';
import type { Conversation } from '../state/conversation.js';
import { Card } from './card.js';
import { Prose } from './prose.js';
import { ToolCard } from './toolCard.js';

/** Blocks in order. Whoever shows them watches the message or tool whose list it is, as it is changed in place. */
export function Blocks({
  blocks,
  conversation,
}: {
  readonly blocks: readonly Block[];
  readonly conversation: Conversation;
}): JSX.Element {
  return (
    <>
      {blocks.map((block) => (
        <BlockView key={block.key} block={block} conversation={conversation} />
      ))}
    </>
  );
}

function BlockView({
  block,
  conversation,
}: {
  readonly block: Block;
  readonly conversation: Conversation;
}): JSX.Element {
  switch (block.type) {
    case 'text':
      return <Prose block={block} conversation={conversation} />;
    case 'thinking':
      return <Thinking block={block} conversation={conversation} />;
    case 'tool':
      return (
        <ToolCard tool={block} conversation={conversation}>
          {() => <Blocks blocks={block.children} conversation={conversation} />}
        </ToolCard>
      );
    case 'error':
    case 'notice':
      return <Card level={block.level} explanation={block.explanation} session={conversation.id} />;
  }
}

/** Folded; what is in it is rendered only while it is open. */
function Thinking({
  block,
  conversation,
}: {
  readonly block: ProseBlock;
  readonly conversation: Conversation;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details
      class="thinking"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        <ThinkingLabel block={block} conversation={conversation} />
      </summary>
      {open && <Prose block={block} conversation={conversation} />}
    </details>
  );
}

function ThinkingLabel({
  block,
  conversation,
}: {
  readonly block: ProseBlock;
  readonly conversation: Conversation;
}): JSX.Element {
  return <>{conversation.watch(block).streaming ? 'Thinking…' : 'Thought'}</>;
}
