import { toDisposable, DisposableStore, type Disposable } from '../../../src/base/disposable.js';
import { IdleMoment } from '../idle.js';
import type { CodeBlocks } from '../markdown/codeBlock.js';
import type { Painter } from './highlighter.js';

/**
 * Colours code when there is time: only blocks that are in or near the view, and in idle moments. The highlighter itself
 * is loaded when the first such block is seen.
 */
export class CodeColours implements Disposable {
  readonly #blocks: CodeBlocks;
  readonly #owned = new DisposableStore();
  readonly #observer: IntersectionObserver;
  readonly #waiting: HTMLElement[] = [];
  #painter: Promise<Painter> | null = null;
  #running = false;

  /** @param blocks where the code of an element is found */
  constructor(blocks: CodeBlocks) {
    this.#blocks = blocks;
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting || !(target instanceof HTMLElement)) continue;
          this.#observer.unobserve(target);
          this.#waiting.push(target);
        }
        this.#run();
      },
      { rootMargin: '400px' },
    );
    this.#owned.add(
      toDisposable(() => {
        this.#observer.disconnect();
      }),
    );
  }

  /** Takes a code block whose code is complete. */
  add(element: HTMLElement): void {
    this.#observer.observe(element);
  }

  /** Ends colouring. */
  dispose(): void {
    this.#waiting.length = 0;
    this.#owned.dispose();
  }

  #run(): void {
    if (this.#running || this.#waiting.length === 0) return;
    this.#running = true;
    this.#all()
      .catch(() => {
        // Code without colours is still code; the next block tries again.
        this.#painter = null;
      })
      .finally(() => {
        this.#running = false;
      })
      .catch(() => undefined);
  }

  async #all(): Promise<void> {
    await IdleMoment.next();
    this.#painter ??= import('./highlighter.js').then(({ createPainter }) => createPainter());
    const painter = await this.#painter;
    for (let element = this.#waiting.shift(); element; element = this.#waiting.shift()) {
      const block = this.#blocks.get(element);
      if (block && element.isConnected) await painter.paint(element, block.text());
    }
  }
}
