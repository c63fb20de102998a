import { toDisposable, type Disposable } from '../../../src/base/disposable.js';
import { IdleMoment } from '../idle.js';

/**
 * Paints texts that are not in view when they come near it, or in idle moments before. Opening a long conversation then
 * costs what is seen of it; until a text is painted its element holds it as it is, for those who search or listen.
 */
export class PaintQueue implements Disposable {
  readonly #waiting = new Map<Element, () => void>();
  readonly #observer: IntersectionObserver;
  #idle: number | null = null;

  constructor() {
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) this.#paint(target);
      },
      { rootMargin: '1000px' },
    );
  }

  /**
   * Takes a text that is to be painted later.
   * @param element where it will be
   * @param paint paints it; called once at most
   * @returns what takes it back
   */
  add(element: Element, paint: () => void): Disposable {
    this.#waiting.set(element, paint);
    this.#observer.observe(element);
    this.#idle ??= requestIdleCallback(this.#work);
    return toDisposable(() => {
      this.#waiting.delete(element);
      this.#observer.unobserve(element);
    });
  }

  /** Paints nothing more. */
  dispose(): void {
    if (this.#idle !== null) cancelIdleCallback(this.#idle);
    this.#idle = null;
    this.#waiting.clear();
    this.#observer.disconnect();
  }

  readonly #work = (deadline: IdleDeadline): void => {
    this.#idle = null;
    const moment = new IdleMoment(deadline);
    for (const element of this.#waiting.keys()) {
      if (!moment.lasts) break;
      this.#paint(element);
    }
    if (this.#waiting.size > 0) this.#idle = requestIdleCallback(this.#work);
  };

  #paint(element: Element): void {
    const paint = this.#waiting.get(element);
    this.#waiting.delete(element);
    this.#observer.unobserve(element);
    paint?.();
  }
}
