import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Where the focus was in the list: which message, which of its controls, and the message's place. */
interface FocusPlace {
  readonly id: string;
  readonly control: string;
  readonly index: number;
}

/** What keeps the focus in a list whose items come, go and move by themselves. */
interface QueueFocus {
  readonly list: RefObject<HTMLUListElement | null>;
  readonly onFocusIn: (event: FocusEvent) => void;
  readonly onFocusOut: (event: FocusEvent) => void;
  /** Has a control of a message focused when it is there. */
  readonly wish: (id: string, control: string) => void;
}

/**
 * Keeps the focus where the user has it: with a message that moves, at the place of one that goes, in the composer when the last
 * one has gone. What the user focuses elsewhere is left alone.
 * @param leave focuses the composer
 */
export function useQueueFocus(leave: () => void): QueueFocus {
  const list = useRef<HTMLUListElement>(null);
  const place = useRef<FocusPlace | null>(null);
  const items = (): readonly HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>('li') ?? [])];

  useLayoutEffect(() => {
    const last = place.current;
    if (last === null) return;
    const active = document.activeElement;
    const isElsewhere = active !== null && active !== document.body && list.current?.contains(active) !== true;
    const all = items();
    const item = all.find((each) => each.dataset['id'] === last.id) ?? all[Math.min(last.index, all.length - 1)];
    if (isElsewhere || !item) {
      place.current = null;
      if (!isElsewhere) leave();
      return;
    }
    place.current = { ...last, index: all.indexOf(item) };
    const control = controlIn(item, last.control);
    if (control !== active) control?.focus();
  });

  return {
    list,
    onFocusIn: ({ target }) => {
      place.current = placeOf(target);
    },
    onFocusOut: ({ relatedTarget, target }) => {
      if (relatedTarget instanceof Node && list.current?.contains(relatedTarget) === true) return;
      // A control that is drawn elsewhere loses the focus as well; that is looked after when the drawing is done.
      queueMicrotask(() => {
        const isGone = target instanceof Node && !target.isConnected;
        if (!isGone && list.current?.contains(document.activeElement) !== true) place.current = null;
      });
    },
    wish: (id, control) => {
      place.current = { id, control, index: items().findIndex((item) => item.dataset['id'] === id) };
    },
  };
}

function placeOf(target: EventTarget | null): FocusPlace | null {
  if (!(target instanceof HTMLElement)) return null;
  const item = target.closest<HTMLElement>('li');
  const id = item?.dataset['id'];
  if (!item || id === undefined) return null;
  const index = [...(item.parentElement?.children ?? [])].indexOf(item);
  return { id, control: target.dataset['control'] ?? '', index };
}

/** The control of that name, or what is there in its place. */
function controlIn(item: HTMLElement, control: string): HTMLElement | null {
  const controls = [...item.querySelectorAll<HTMLElement>('[data-control]')];
  return controls.find((each) => each.dataset['control'] === control) ?? controls[0] ?? null;
}
