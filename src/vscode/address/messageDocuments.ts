import * as vscode from 'vscode';
import { messageMarkdown } from '../../core/address/messageMarkdown.js';
import { addressScheme, messageUri } from '../../core/address/messageUri.js';
import type { AddressResolver } from '../../core/address/resolve.js';

/**
 * Messages as read-only documents, by their addresses: the source of a Markdown document. What an address that does not
 * resolve shows is why.
 */
export class MessageDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #resolver: AddressResolver;
  readonly #registration: vscode.Disposable;

  /** @param resolver finds the messages */
  constructor(resolver: AddressResolver) {
    this.#resolver = resolver;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(addressScheme, this);
  }

  /** Asked by the editor for a document's text. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return messageMarkdown(await this.#resolver.resolve(uri.toString()));
  }

  /** Opens a message's document. */
  async show(sessionId: string, messageUuid: string): Promise<void> {
    // The ending tells the editor the language.
    const uri = vscode.Uri.parse(`${messageUri(sessionId, messageUuid)}.md`, true);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
