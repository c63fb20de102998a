import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { pageSize as hostPageSize } from '../../../src/core/session/history.js';

/** The type holds the number to the host's without loading the host's code. */
const pageSize: typeof hostPageSize = 100;

/** What of the conversation is not here between two messages. It is asked for when the reader comes near, from their side. */
export function Gap({
  first,
  end,
  scroller,
  ask,
}: {
  /** Number of the first message that is missing. */
  readonly first: number;
  /** Number of the first one that is here again. */
  readonly end: number;
  readonly scroller: { readonly current: HTMLElement | null };
  /** Asks for the page before a message, by its number. */
  readonly ask: (before: number) => void;
}): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const near = entries.findLast((entry) => entry.isIntersecting);
        if (near) ask(isBelow(near) ? Math.min(first + pageSize, end) : end);
      },
      { root: scroller.current, rootMargin: '600px 0px 600px 0px' },
    );
    observer.observe(button.current);
    return () => {
      observer.disconnect();
    };
  }, [first, end, ask, scroller]);
  return (
    <button
      ref={button}
      type="button"
      class="link earlier gap"
      onClick={() => {
        ask(Math.min(first + pageSize, end));
      }}
    >
      Show the messages between ({end - first})
    </button>
  );
}

/** Whether the reader is above it, as far as one can tell: it is in the lower half of what is seen, or below that. */
function isBelow({ boundingClientRect, rootBounds }: IntersectionObserverEntry): boolean {
  const middle = rootBounds ? (rootBounds.top + rootBounds.bottom) / 2 : 0;
  return boundingClientRect.top > middle;
}
