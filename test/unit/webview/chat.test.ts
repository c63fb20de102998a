import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../../src/protocol/session/events.js';
import {
  appState,
  batch,
  claude,
  prose,
  sceneHeader,
  sceneSession,
  sceneUsage,
  snapshot,
  tool,
  user,
} from '../../../webview-ui/dev/build.js';
import { scenes } from '../../../webview-ui/dev/scenes.js';
import { ViewBench, type View } from './viewPage.js';

let bench: ViewBench;
let view: View;
beforeAll(async () => {
  bench = await ViewBench.start();
}, 60_000);
afterAll(async () => {
  await bench.close();
});
beforeEach(async () => {
  view = await bench.open();
  await view.send(appState());
});
afterEach(async () => {
  expect(view.troubles).toEqual([]);
  await view.page.close();
});

const box = () => view.page.getByRole('textbox', { name: 'Message' });
const button = (name: string) => view.page.getByRole('button', { name, exact: true });
const start: SessionEvent = { kind: 'start', turn: 't', prompt: { uuid: 'u', text: 'Hi' }, at: 0 };
const complete: SessionEvent = { kind: 'complete', turn: 't', usage: sceneUsage };
const text = (piece: string): SessionEvent => ({
  kind: 'text',
  block: { parent: null, message: 'm', index: 0 },
  text: piece,
  whole: false,
});

describe('the composer', () => {
  it('S6 sends with Enter, breaks the line with Shift+Enter, and empties itself', async () => {
    await view.send(snapshot([]));
    await box().click();
    await view.page.keyboard.type('one');
    await view.page.keyboard.press('Shift+Enter');
    await view.page.keyboard.type('two');
    await view.page.keyboard.press('Enter');
    expect(await view.posted('send')).toEqual({ type: 'send', session: sceneSession, text: 'one\ntwo' });
    expect(await box().inputValue()).toBe('');
  });

  it('S6 does not send what an input method is still composing, nor blank text', async () => {
    await view.send(snapshot([]));
    await box().fill('日本');
    await box().dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true });
    await box().fill('  \n ');
    await box().press('Enter');
    expect((await view.posts()).filter(({ type }) => type === 'send')).toEqual([]);
    expect(await button('Send').isDisabled()).toBe(true);
  });

  it('T6 stops with the button and with Escape, and only while a turn runs', async () => {
    await view.send(snapshot([], { state: 'running' }));
    await button('Stop').click();
    expect(await view.posted('stop')).toEqual({ type: 'stop', session: sceneSession });
    expect(await box().evaluate((element) => element === document.activeElement)).toBe(true);
    await view.forgetPosts();
    await box().press('Escape');
    await view.posted('stop');
    await view.send({ type: 'header', header: sceneHeader() });
    await view.forgetPosts();
    await box().press('Escape');
    expect(await button('Stop').count()).toBe(0);
    expect(await view.posts()).toEqual([]);
  });

  it('S6 sends the draft after a rest, at once when it is left, and restores it', async () => {
    await view.send(snapshot([], {}, { draft: 'kept' }));
    expect(await box().inputValue()).toBe('kept');
    await box().fill('kept and more');
    expect(await view.posted('draft')).toMatchObject({ text: 'kept and more' });
    await view.forgetPosts();
    await box().fill('last words');
    await box().blur();
    expect(await view.posted('draft')).toMatchObject({ text: 'last words' });
  });

  it('S6 keeps what was typed in the last moment when the view goes away and comes back', async () => {
    await view.send(snapshot([], {}, { draft: 'old' }));
    await box().evaluate((element) => {
      // What a page that is killed leaves behind: no blur, no pagehide, only the state that the editor keeps.
      if (element instanceof HTMLTextAreaElement) element.value = 'new';
      element.dispatchEvent(new Event('input', { bubbles: true }));
      Object.assign(window, { keep: sessionStorage.getItem('state') });
    });
    const kept = await view.page.evaluate('window.keep');
    await view.page.reload();
    await view.page.evaluate((state) => {
      sessionStorage.setItem('state', String(state));
    }, kept);
    await view.posted('ready');
    await view.send(appState(), snapshot([], {}, { draft: 'old' }));
    expect(await box().inputValue()).toBe('new');
    expect(await view.posted('draft')).toMatchObject({ text: 'new' });
  });

  it('S6 does not change what is being typed when a snapshot of the same session comes', async () => {
    await view.send(snapshot([]));
    await box().fill('in the middle');
    await view.send(snapshot([], {}, { draft: 'in the mid' }));
    expect(await box().inputValue()).toBe('in the middle');
  });

  it('T7 gives a refused prompt back before what was typed since, with the reason as an alert', async () => {
    await view.send(snapshot([]));
    await box().fill('first');
    await box().press('Enter');
    await box().fill('typed since');
    await view.send({
      type: 'refused',
      session: sceneSession,
      text: 'first',
      reason: { code: 'diskFull', what: 'The disk is full.' },
    });
    expect(await box().inputValue()).toBe('first\n\ntyped since');
    expect(await view.page.getByRole('alert').textContent()).toContain('The disk is full.');
    await box().press('Enter');
    expect(await view.page.getByRole('alert').count()).toBe(0);
  });

  it('P9 is disabled while the workspace is blocked, and says why', async () => {
    await view.send(...(scenes['blocked']?.() ?? []));
    expect(await box().isDisabled()).toBe(true);
    await button('Manage Workspace Trust').click();
    expect(await view.posted('action')).toMatchObject({ action: 'manageTrust' });
  });

  it('S9 offers to open a folder when there is no session', async () => {
    await view.page.reload();
    await view.posted('ready');
    await view.send(...(scenes['noFolder']?.() ?? []));
    await button('Open Folder').click();
    expect(await view.posted('action')).toEqual({ type: 'action', session: null, action: 'openFolder' });
  });

  it('A10 asks the host for another mode or model and shows what the host says', async () => {
    await view.send(snapshot([]));
    const mode = view.page.getByRole('combobox', { name: 'Permission mode' });
    await mode.selectOption('plan');
    expect(await view.posted('setMode')).toEqual({ type: 'setMode', session: sceneSession, mode: 'plan' });
    expect(await mode.inputValue()).toBe('default');
    await view.send({ type: 'header', header: sceneHeader({ mode: 'plan' }) });
    expect(await mode.inputValue()).toBe('plan');
    await view.page.getByRole('combobox', { name: 'Model' }).selectOption('haiku');
    expect(await view.posted('setModel')).toEqual({ type: 'setModel', session: sceneSession, model: 'haiku' });
  });
});

