import { signal, type Signal } from '@preact/signals';
import { DisposableStore, toDisposable, type Disposable } from '../../../src/base/disposable.js';
import type { ScrollPlace } from '../../../src/protocol/chat/toHost.js';

/** So near to the end, in pixels, the reader counts as being at it. */
const nearEnd = 24;

/** For so many frames a place that was kept is looked after until the messages around it have their sizes. */
const settleFrames = 12;
/** So many pixels of what comes before a message are shown when the reader is brought to it. */
const revealMargin = 24;
/** What a reader moves the conversation with. */
const hands = ['wheel', 'pointerdown', 'touchstart', 'keydown'] as const;

/**
 * Keeps the end of the conversation in view while the reader is there, and leaves the place alone otherwise. Growth is
 * noticed by a resize observer, which runs after layout and before paint: nothing is measured while events come in.
 */
export class Follower implements Disposable {
  /** Whether the reader is at the end. */
  readonly atEnd: Signal<boolean> = signal(true);
  readonly #scroller: HTMLElement;
  readonly #owned = new DisposableStore();
  readonly #onPlace: () => void;
  #lastTop = 0;
  #holding = 0;
  /** The reader was brought to a message: the end is not followed, even where it is in view, until they move by themselves. */
  #pinned = false;

  /**
   * @param scroller what scrolls
   * @param content what grows in it
   * @param onPlace told when the place has changed other than by following the end
   * @param onHand told when the reader begins to move it by themselves
   */
  constructor(scroller: HTMLElement, content: HTMLElement, onPlace: () => void, onHand: () => void) {
    this.#scroller = scroller;
    this.#onPlace = onPlace;
    const resized = new ResizeObserver(() => {
      if (this.atEnd.peek()) this.toEnd();
    });
    resized.observe(content);
    resized.observe(scroller);
    this.#owned.add(
      toDisposable(() => {
        resized.disconnect();
      }),
    );
    const hand = (): void => {
      this.#holding = 0;
      this.#pinned = false;
      onHand();
    };
    const scrolled = (): void => {
      this.#scrolled();
    };
    for (const type of hands) scroller.addEventListener(type, hand, { passive: true });
    scroller.addEventListener('scroll', scrolled, { passive: true });
    this.#owned.add(
      toDisposable(() => {
        this.#holding = 0;
        for (const type of hands) scroller.removeEventListener(type, hand);
        scroller.removeEventListener('scroll', scrolled);
      }),
    );
  }

  /** Goes to the end and follows from now on. */
  toEnd(): void {
    this.#pinned = false;
    this.atEnd.value = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#lastTop = this.#scroller.scrollTop;
  }

  /** Goes to a place that was kept before. @returns false when the message is not in the page */
  restore(place: ScrollPlace): boolean {
    if (place.atEnd) {
      this.toEnd();
      return true;
    }
    const message = this.#scroller.querySelector<HTMLElement>(`[data-message="${String(place.message)}"]`);
    if (!message) return false;
    this.atEnd.value = false;
    this.#hold(message, place.offset, settleFrames);
    return true;
  }

  /** Brings the reader to a message, and follows the end only when they go there. @returns its element, or null */
  reveal(number: number): HTMLElement | null {
    const message = this.#scroller.querySelector<HTMLElement>(`[data-message="${String(number)}"]`);
    if (!message) return null;
    this.#pinned = true;
    this.atEnd.value = false;
    this.#hold(message, -revealMargin, settleFrames);
    return message;
  }

  /**
   * Puts a message in its place, and again in the next frames: messages near the view are laid out only now, and turn
   * out higher or lower than was thought. The reader's hand ends it.
   */
  #hold(message: HTMLElement, offset: number, frames: number): void {
    this.#align(message, offset);
    this.#holding = frames;
    if (frames === 0) return;
    requestAnimationFrame(() => {
      if (this.#holding > 0 && message.isConnected) this.#hold(message, offset, frames - 1);
    });
  }

  #align(message: HTMLElement, offset: number): void {
    const { top } = this.#scroller.getBoundingClientRect();
    this.#scroller.scrollTop += message.getBoundingClientRect().top - top + offset;
    this.#lastTop = this.#scroller.scrollTop;
  }

  /** Where the reader is now. */
  place(): ScrollPlace {
    if (this.atEnd.peek()) return { atEnd: true, message: 0, offset: 0 };
    const top = this.#scroller.getBoundingClientRect().top;
    for (const message of this.#scroller.querySelectorAll<HTMLElement>('[data-message]')) {
      const box = message.getBoundingClientRect();
      if (box.bottom > top) {
        return { atEnd: false, message: Number(message.dataset['message']), offset: Math.round(top - box.top) };
      }
    }
    return { atEnd: true, message: 0, offset: 0 };
  }

  /** Ends the observation. */
  dispose(): void {
    this.#owned.dispose();
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const distance = scrollHeight - clientHeight - scrollTop;
    // Growth alone also makes a distance; only a reader who went up stops being at the end.
    if (distance <= nearEnd && !this.#pinned) this.atEnd.value = true;
    else if (scrollTop < this.#lastTop - 1) this.atEnd.value = false;
    const moved = scrollTop !== this.#lastTop;
    this.#lastTop = scrollTop;
    if (moved) this.#onPlace();
  }
}
