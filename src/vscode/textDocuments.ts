import * as vscode from 'vscode';

/** The scheme of read-only documents that Arbor shows, such as a tool's whole output. */
const documentScheme = 'arbor-text';

/** The editor's own extension for Markdown, which can be switched off. */
const previewExtension = 'vscode.markdown-language-features';

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
    await showText(this.#add(name, text));
  }

  /**
   * Opens Markdown as it is rendered; as text where the editor has no such preview.
   * @param name the document's name, with the ending `.md`
   * @param text its content
   */
  async preview(name: string, text: string): Promise<void> {
    const uri = this.#add(name, text);
    // Its command is not among those that are registered before it was first used.
    if (vscode.extensions.getExtension(previewExtension)) {
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    } else await showText(uri);
  }

  #add(name: string, text: string): vscode.Uri {
    this.#count += 1;
    const path = `/${String(this.#count)}/${name}`;
    this.#texts.set(path, text);
    return vscode.Uri.from({ scheme: documentScheme, path });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#texts.clear();
  }
}

async function showText(uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: true });
}
