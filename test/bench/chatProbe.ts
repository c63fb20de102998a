import type { Frame, JSHandle } from 'playwright-core';
import { marks } from './modelScript.js';

/** What happened in the chat view in one turn, in milliseconds from the click on Send. */
export interface PaintTimes {
  /** The view's own code began to handle the click. */
  readonly handled: number;
  /** The first frame that shows text of the answer was painted. */
  readonly first: number;
  /** The first frame that shows the answer's last word was painted. */
  readonly last: number;
  /** The longest task of the chat view that the Long Tasks API reported while the answer came in; 0 when none took 50 ms. */
  readonly longTask: number;
  /** The same of the editor's own page, where that runs on the same thread. */
  readonly editorTask: number;
  /** The longest time for which a timer and a message to oneself were kept waiting, less the timer's own 4 ms. */
  readonly longestGap: number;
}

/** Lives in the chat view's frame. */
interface Probe {
  arm(watchGaps: boolean): void;
  readonly done: Promise<PaintTimes>;
}

/**
 * Sees, from inside the chat view's frame and without the view's own help, when an answer is painted.
 *
 * The clock is the frame's. It starts with the `timeStamp` of the `click` event: when the browser got the mouse button's
 * release, before any script ran. Text counts as painted in the task after the frame whose callback ran after the text
 * came into the document: a mutation observer sees it, asks for an animation frame, and posts a message in it, which
 * arrives when that frame has been laid out and painted.
 */
export class ChatProbe {
  readonly #frame: Frame;
  readonly #handle: JSHandle<Probe>;

  private constructor(frame: Frame, handle: JSHandle<Probe>) {
    this.#frame = frame;
    this.#handle = handle;
  }

  /** Puts a probe into a chat view. @param frame the chat view's, see `Workbench.chatContext` */
  static async install(frame: Frame): Promise<ChatProbe> {
    // The loader that runs this file wraps functions in a call that names them.
    await frame.evaluate('globalThis.__name ??= (target) => target');
    return new ChatProbe(frame, await frame.evaluateHandle(createProbe, marks.last));
  }

  /**
   * Watches one turn.
   * @param send clicks on Send
   * @param watchGaps also look how long the thread is kept busy, which costs it a little
   * @throws Error when the answer is not there within a minute
   */
  async turn(send: () => Promise<void>, watchGaps = false): Promise<PaintTimes> {
    await this.#handle.evaluate((probe, gaps) => probe.arm(gaps), watchGaps);
    await send();
    return this.#handle.evaluate((probe) => probe.done);
  }

  /** Waits until no turn runs and the view is at rest. */
  async untilIdle(): Promise<void> {
    await this.#frame.locator('button[aria-label="Stop"]').waitFor({ state: 'detached' });
  }
}

function createProbe(lastWord: string): Probe {
  const limitMs = 60_000;
  let done: Promise<PaintTimes> = Promise.reject(new Error('The probe was not armed'));
  done.catch(() => undefined);

  const afterPaint = (): Promise<number> =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          channel.port1.close();
          resolve(performance.now());
        };
        channel.port2.postMessage(null);
      });
    });

  const clicked = (): Promise<{ at: number; handled: number }> =>
    new Promise((resolve) => {
      const listener = (event: MouseEvent): void => {
        removeEventListener('click', listener, true);
        resolve({ at: event.timeStamp, handled: performance.now() });
      };
      addEventListener('click', listener, true);
    });

  /** Resolves in the microtask after the task that put the text into an answer begun from now on. */
  const shown = (isThere: (answer: Element) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const log = document.querySelector('[role=log]');
      if (!log) throw new Error('There is no conversation');
      const prose = log.getElementsByClassName('prose');
      const before = prose.length;
      const observer = new MutationObserver(() => {
        const newest = prose.length > before ? prose[prose.length - 1] : undefined;
        if (!newest || !isThere(newest)) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(log, { childList: true, characterData: true, subtree: true });
    });

  const hasText = (answer: Element): boolean => answer.textContent !== '';
  /** Looks at the last paragraph only, which costs little however long the answer is. */
  const hasEnd = (answer: Element): boolean => answer.lastElementChild?.textContent.includes(lastWord) === true;

  const watchGaps = (): (() => number) => {
    let longest = 0;
    let before = performance.now();
    let timer = 0;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const now = performance.now();
      longest = Math.max(longest, now - before - 4);
      before = now;
      timer = window.setTimeout(() => channel.port2.postMessage(null), 4);
    };
    channel.port2.postMessage(null);
    return () => {
      clearTimeout(timer);
      channel.port1.close();
      return longest;
    };
  };

  const run = async (gaps: boolean): Promise<PaintTimes> => {
    let longTask = 0;
    let editorTask = 0;
    const take = (entries: PerformanceEntryList): void => {
      for (const { name, duration } of entries) {
        if (name.includes('ancestor')) editorTask = Math.max(editorTask, duration);
        else longTask = Math.max(longTask, duration);
      }
    };
    const tasks = new PerformanceObserver((list) => take(list.getEntries()));
    tasks.observe({ type: 'longtask' });
    const endGaps = gaps ? watchGaps() : () => 0;
    try {
      const [click, first, last] = await Promise.all([
        clicked(),
        shown(hasText).then(afterPaint),
        shown(hasEnd).then(afterPaint),
      ]);
      take(tasks.takeRecords());
      const { at, handled } = click;
      return { handled: handled - at, first: first - at, last: last - at, longTask, editorTask, longestGap: endGaps() };
    } finally {
      endGaps();
      tasks.disconnect();
    }
  };

  return {
    arm(gaps) {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error('The answer was not painted within a minute')), limitMs);
      });
      done = Promise.race([run(gaps), late]);
      done.catch(() => undefined);
    },
    get done() {
      return done;
    },
  };
}
