// Runs in the extension host beside Arbor during `npm run bench`. Plain JavaScript, so that nothing has to be built for it.
const { writeFileSync, renameSync } = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

const arborId = 'arbor-for-claude-code.arbor';

/** @param {vscode.ExtensionContext} context */
exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('arborBench.activate', () => activateArbor(context)),
    vscode.commands.registerCommand('arborBench.echo', () => openEcho(context)),
  );
};

/** Activates Arbor without using it, and writes down which modules that loaded. */
async function activateArbor(context) {
  const arbor = vscode.extensions.getExtension(arborId);
  const wasActive = arbor.isActive;
  const files = new Set(Object.keys(require.cache));
  const builtIn = new Set(process.moduleLoadList);
  await arbor.activate();
  const report = {
    wasActive,
    files: Object.keys(require.cache)
      .filter((file) => !files.has(file))
      .map((file) => path.relative(arbor.extensionPath, file)),
    builtIn: process.moduleLoadList.filter((name) => name.startsWith('NativeModule ') && !builtIn.has(name)),
  };
  const target = path.join(context.extensionPath, 'report.json');
  writeFileSync(`${target}.new`, JSON.stringify(report));
  renameSync(`${target}.new`, target);
}

/**
 * The least that an extension with a webview can do: the page sends a message on a click, the extension sends one back, the
 * page shows it. What that takes is the editor's and the browser's part of every turn.
 */
function openEcho(context) {
  const panel = vscode.window.createWebviewPanel('arborBench.echo', 'Echo', vscode.ViewColumn.One, {
    enableScripts: true,
  });
  panel.webview.onDidReceiveMessage((message) => panel.webview.postMessage(message), undefined, context.subscriptions);
  panel.webview.html = `<!DOCTYPE html>
<html><body>
<button id="ask">Ask</button><div role="log"></div>
<script>
  const editor = acquireVsCodeApi();
  const log = document.querySelector('[role=log]');
  document.querySelector('#ask').addEventListener('click', () => editor.postMessage({ type: 'echo', text: 'Omega' }));
  addEventListener('message', ({ data }) => {
    if (data.type !== 'echo') return;
    const answer = document.createElement('div');
    answer.className = 'prose';
    answer.append(document.createElement('p'));
    answer.firstChild.textContent = data.text;
    log.append(answer);
  });
</script>
</body></html>`;
}
