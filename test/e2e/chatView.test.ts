import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { AxeResults } from 'axe-core';
import type { Request } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Theme } from '../support/editor/workbench.js';
import { apiError, callTool, next, say } from '../support/model/answers.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { hostileTexts } from './hostileTexts.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;
/** What asked the trap for anything: there must be nothing. */
const trapped: string[] = [];
let trap = '';

beforeAll(async () => {
  const server = createServer((request, response) => {
    trapped.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  trap = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  stage = await Stage.open();
  ({ chat } = stage);
  return async () => {
    server.close();
    await stage.close();
  };
});

beforeEach(async ({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [] });
  await chat.newSession();
});

describe('what the model says is data', () => {
  it('U5 hostile text in answers, thinking, tools and errors runs nothing, loads nothing and leaves no element', async () => {
    const texts = hostileTexts(trap);
    const left: string[] = [];
    const watch = (request: Request): void => {
      if (!isOwn(request.url())) left.push(request.url());
    };
    stage.window.page.on('request', watch);
    const all = texts.join('\n\n');
    stage.model.setScript({
      steps: [
        next({
          blocks: [
            { type: 'thinking', thinking: all },
            { type: 'text', text: all, chunk: { size: 7 } },
            { type: 'toolUse', name: 'Bash', input: { command: `cat <<'X'\n${all}\nX`, description: texts[0] } },
          ],
        }),
        next(say(`# Last\n\n${all}`)),
        { times: 5, answer: apiError(400, { message: all }) },
      ],
    });
    await chat.ask(`${texts[0] ?? ''} as the prompt and the session's name`);
    await chat.answer.getByText('Thought', { exact: true }).click();
    await chat.untilText(chat.answer, 'Last');
    await chat.ask('Fail with hostile words');
    await chat.answer.getByText('Details').click();
    const frame = await stage.window.chatContext();
    expect(await frame.evaluate(() => String(Reflect.get(window, 'hacked') ?? 'clean'))).toBe('clean');
    expect(await stage.window.page.evaluate(() => String(Reflect.get(window, 'hacked') ?? 'clean'))).toBe('clean');
    const found = await chat.log.evaluate((log) => ({
      elements: Array.from(
        log.querySelectorAll('script,style,iframe,img,object,embed,form,meta,base,link,video,svg'),
        (one) => one.tagName.toLowerCase(),
      ),
      handlers: Array.from(log.querySelectorAll('*')).flatMap((one) =>
        one.getAttributeNames().filter((name) => name.startsWith('on') || name === 'href' || name === 'src'),
      ),
      targets: Array.from(log.querySelectorAll('[data-href]'), (one) => one.getAttribute('data-href') ?? ''),
    }));
    expect(found.elements).toEqual([]);
    expect(found.handlers).toEqual([]);
    expect(found.targets.filter((target) => !/^(https?|mailto):/.test(target))).toEqual([]);
    stage.window.page.off('request', watch);
    expect(left).toEqual([]);
    expect(trapped).toEqual([]);
  });

  it('U5 a link to the web asks before it opens; one to a command or a script is no link', async () => {
    const text =
      '[web](https://example.com/page) [run](command:workbench.action.closeWindow) [js](javascript:alert(1))';
    stage.model.setScript({ steps: [next(say(text))] });
    await chat.ask('Links');
    expect(await chat.answer.getByRole('link').allInnerTexts()).toEqual(['web']);
    await chat.answer.getByText('run', { exact: false }).first().click();
    await chat.answer.getByRole('link', { name: 'web' }).click();
    const modal = await stage.window.modal();
    expect(modal.detail + modal.title).toContain('https://example.com/page');
    await modal.press('Cancel');
  });

  it('U5 the page has a policy with a nonce and nothing inline, which the browser keeps', async () => {
    const frame = await stage.window.chatContext();
    const policy = await frame.evaluate(
      () => document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content') ?? '',
    );
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'nonce-[\w+/=]{20,}'/);
    expect(policy).not.toMatch(/unsafe|\*(?![.\w])/);
    expect(policy).not.toContain('connect-src');
    const tried = await frame.evaluate(async (address) => {
      const script = document.createElement('script');
      script.textContent = 'window.inline = true';
      document.body.append(script);
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      const fetched = await fetch(address).then(
        () => 'fetched',
        () => 'refused',
      );
      script.remove();
      frame.remove();
      return { fetched, inline: String(Reflect.get(window, 'inline') ?? 'refused') };
    }, trap);
    expect(tried).toEqual({ fetched: 'refused', inline: 'refused' });
    expect(trapped).toEqual([]);
  });

  it('U5 the page may load its own bundle and nothing else of the extension or the workspace', async () => {
    const frame = await stage.window.chatContext();
    const own = await frame.evaluate(() => document.querySelector('link[rel=stylesheet]')?.getAttribute('href') ?? '');
    expect(own).toContain('/dist/webview/chat.css');
    const tryAll = (addresses: readonly string[]): Promise<string[]> =>
      frame.evaluate(
        (all) =>
          Promise.all(
            all.map(
              (address) =>
                new Promise<string>((resolve) => {
                  const link = document.createElement('link');
                  link.rel = 'stylesheet';
                  link.href = address;
                  link.onload = () => {
                    resolve('loaded');
                  };
                  link.onerror = () => {
                    resolve('refused');
                  };
                  document.head.append(link);
                }),
            ),
          ),
        addresses,
      );
    const root = own.slice(0, own.indexOf('/dist/webview/'));
    const inWorkspace = `${own.slice(0, own.indexOf('/', 'https://'.length))}${stage.file('any.css')}`;
    expect(await tryAll([`${own}?again`, `${root}/package.json`, `${root}/media/icon.png`, inWorkspace])).toEqual([
      'loaded',
      'refused',
      'refused',
      'refused',
    ]);
  });
});