describe('the conversation', () => {
  it('U4 has the names that screen readers and tests go by', async () => {
    await view.send(
      snapshot([
        user(1, 'Hi'),
        claude(2, [prose('p', 'Hello'), tool('t', 'Bash', { command: 'ls' }, { result: 'a.ts' })]),
      ]),
    );
    const log = view.page.getByRole('log', { name: 'Conversation' });
    expect(await log.getByRole('article', { name: /^You\b.*\b1$/ }).textContent()).toContain('Hi');
    expect(await log.getByRole('article', { name: /^Claude\b.*\b2$/ }).textContent()).toContain('Hello');
    expect(await log.getByRole('group', { name: 'Tool: Bash' }).textContent()).toContain('a.ts');
  });

  it('T1 asks for the state again when events are missing, and takes none twice', async () => {
    await view.send(snapshot([], {}, { next: 0 }), batch(0, [start, text('one ')]), batch(0, [start, text('one ')]));
    expect((await view.page.locator('.prose').allTextContents()).join('|')).toBe('one');
    await view.forgetPosts();
    await view.send(batch(5, [text('lost')]));
    await view.posted('ready');
    await view.send(snapshot([user(1, 'Hi'), claude(2, [prose('p', 'all')])], {}, { next: 9 }));
    expect((await view.page.locator('.prose').allTextContents()).join('|')).toBe('all');
  });

  it('T6 shows tools that were open when the turn was stopped as canceled', async () => {
    const block = { parent: null, message: 'm', index: 0 };
    await view.send(
      snapshot([]),
      batch(0, [
        start,
        { kind: 'toolUse', block, id: 'x', phase: 'open', name: 'Bash' },
        {
          kind: 'toolUse',
          block,
          id: 'x',
          phase: 'ready',
          name: 'Bash',
          input: { command: 'sleep 9' },
          invalid: false,
        },
      ]),
    );
    const card = view.page.getByRole('group', { name: 'Tool: Bash' });
    expect(await card.textContent()).toContain('Running');
    await view.send(batch(3, [{ kind: 'canceled', turn: 't', by: 'user', usage: sceneUsage }]));
    expect(await card.textContent()).toContain('Canceled');
    expect(await view.page.getByRole('article', { name: /^Claude/ }).textContent()).toContain('Stopped');
  });

  it('M1 shows tokens, cost and time of the turn and of the session', async () => {
    await view.send(snapshot([]), batch(0, [start, text('done'), complete]));
    expect(await view.page.locator('.turn-line').textContent()).toBe('21k in · 512 out · $0.0213 · 8.4 s');
    expect(await view.page.locator('.status-total').textContent()).toContain('21k in · 512 out · $0.0213');
  });

  it('U1 follows the end, lets a reader who went up stay, and goes back on request', async () => {
    const pages = Array.from({ length: 30 }, (_, index) => `Paragraph ${String(index)}\n\n`);
    const gap = () =>
      view.page.getByRole('log').evaluate((log) => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop));
    await view.send(snapshot([]), batch(0, [start]), ...pages.map((page, index) => batch(index + 1, [text(page)])));
    expect(await gap()).toBeLessThan(2);
    await view.page.getByRole('log').hover();
    await view.page.mouse.wheel(0, -300);
    await button('Jump to Latest').waitFor();
    const first = await view.page.locator('.prose p').nth(20).boundingBox();
    await view.send(...pages.map((page, index) => batch(index + 31, [text(page)])));
    expect(await view.page.locator('.prose p').nth(20).boundingBox()).toEqual(first);
    expect(await gap()).toBeGreaterThan(400);
    await view.page.getByRole('button', { name: /^Jump to Latest/ }).click();
    await view.send(batch(61, [text('The end')]));
    expect(await gap()).toBeLessThan(2);
  });

  it('U4 announces whole sentences and the end, not every few letters', async () => {
    await view.send(snapshot([]), batch(0, [start]));
    const pieces = 'The index is slow. It is read for **every** query. And then'.split(/(?<= )/);
    await view.send(...pieces.map((piece, index) => batch(index + 1, [text(piece)])));
    const region = view.page.locator('[aria-live=polite]');
    await region.getByText('The index is slow. It is read for every query.').waitFor();
    expect(await region.locator('p').count()).toBe(1);
    expect(await view.page.getByRole('log').getAttribute('aria-live')).toBe('off');
    await view.send(batch(pieces.length + 1, [complete]));
    await region.getByText('And then Claude is done.').waitFor();
  });

  it('U2 colours code that is complete, without an inline style', async () => {
    await view.send(snapshot([claude(1, [prose('p', '```ts\nconst answer = 42;\n```')])]));
    await view.page.waitForSelector('.code [class^=colour-]');
    expect(await view.page.locator('.code pre').textContent()).toBe('const answer = 42;');
    expect(await view.page.locator('#app [style]').count()).toBe(0);
    const colour = () =>
      view.page
        .locator('.code [class^=colour-]')
        .first()
        .evaluate((span) => getComputedStyle(span).color);
    const dark = await colour();
    await view.page.evaluate(() => {
      document.body.className = 'vscode-light';
    });
    expect(await colour()).not.toBe(dark);
  });

  it('U2 has colours for every language it knows', async () => {
    const languages =
      'bash c c# c++ css dart diff dockerfile go graphql html ini java js json jsonc jsx kotlin lua make md php ps1 py rb rs scss sql swift toml ts tsx xml yml'.split(
        ' ',
      );
    await view.page.setViewportSize({ width: 800, height: 7000 });
    const code = '# FROM "text" 42\n<a b="c">x</a>\n+ if (true) { return "x"; }\nall: key = "x"';
    const fences = languages.map((language) => `\`\`\`${language}\n${code}\n\`\`\``);
    await view.send(snapshot([claude(1, [prose('p', fences.join('\n\n'))])]));
    const plain = () =>
      view.page.$$eval('.code', (blocks) =>
        blocks
          .filter((block) => !block.querySelector('[class^=colour-]'))
          .map((block) => block.querySelector('.code-bar span')?.textContent),
      );
    await expect.poll(() => view.page.locator('.code').count()).toBe(languages.length);
    await expect.poll(plain, { timeout: 15_000 }).toEqual([]);
    expect(await view.page.locator('.code pre').first().textContent()).toBe(code);
  });

  it('U2 opens links, files and whole outputs through the host only', async () => {
    await view.send(
      snapshot([
        claude(1, [
          prose('p', '[site](https://example.com/a) [file](src/a.ts#L3) `src/b.ts:7`'),
          tool('t', 'Bash', { command: 'ls' }, { result: 'x'.repeat(3000), resultCutFrom: 99_999 }),
        ]),
      ]),
    );
    await view.page.getByRole('link', { name: 'site' }).click();
    expect(await view.posted('openLink')).toEqual({ type: 'openLink', href: 'https://example.com/a' });
    await view.page.getByRole('link', { name: 'file' }).press('Enter');
    expect(await view.posted('openFile')).toEqual({ type: 'openFile', session: sceneSession, path: 'src/a.ts:3' });
    await view.page.getByRole('link', { name: 'src/b.ts:7' }).click();
    expect(await view.posted('openFile')).toMatchObject({ path: 'src/b.ts:7' });
    await button('Open full output').click();
    expect(await view.posted('openOutput')).toEqual({ type: 'openOutput', session: sceneSession, toolUseId: 't' });
    expect(view.page.url()).toBe(bench.address);
  });
});

describe('a problem in the view', () => {
  it('P6 is reported without any content, and the view can be loaded again', async () => {
    await view.send(snapshot([user(1, 'Hi')]));
    await view.page.evaluate(() => {
      setTimeout(() => {
        throw new TypeError('secret words of the conversation');
      });
    });
    const { message } = await view.posted('viewError');
    expect(message).toContain('TypeError');
    expect(message).not.toContain('secret');
    await view.forgetPosts();
    await button('Reload View').click();
    await view.posted('ready');
    await view.send(appState(), snapshot([user(1, 'Still here')]));
    expect(await view.page.getByRole('article').textContent()).toContain('Still here');
    expect(await view.page.getByRole('alert').count()).toBe(0);
    view.troubles.length = 0;
  });
});
