import type { Frame, Page } from 'playwright-core';

const limitMs = 20_000;

/**
 * Sees when a conversation that was clicked on in the editor's tree is painted in the chat view.
 *
 * Time starts with the `timeStamp` of the `click` event in the editor's page. The end is in the chat view's frame: a
 * mutation observer sees the message come into the document, and a message posted in the next animation frame arrives
 * when that frame was laid out and painted. Both clocks are counted from 1970 by their `timeOrigin`, which a browser
 * takes from one clock for all its frames.
 * @param page the editor's page
 * @param chat the chat view's frame
 * @param mark what the last prompt of the conversation, and of no other, says
 * @param click clicks on the row
 * @returns milliseconds
 * @throws Error when it is not painted within 20 s, or not where it can be seen
 */
export async function timeToPainted(
  page: Page,
  chat: Frame,
  mark: string,
  click: () => Promise<void>,
): Promise<number> {
  for (const each of [page, chat]) await each.evaluate('globalThis.__name ??= (target) => target');
  const clicked = await page.evaluateHandle(() => ({
    at: new Promise<number>((resolve) => {
      addEventListener('click', (event) => resolve(performance.timeOrigin + event.timeStamp), {
        capture: true,
        once: true,
      });
    }),
  }));
  const painted = await chat.evaluateHandle(watch, { mark, limitMs });
  await click();
  const [start, end] = await Promise.all([clicked.evaluate(({ at }) => at), painted.evaluate(({ at }) => at)]);
  return end - start;
}

/** Runs in the chat view's frame. */
function watch({ mark, limitMs: limit }: { mark: string; limitMs: number }): { readonly at: Promise<number> } {
  const find = (): Element | undefined => {
    // The last few only: to look at all of them with every change would cost what is measured.
    const messages = [...document.querySelectorAll('[role=log] article')].slice(-3);
    return messages.find((message) => message.textContent.includes(mark));
  };
  const at = new Promise<number>((resolve, reject) => {
    setTimeout(() => reject(new Error(`“${mark}” was not painted`)), limit);
    const observer = new MutationObserver(() => {
      if (!find()) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          const now = performance.timeOrigin + performance.now();
          channel.port1.close();
          const box = document.querySelector('[role=log] article:last-of-type')?.getBoundingClientRect();
          const isSeen = find() !== undefined && box !== undefined && box.bottom > 0 && box.top < innerHeight;
          if (isSeen) resolve(now);
          else reject(new Error(`“${mark}” was painted where it cannot be seen`));
        };
        channel.port2.postMessage(null);
      });
    });
    observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  });
  at.catch(() => undefined);
  return { at };
}
