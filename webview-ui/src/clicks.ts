import { DisposableStore, toDisposable, type Disposable } from '../../src/base/disposable.js';
import type { Message } from '../../src/protocol/session/transcript.js';
import type { HostPort } from './host/hostPort.js';
import type { CodeBlocks } from './markdown/codeBlock.js';
import { plainText } from './state/plainText.js';
import type { ChatStore } from './state/chatStore.js';

/** How long a copy button shows that it worked, in milliseconds. */
const copiedMs = 1500;

/**
 * Answers clicks and the Enter key on what is rendered from Markdown: links, file names and copy buttons. One listener
 * for all, as that HTML has no handlers of its own.
 */
export class Clicks implements Disposable {
  readonly #host: HostPort;
  readonly #store: ChatStore;
  readonly #blocks: CodeBlocks;
  readonly #owned = new DisposableStore();

  /**
   * @param root listened on
   * @param host where links are opened
   * @param store the conversation behind them
   * @param blocks the code behind copy buttons
   */
  constructor(root: HTMLElement, host: HostPort, store: ChatStore, blocks: CodeBlocks) {
    this.#host = host;
    this.#store = store;
    this.#blocks = blocks;
    const clicked = (event: MouseEvent): void => {
      if (this.#activate(event.target)) event.preventDefault();
    };
    const pressed = (event: KeyboardEvent): void => {
      const link = event.key === 'Enter' && event.target instanceof Element && event.target.matches('a[role=link]');
      if (link && this.#activate(event.target)) event.preventDefault();
    };
    root.addEventListener('click', clicked);
    root.addEventListener('keydown', pressed);
    this.#owned.add(
      toDisposable(() => {
        root.removeEventListener('click', clicked);
        root.removeEventListener('keydown', pressed);
      }),
    );
  }

  /** Ends listening. */
  dispose(): void {
    this.#owned.dispose();
  }

  #activate(target: EventTarget | null): boolean {
    if (!(target instanceof Element)) return false;
    const element = target.closest<HTMLElement>('[data-href], [data-file], [data-copy]');
    if (!element) return false;
    const { href, file, copy } = element.dataset;
    if (href !== undefined) this.#host.post({ type: 'openLink', href });
    else if (file !== undefined) this.#openFile(file);
    else if (copy !== undefined) this.#copy(element, copy);
    return true;
  }

  #openFile(path: string): void {
    const session = this.#store.header.peek()?.id;
    if (session !== undefined) this.#host.post({ type: 'openFile', session, path });
  }

  #copy(button: HTMLElement, what: string): void {
    if (what === 'link') {
      const session = this.#store.header.peek()?.id;
      const message = this.#message(button)?.uuid ?? '';
      if (session === undefined || message === '') return;
      // The editor knows how it is called by links.
      this.#host.post({ type: 'copyLink', session, message });
      show(button, 'icon-check', 'Copied');
      return;
    }
    const text = what === 'code' ? this.#codeOf(button) : this.#messageOf(button);
    navigator.clipboard.writeText(text).then(
      () => {
        show(button, 'icon-check', 'Copied');
      },
      () => {
        show(button, 'icon-error', 'Could not be copied');
      },
    );
  }

  #codeOf(button: HTMLElement): string {
    const block = button.closest('.code');
    return block ? (this.#blocks.get(block)?.text() ?? '') : '';
  }

  #messageOf(button: HTMLElement): string {
    const message = this.#message(button);
    return message ? plainText(message) : '';
  }

  #message(button: HTMLElement): Message | undefined {
    const number = Number(button.closest<HTMLElement>('[data-message]')?.dataset['message']);
    return this.#store.conversation.peek()?.all.find((each) => each.number === number);
  }
}

function show(button: HTMLElement, icon: string, title: string): void {
  const image = button.querySelector('.icon');
  const before = { icon: image?.className ?? '', title: button.title };
  if (image) image.className = `icon ${icon}`;
  button.title = title;
  setTimeout(() => {
    if (image) image.className = before.icon;
    button.title = before.title;
  }, copiedMs);
}
