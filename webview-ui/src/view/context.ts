import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ReadonlySignal } from '@preact/signals';
import type { ToHost } from '../../../src/protocol/chat/toHost.js';
import type { MarkdownKit } from '../markdown/prosePainter.js';
import type { PaintQueue } from '../markdown/paintQueue.js';
import type { ChatStore } from '../state/chatStore.js';

/** What every part of the view may use. */
export interface Chat {
  readonly store: ChatStore;
  /** Sends a message to the host. */
  readonly post: (message: ToHost) => void;
  /** Null until the Markdown code is loaded; text is shown as it is until then. */
  readonly markdown: ReadonlySignal<MarkdownKit | null>;
  /** Texts that are painted when there is time. */
  readonly paints: PaintQueue;
}

/** Gives `Chat` to the components below; null outside of the view. */
export const ChatContext = createContext<Chat | null>(null);

/** The chat that a component belongs to. @throws when used outside of the view */
export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error('Used outside of the chat view');
  return chat;
}
