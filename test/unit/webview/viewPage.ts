import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chatViewBundle } from '../../../scripts/build/extension.js';
import { lineProgress } from '../../../scripts/tools/progress.js';
import { isObject } from '../../../src/base/json.js';
import type { ToHost } from '../../../src/protocol/chat/toHost.js';
import type { ToView } from '../../../src/protocol/chat/toView.js';
import { themeOf, type ThemeName } from '../../../webview-ui/dev/themes.js';
import { launchBrowser } from '../../support/editor/browser.js';

const nonce = 'c2NlbmU';
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };

/** The policy that the extension gives the real view, with this server in the place of the editor's. */
const policy = [
  "default-src 'none'",
  `script-src 'nonce-${nonce}' 'self'`,
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Chat</title>
<link rel="stylesheet" href="chat.css"></head>
<body><div id="app"></div><script type="module" nonce="${nonce}" src="chat.js"></script></body></html>`;

/** The production build of the chat view in a real browser, under the real content security policy, with us as its host. */
export class ViewBench {
  readonly #folder: string;
  readonly #server: Server;
  readonly #browser: Browser;
  readonly #address: string;

  private constructor(folder: string, server: Server, browser: Browser) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
    const address = server.address();
    this.#address = `http://127.0.0.1:${String(isObject(address) ? address['port'] : 0)}/`;
  }

  /** Builds the view when it has changed, serves it and starts a browser. */
  static async start(): Promise<ViewBench> {
    const [folder, browser] = await Promise.all([
      // Files of tests run side by side; one builds, the others wait. What they wait for is nothing to read.
      chatViewBundle(lineProgress(() => undefined)),
      launchBrowser(),
    ]);
    const server = createServer((request, response) => {
      const file = path.normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
      if (file === '/') {
        response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(html);
        return;
      }
      readFile(path.join(folder, file)).then(
        (content) =>
          response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'text/plain' }).end(content),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ViewBench(folder, server, browser);
  }

  /** Where the page is. */
  get address(): string {
    return this.#address;
  }

  /** The folder with the build. */
  get folder(): string {
    return this.#folder;
  }

  /** Opens the view in a fresh page and waits for its first message. */
  async open(options: { theme?: ThemeName; width?: number; height?: number } = {}): Promise<View> {
    const page = await this.#browser.newPage({
      viewport: { width: options.width ?? 400, height: options.height ?? 800 },
    });
    const view = new View(page);
    await view.load(this.#address, options.theme ?? 'dark');
    return view;
  }

  /** Ends the browser and the server. */
  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One page with the view in it. */
export class View {
  readonly page: Page;
  /** What went wrong in the page: exceptions, console errors (the policy's reports among them), requests elsewhere. */
  readonly troubles: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.troubles.push(`exception: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.troubles.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (hostname !== '127.0.0.1' && protocol !== 'data:') this.troubles.push(`request: ${request.url()}`);
    });
  }

  /** Loads the page as the editor would: theme first, then the view. */
  async load(address: string, theme: ThemeName): Promise<void> {
    await this.page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
    await this.page.addInitScript(({ variables, bodyClass }) => {
      const posts: unknown[] = [];
      const state = (): string | null => sessionStorage.getItem('state');
      Object.assign(window, {
        posts,
        acquireVsCodeApi: () => ({
          postMessage: (message: unknown) => posts.push(structuredClone(message)),
          getState: () => JSON.parse(state() ?? 'null') as unknown,
          setState: (value: unknown) => {
            sessionStorage.setItem('state', JSON.stringify(value));
          },
        }),
      });
      document.addEventListener('DOMContentLoaded', () => {
        for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
        document.body.className = bodyClass;
        document.body.style.background = 'var(--vscode-sideBar-background)';
      });
    }, themeOf(theme));
    await this.page.goto(address);
    await this.posted('ready');
  }

  /** Sends messages as the host would, each in a task of its own. */
  async send(...messages: readonly ToView[]): Promise<void> {
    await this.page.evaluate((each) => {
      for (const message of each) window.postMessage(message);
    }, messages);
    await this.frame();
  }

  /** Waits until what was sent is painted. */
  async frame(): Promise<void> {
    await this.page.evaluate(
      () =>
        new Promise<void>((resolve) =>
          requestAnimationFrame(() => {
            requestAnimationFrame(() => {
              resolve();
            });
          }),
        ),
    );
  }

  /** What the view has sent so far. */
  async posts(): Promise<readonly ToHost[]> {
    return this.page.evaluate('window.posts');
  }

  /** Waits for a message of a kind. @returns the last one of that kind */
  async posted<T extends ToHost['type']>(type: T): Promise<Extract<ToHost, { type: T }>> {
    const end = Date.now() + 5000;
    while (Date.now() < end) {
      const found = (await this.posts()).findLast((post): post is Extract<ToHost, { type: T }> => post.type === type);
      if (found) return found;
      await this.frame();
    }
    throw new Error(`${type} was not sent`);
  }

  /** Forgets what the view has sent. */
  async forgetPosts(): Promise<void> {
    await this.page.evaluate('window.posts.length = 0');
  }
}
