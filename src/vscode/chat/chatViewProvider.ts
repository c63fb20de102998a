import * as vscode from 'vscode';
import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { chatHtml, webviewFolder } from './html.js';

/** What is behind a chat view while it is there. */
export interface ChatBackend extends Disposable {
  /** Takes a message of the view; unchecked. */
  receive(message: unknown): void;
}

/** Fills the sidebar's chat view. What is behind it is made when the view is first shown. */
export class ChatViewProvider implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #newNonce: () => string;
  readonly #attach: (view: vscode.WebviewView) => Promise<ChatBackend>;
  readonly #onError: (error: unknown) => void;
  #shown = new DisposableStore();

  /**
   * @param extensionUri the extension's folder
   * @param newNonce makes a random value for one page
   * @param attach makes what is behind the view
   * @param onError told when that fails
   */
  constructor(
    extensionUri: vscode.Uri,
    newNonce: () => string,
    attach: (view: vscode.WebviewView) => Promise<ChatBackend>,
    onError: (error: unknown) => void,
  ) {
    this.#extensionUri = extensionUri;
    this.#newNonce = newNonce;
    this.#attach = attach;
    this.#onError = onError;
  }

  /** Called by the editor when the view is shown for the first time, and again after it was closed. */
  resolveWebviewView(view: vscode.WebviewView): void {
    this.#shown.dispose();
    this.#shown = new DisposableStore();
    const { webview } = view;
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(this.#extensionUri, ...webviewFolder)],
    };
    const shown = this.#shown;
    // The page loads at the same time; what it says meanwhile is kept in its order.
    const backend = this.#attach(view).then((made) => shown.add(made));
    detach(backend, this.#onError);
    shown.add(
      webview.onDidReceiveMessage((message: unknown) => {
        const received = backend.then((made) => {
          if (!shown.isDisposed) made.receive(message);
        });
        detach(received, this.#onError);
      }),
    );
    shown.add(
      view.onDidDispose(() => {
        shown.dispose();
      }),
    );
    webview.html = chatHtml(webview, this.#extensionUri, this.#newNonce());
  }

  dispose(): void {
    this.#shown.dispose();
  }
}
