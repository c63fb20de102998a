import type { EditorApi } from '../src/host/hostPort.js';
import { FakeHost } from './fakeHost.js';
import { scenes } from './scenes.js';
import { themeNames, themeOf } from './themes.js';

/*
 * The chat view in a plain browser, for work on its looks: `npx vite webview-ui` and then
 * http://127.0.0.1:5173/dev/?theme=light&scene=tools (all scenes are in scenes.ts). Not part of the package.
 */

const query = new URLSearchParams(location.search);
const name = themeNames.find((each) => each === query.get('theme')) ?? 'dark';
const { variables, bodyClass } = themeOf(name);
for (const [variable, value] of Object.entries(variables)) document.documentElement.style.setProperty(variable, value);
document.body.className = bodyClass;
document.body.style.background = 'var(--vscode-sideBar-background)';

const host = new FakeHost(
  (message) => {
    window.postMessage(message, '*');
  },
  scenes[query.get('scene') ?? 'empty'] ?? (() => []),
);
const api: EditorApi = {
  postMessage: (message) => {
    host.take(message);
  },
  getState: () => undefined,
  setState: () => undefined,
};
Object.assign(window, { acquireVsCodeApi: () => api });
await import('../src/main.js');