describe('for everyone', () => {
  it('U4 axe finds nothing in dark, light and high contrast', async () => {
    const text =
      '## Heading\n\nA [link](https://example.com), `code`, a list:\n\n- [x] done\n- [ ] open\n\n> quote\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```ts\nconst a = "b"; // c\n```\n';
    stage.model.setScript({
      steps: [
        next({
          blocks: [
            { type: 'thinking', thinking: 'Thoughts.' },
            { type: 'text', text },
            { type: 'toolUse', name: 'Bash', input: { command: 'ls missing-folder' } },
            { type: 'toolUse', name: 'Read', input: { file_path: stage.file('missing.txt') } },
          ],
        }),
        next(say('After.')),
        { times: 4, answer: apiError(500) },
      ],
    });
    await chat.ask('Everything');
    await chat.answer.getByText('Thought', { exact: true }).click();
    await chat.ask('Now fail');
    stage.model.setScript({ steps: [next({ blocks: [{ type: 'text', text: ['Busy ', { gate: 'never' }] }] })] });
    await chat.send('And one that runs');
    await chat.untilText(chat.answer, 'Busy');
    await chat.send('And one that waits');
    await chat.queue.first().waitFor();
    const frame = await stage.window.chatContext();
    await frame.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const themes: readonly Theme[] = ['Dark Modern', 'Light Modern', 'Default High Contrast'];
    for (const theme of themes) {
      await stage.window.setTheme(theme);
      const body = chat.frame.locator(`body.${bodyClass[theme]}`);
      await body.waitFor();
      // The page is transparent: what is behind it is the side bar, which axe cannot see from within the frame.
      await body.evaluate((element) => {
        element.style.background = getComputedStyle(element).getPropertyValue('--vscode-sideBar-background');
      });
      const results: AxeResults = await frame.evaluate("axe.run({ resultTypes: ['violations'] })");
      const found = results.violations.map(
        ({ id, nodes }) =>
          `${theme}: ${id} ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join('\n')}`,
      );
      expect(found).toEqual([]);
    }
    await stage.window.setTheme('Dark Modern');
    await chat.stopButton.click();
    await chat.untilDone();
  });

  it('U4 all of it works with the keyboard: open, write, send, stop, fold, reach every control', async () => {
    const { keyboard } = stage.window.page;
    stage.model.setScript({
      steps: [
        next(callTool('Bash', { command: 'echo keyboard' })),
        next(say('Ran it.')),
        next({ blocks: [{ type: 'text', text: ['Talking ', { gate: 'never' }] }] }),
      ],
    });
    await stage.window.page
      .locator('.part.activitybar')
      .getByRole('tab', { name: /^Explorer/ })
      .click();
    await chat.box.waitFor({ state: 'hidden' });
    await keyboard.press('Control+Alt+a');
    await chat.box.waitFor();
    await expect.poll(focused).toBe('Message');
    await keyboard.type('Use a tool');
    await keyboard.press('Enter');
    await chat.untilText(chat.answer, 'Ran it.');
    await chat.untilDone();
    expect(await focused()).toBe('Message');
    await keyboard.type('Talk');
    await keyboard.press('Enter');
    await chat.untilText(chat.answer, 'Talking');
    await keyboard.press('Escape');
    await chat.untilText(chat.answer, 'Stopped');
    await chat.untilDone();
    await keyboard.type('x');
    const forward: string[] = [];
    for (let step = 0; step < 3; step++) {
      await keyboard.press('Tab');
      forward.push(await focused());
    }
    expect(forward).toEqual(['Permission mode', 'Model', 'Send']);
    for (let step = 0; step < 30 && !(await focused()).startsWith('Bash'); step++) await keyboard.press('Shift+Tab');
    expect(await focused()).toMatch(/^Bash/);
    const head = chat.tool('Bash').getByRole('button', { name: /^Bash/ });
    const open = await head.getAttribute('aria-expanded');
    await keyboard.press('Enter');
    expect(await head.getAttribute('aria-expanded')).toBe(open === 'true' ? 'false' : 'true');
    expect(await focused()).toMatch(/^Bash/);
    await chat.box.fill('');
  });

  it('U4 what happens is announced in sentences, and the focus is not taken while an answer streams', async () => {
    stage.model.setScript({
      steps: [next({ blocks: [{ type: 'text', text: ['One sentence here. ', { gate: 'mid' }, 'Another one. '] }] })],
    });
    await chat.send('Speak');
    await chat.untilText(chat.answer, 'One sentence here.');
    await chat.menu('Model').focus();
    stage.model.release('mid');
    await chat.untilDone();
    expect(await focused()).toBe('Model');
    const region = chat.frame.locator('[aria-live="polite"]');
    await chat.untilText(region, 'Claude is done.');
    await chat.untilText(region, 'One sentence here.');
    expect(await chat.log.getAttribute('aria-live')).toBe('off');
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});

const bodyClass: Readonly<Record<Theme, string>> = {
  'Dark Modern': 'vscode-dark',
  'Light Modern': 'vscode-light',
  'Default High Contrast': 'vscode-high-contrast',
};

/** The accessible name, or else the text, of what has the focus in the chat. */
async function focused(): Promise<string> {
  const frame = await stage.window.chatContext();
  return frame.evaluate(() => {
    const active = document.activeElement;
    return active?.getAttribute('aria-label') ?? active?.textContent.trim() ?? '';
  });
}

/** Whether an address is the editor's own: on loopback, or one by which a webview gets the extension's files. */
function isOwn(address: string): boolean {
  if (/^(?:data|blob|about):/.test(address)) return true;
  const { hostname, origin } = new URL(address);
  return origin !== trap && (hostname === '127.0.0.1' || hostname.endsWith('.vscode-resource.vscode-cdn.net'));
}
