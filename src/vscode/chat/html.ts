import * as vscode from 'vscode';

/** The folder, below the extension's, that the chat view may load from: its own bundle and nothing else. */
export const webviewFolder = ['dist', 'webview'] as const;

/**
 * The chat view's page. Scripts run only with this page's nonce (and what those scripts load from the bundle), nothing is
 * loaded from anywhere else, and nothing is connected to.
 * @param webview the view
 * @param extensionUri the extension's folder
 * @param nonce a random value for this page alone
 */
export function chatHtml(webview: vscode.Webview, extensionUri: vscode.Uri, nonce: string): string {
  const asset = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, ...webviewFolder, name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${webview.cspSource}`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset('chat.css')}">
<title>Arbor Chat</title>
</head>
<body>
<div id="app"></div>
<script type="module" nonce="${nonce}" src="${asset('chat.js')}"></script>
</body>
</html>`;
}
