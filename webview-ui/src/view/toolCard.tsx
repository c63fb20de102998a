import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ToolBlock, ToolState } from '../../../src/protocol/session/transcript.js';
import type { Conversation } from '../state/conversation.js';
import { duration } from '../text/format.js';
import { useChat } from './context.js';
import { Icon, type IconName } from './icon.js';
import { describeTool } from './toolKinds.js';
import { ToolInput } from './toolInput.js';
import { ToolResult } from './toolResult.js';
import { Visible } from './visible.js';

const states: Readonly<Record<ToolState, { readonly icon: IconName; readonly text: string }>> = {
  input: { icon: 'loading', text: 'Preparing' },
  running: { icon: 'loading', text: 'Running' },
  awaiting: { icon: 'shield', text: 'Waiting for permission' },
  done: { icon: 'check', text: 'Done' },
  failed: { icon: 'error', text: 'Failed' },
  denied: { icon: 'circle-slash', text: 'Denied' },
  canceled: { icon: 'circle-slash', text: 'Canceled' },
};

/** A tool use: what it is, how far it is, its input and result, and what its subagent did. */
export function ToolCard({
  tool,
  conversation,
  children,
}: {
  readonly tool: ToolBlock;
  readonly conversation: Conversation;
  /** Draws the tool's own children. */
  readonly children: () => JSX.Element;
}): JSX.Element {
  conversation.watch(tool);
  const { store } = useChat();
  const kind = describeTool(tool, store.header.value?.folder.path);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? !(kind.folded && tool.state === 'done');
  const state = states[tool.state];
  const body = `tool-${tool.key}`;
  return (
    <div class={`tool tool-${tool.state}`} role="group" aria-label={`Tool: ${tool.name === '' ? '…' : tool.name}`}>
      <button
        type="button"
        class="tool-head"
        aria-expanded={open}
        aria-controls={open ? body : undefined}
        onClick={() => {
          setChosen(!open);
        }}
      >
        <span class={`icon icon-chevron-right chevron ${open ? 'open' : ''}`} aria-hidden="true" />
        <Icon name={kind.icon} />
        <span class="tool-name">{tool.name}</span>
        <span class="tool-title" title={kind.title}>
          <Visible text={kind.title} />
        </span>
        <span class="tool-state">
          <Icon name={state.icon} />
          <span class="tool-state-text">{state.text}</span>
          {tool.state === 'running' && tool.elapsedSeconds >= 2 && (
            <span class="tool-elapsed">{duration(tool.elapsedSeconds * 1000)}</span>
          )}
        </span>
      </button>
      {open && (
        <div class="tool-body" id={body}>
          <ToolInput tool={tool} />
          {tool.state === 'denied' && tool.deniedReason !== null && tool.deniedReason !== '' && (
            <p class="tool-reason">
              <strong>Reason:</strong> <Visible text={tool.deniedReason} />
            </p>
          )}
          {tool.children.length > 0 && <div class="tool-children">{children()}</div>}
          <ToolResult tool={tool} session={conversation.id} />
        </div>
      )}
    </div>
  );
}
