import { createContext, type JSX } from 'preact';
import { useContext, useLayoutEffect, useRef } from 'preact/hooks';
import { effect } from '@preact/signals';
import type { Disposable } from '../../../src/base/disposable.js';
import type { ProseBlock } from '../../../src/protocol/session/transcript.js';
import { ProsePainter } from '../markdown/prosePainter.js';
import type { Conversation } from '../state/conversation.js';
import { useChat } from './context.js';

/** Whether texts are painted at once because they are likely in view, or when there is time. */
export const PaintAtOnce = createContext(true);

/**
 * A block of Markdown. The component is rendered once; what is added is painted straight into its element, in the same
 * task in which the events came.
 */
export function Prose({
  block,
  conversation,
}: {
  readonly block: ProseBlock;
  readonly conversation: Conversation;
}): JSX.Element {
  const { markdown, paints } = useChat();
  const atOnce = useContext(PaintAtOnce);
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    let painter: ProsePainter | null = null;
    let waiting: Disposable | null = null;
    const stop = effect(() => {
      const { text, streaming } = conversation.watch(block);
      const kit = markdown.value;
      const paint = (): void => {
        if (!kit) return;
        if (!painter) {
          target.replaceChildren();
          target.classList.remove('raw');
          painter = new ProsePainter(target, kit);
        }
        painter.update(text, !streaming);
      };
      waiting?.dispose();
      if (kit && (painter !== null || streaming || atOnce)) paint();
      else {
        target.textContent = text;
        target.classList.add('raw');
        if (kit) waiting = paints.add(target, paint);
      }
    });
    return () => {
      stop();
      waiting?.dispose();
      painter?.dispose();
    };
  }, [block, conversation, markdown]);
  return <div class="prose" ref={element} />;
}

/** Markdown that does not change, such as a plan. */
export function StaticProse({ text }: { readonly text: string }): JSX.Element {
  const { markdown } = useChat();
  const element = useRef<HTMLDivElement>(null);
  const kit = markdown.value;
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    target.replaceChildren();
    if (kit) new ProsePainter(target, kit).update(text, true);
    else target.textContent = text;
  }, [text, kit]);
  return <div class="prose" ref={element} />;
}
