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
  readonly #onTrouble: (error: unknown) => void;
  readonly #owned = new DisposableStore();
  readonly #observer: IntersectionObserver;
  readonly #waiting: HTMLElement[] = [];
  #painter: Painter | null = null;
  #running = false;

  /**
   * @param blocks where the code of an element is found
   * @param onTrouble told why code could not be coloured; without colours it is still code
   */
  constructor(blocks: CodeBlocks, onTrouble: (error: unknown) => void) {
    this.#blocks = blocks;
    this.#onTrouble = onTrouble;
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
      .catch(this.#onTrouble)
      .finally(() => {
        this.#running = false;
      });
  }

  async #all(): Promise<void> {
    await IdleMoment.next();
    const painter: Painter =
      this.#painter ?? (await import('./highlighter.js').then(({ createPainter }) => createPainter()));
    this.#painter = painter;
    for (let element = this.#waiting.shift(); element; element = this.#waiting.shift()) {
      const block = this.#blocks.get(element);
      if (block && element.isConnected) await painter.paint(element, block.text()).catch(this.#onTrouble);
    }
  }
}
