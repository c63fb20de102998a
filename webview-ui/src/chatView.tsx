import { render } from 'preact';
import { signal, type Signal } from '@preact/signals';
import { DisposableStore, toDisposable, type Disposable } from '../../src/base/disposable.js';
import type { HostPort } from './host/hostPort.js';
import { PaintQueue } from './markdown/paintQueue.js';
import type { MarkdownKit } from './markdown/prosePainter.js';
import { Clicks } from './clicks.js';
import { CodeColours } from './highlight/codeColours.js';
import { Announcer } from './state/announcer.js';
import { ChatStore } from './state/chatStore.js';
import type { CodeBlocks } from './markdown/codeBlock.js';
import { App } from './view/app.js';
import { ChatContext } from './view/context.js';
import { describeFailure, TroubleBar } from './view/trouble.js';

/** The chat view from its first paint to its end; puts its parts together. */
export class ChatView implements Disposable {
  readonly #root: HTMLElement;
  readonly #host: HostPort;
  readonly #trouble: Signal<boolean> = signal(false);
  readonly #markdown: Signal<MarkdownKit | null> = signal(null);
  readonly #codeBlocks: CodeBlocks = new WeakMap();
  readonly #owned = new DisposableStore();
  readonly #colours = this.#owned.add(
    new CodeColours(this.#codeBlocks, (error) => {
      this.#report(error);
    }),
  );
  /** What belongs to the state; replaced when the view is loaded again after a problem. */
  #life = new DisposableStore();

  /** @param root an empty element @param host the way to the extension host */
  constructor(root: HTMLElement, host: HostPort) {
    this.#root = root;
    this.#host = host;
  }

  /** Draws the view, asks the host for the state and loads what is not needed for the first paint. */
  start(): void {
    const fail = (error: unknown): void => {
      this.#report(error);
      this.#trouble.value = true;
    };
    this.#listen(window, 'error', (event) => {
      if (event instanceof ErrorEvent) fail(event.error);
    });
    this.#listen(window, 'unhandledrejection', (event) => {
      if (event instanceof PromiseRejectionEvent) fail(event.reason);
    });
    this.#live();
    import('./markdown/kit.js')
      .then(({ createMarkdownKit }) => {
        this.#markdown.value = createMarkdownKit(this.#codeBlocks, (code) => {
          this.#colours.add(code);
        });
      })
      .catch(fail);
  }

  /** Ends everything. */
  dispose(): void {
    render(null, this.#root);
    this.#life.dispose();
    this.#owned.dispose();
  }

  #live(): void {
    const announcer = this.#life.add(new Announcer());
    const store = this.#life.add(
      new ChatStore(
        this.#host,
        (callback, milliseconds) => {
          const timer = setTimeout(callback, milliseconds);
          return () => {
            clearTimeout(timer);
          };
        },
        (events) => {
          announcer.events(events);
        },
      ),
    );
    this.#life.add(new Clicks(this.#root, this.#host, store, this.#codeBlocks));
    for (const [target, type] of [
      [document, 'visibilitychange'],
      [window, 'pagehide'],
    ] as const) {
      const flush = (): void => {
        store.draft.flush();
      };
      target.addEventListener(type, flush);
      this.#life.add(
        toDisposable(() => {
          target.removeEventListener(type, flush);
        }),
      );
    }
    const chat = {
      store,
      markdown: this.#markdown,
      paints: this.#life.add(new PaintQueue()),
      post: this.#host.post,
    };
    render(
      <ChatContext.Provider value={chat}>
        <TroubleBar
          shown={this.#trouble}
          onReload={() => {
            this.#reload();
          }}
        />
        <App />
        <div class="for-readers" aria-live="polite" ref={announcer.region} />
      </ChatContext.Provider>,
      this.#root,
    );
    store.start();
  }

  #report(error: unknown): void {
    this.#host.post({ type: 'viewError', message: describeFailure(error) });
  }

  /** Begins anew with what the host has; nothing is lost, as the host keeps it all. */
  #reload(): void {
    render(null, this.#root);
    this.#life.dispose();
    this.#life = new DisposableStore();
    this.#trouble.value = false;
    this.#live();
  }

  #listen(target: Window, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener);
    this.#owned.add(
      toDisposable(() => {
        target.removeEventListener(type, listener);
      }),
    );
  }
}
