import * as vscode from 'vscode';

/** The scheme of read-only documents that Arbor shows, such as a tool's whole output. */
const documentScheme = 'arbor-text';

/** Shows texts as read-only documents. They live as long as the window. */
export class TextDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registration: vscode.Disposable;
  #count = 0;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(documentScheme, this);
  }

  /** Asked by the editor for a document's text. */
  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? '';
  }

  /**
   * Opens a text.
   * @param name the document's name; its ending chooses the language
   * @param text its content
   */
  async show(name: string, text: string): Promise<void> {
    this.#count += 1;
    const path = `/${String(this.#count)}/${name}`;
    this.#texts.set(path, text);
    const uri = vscode.Uri.from({ scheme: documentScheme, path });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#texts.clear();
  }
}
