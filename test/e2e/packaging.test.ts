import { spawnSync } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { extensionPackage } from '../../scripts/build/extension.js';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import { codeServerFolders } from '../../scripts/editor/codeServer.js';
import { thisPlatform } from '../../scripts/tools/cacheFolder.js';
import { editorProgram } from '../../scripts/tools/editor.js';
import { lineProgress } from '../../scripts/tools/progress.js';
import { Stage } from './stage.js';

const largestPackage = 3 * 1024 * 1024;
const sdkFolder = path.join(projectRoot, 'node_modules/@anthropic-ai/claude-agent-sdk');

let vsix = '';
let files: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  vsix = await extensionPackage(lineProgress());
  const entries = Object.entries(unzipSync(await readFile(vsix)));
  files = Object.fromEntries(entries.map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')]));
});

describe('the package', () => {
  it('holds what the extension needs and nothing that is not on the list', () => {
    const names = Object.keys(files);
    expect(names).toEqual(
      expect.arrayContaining([
        'extension/package.json',
        'extension/readme.md',
        'extension/changelog.md',
        'extension/LICENSE.txt',
        'extension/media/icon.png',
        'extension/dist/extension.cjs',
        'extension/dist/compose.cjs',
        'extension/dist/THIRD-PARTY-NOTICES.txt',
        'extension/dist/webview/chat.js',
        'extension/dist/webview/chat.css',
        `extension/dist/node_modules/node-pty/prebuilds/${thisPlatform()}/pty.node`,
      ]),
    );
    const allowed = [
      /^(\[Content_Types\]\.xml|extension\.vsixmanifest)$/,
      /^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt)$/,
      /^extension\/media\/[\w-]+\.(png|svg)$/,
      /^extension\/dist\/((extension|compose)\.cjs|THIRD-PARTY-NOTICES\.txt)$/,
      /^extension\/dist\/webview\/(chat\.(js|css)|chunks\/[\w.-]+\.js)$/,
      /^extension\/dist\/node_modules\/node-pty\/(package\.json|LICENSE|lib\/[\w/]+\.js)$/,
      new RegExp(`^extension/dist/node_modules/node-pty/prebuilds/${thisPlatform()}/`),
    ];
    expect(names.filter((name) => !allowed.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  it('holds no source map and no test', () => {
    const names = Object.keys(files);
    expect(names.filter((name) => /\.map$|\.test\.|(^|\/)tests?\//.test(name))).toEqual([]);
    const inline = Object.entries(files).filter(([, text]) => text.includes('sourceMappingURL=data:'));
    expect(inline.map(([name]) => name)).toEqual([]);
  });

  it('is for one platform and at most 3 MB', async () => {
    expect((await stat(vsix)).size).toBeLessThanOrEqual(largestPackage);
    expect(files['extension.vsixmanifest']).toContain(`TargetPlatform="${thisPlatform()}"`);
  });

  it('says nothing about scripts or dependencies to install', () => {
    const manifest: unknown = JSON.parse(files['extension/package.json'] ?? '');
    expect(manifest).toMatchObject({ name: 'arbor', main: './dist/extension.cjs' });
    for (const key of ['scripts', 'dependencies', 'devDependencies']) {
      expect(manifest).not.toHaveProperty(key);
    }
  });

  it('names the licence of every package that it holds parts of', () => {
    const notices = files['extension/dist/THIRD-PARTY-NOTICES.txt'] ?? '';
    for (const name of [
      'lowdb',
      'vscode-uri',
      'preact',
      'markdown-it',
      'dompurify',
      '@shikijs/core',
      '@vscode/codicons',
    ]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.`, 'm'));
    }
  });

  it('holds no code of the Agent SDK', async () => {
    const telltales = await sdkTelltales();
    // Enough to be sure that the search works on the release that is installed.
    expect(telltales.length).toBeGreaterThan(100);
    const code = Object.entries(files).filter(([name]) => /\.c?js$/.test(name));
    const found = code.flatMap(([name, text]) =>
      telltales.filter((each) => text.includes(each)).map((each) => `${name}: ${each}`),
    );
    expect(found).toEqual([]);
  });
});

/** Long texts of the SDK's own code: messages, which survive every bundler. */
async function sdkTelltales(): Promise<string[]> {
  const telltales = new Set<string>();
  for (const name of (await readdir(sdkFolder)).filter((each) => /\.m?js$/.test(each))) {
    const text = await readFile(path.join(sdkFolder, name), 'latin1');
    for (const [, literal] of text.matchAll(/["'`]([A-Z][\w ,.:'()-]{40,200})["'`]/g)) {
      if (literal !== undefined && /[a-z] [a-z]/.test(literal)) {
        telltales.add(literal);
      }
    }
  }
  return [...telltales];
}

describe('installed in the real editor', () => {
  it('activates, shows its chat, and finds its own node-pty', async () => {
    const stage = await Stage.open();
    try {
      await stage.window.chatFrame().getByRole('textbox', { name: 'Message' }).waitFor();
      const log = await hostLog(stage.editor.userDataDir);
      expect(log).toMatch(/_doActivateExtension arbor-for-claude-code\.arbor/);
      expect(log).not.toMatch(/Activating extension '?arbor-for-claude-code\.arbor'? failed/);

      const { extensions } = codeServerFolders(stage.editor.root);
      const installed = (await readdir(extensions)).find((name) => name.startsWith('arbor-for-claude-code.arbor-'));
      const { node } = await editorProgram(lineProgress());
      const pty = path.join(extensions, installed ?? '', 'dist/node_modules/node-pty');
      const script = `const p = require(${JSON.stringify(pty)}).spawn('/bin/echo', ['from a terminal'], {});
        p.onData((text) => process.stdout.write(text));`;
      expect(spawnSync(node, ['-e', script], { encoding: 'utf8' }).stdout).toContain('from a terminal');
    } finally {
      await stage.close();
    }
  });
});

/** What the extension host itself logged. */
async function hostLog(userDataDir: string): Promise<string> {
  const logs = path.join(userDataDir, 'logs');
  const file = (await readdir(logs, { recursive: true })).find((name) => path.basename(name) === 'remoteexthost.log');
  return readFile(path.join(logs, file ?? ''), 'utf8');
}
