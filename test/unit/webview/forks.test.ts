import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  appState,
  claude,
  prose,
  sceneHeader,
  sceneParent,
  sceneSession,
  snapshot,
  user,
} from '../../../webview-ui/dev/build.js';
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

const button = (name: string) => view.page.getByRole('button', { name, exact: true });
const article = (name: RegExp) => view.page.getByRole('article', { name });
const messages = () => [
  user(1, 'One'),
  claude(2, [prose('a', 'Two')]),
  user(3, 'Three'),
  claude(4, [prose('b', 'Four', { streaming: true })], { state: 'streaming' }),
];
const parent = { id: sceneParent, name: 'What it comes from' };

describe('the buttons of a message', () => {
  it('F1 fork behind every message, whoever said it, also one that still streams', async () => {
    await view.send(snapshot(messages(), { state: 'running' }));
    for (const [index, name] of [/^You, message 1/, /^Claude, message 2/, /^You, message 3/, /^Claude/].entries()) {
      await view.forgetPosts();
      const one = article(name).nth(index === 3 ? 1 : 0);
      await one.getByRole('button', { name: 'Fork from Here' }).click();
      expect(await view.posted('fork')).toEqual({ type: 'fork', session: sceneSession, message: index + 1 });
    }
  });

  it("F5 edit and resend the user's own, and no other", async () => {
    await view.send(snapshot(messages(), { state: 'running' }));
    await article(/^You, message 3/)
      .getByRole('button', { name: 'Edit and Resend' })
      .click();
    expect(await view.posted('editAndResend')).toEqual({ type: 'editAndResend', session: sceneSession, message: 3 });
    expect(await view.page.getByRole('button', { name: 'Edit and Resend' }).count()).toBe(2);
    expect(
      await article(/^Claude/)
        .getByRole('button', { name: 'Edit and Resend' })
        .count(),
    ).toBe(0);
  });

  it('U4 are reached and pressed with the keyboard, and seen then', async () => {
    await view.send(snapshot(messages().slice(0, 2)));
    const first = article(/^You, message 1/);
    const edit = first.getByRole('button', { name: 'Edit and Resend' });
    const opacity = (): Promise<string> => edit.evaluate((element) => getComputedStyle(element).opacity);
    await view.page.mouse.move(1, 1);
    expect(await opacity()).toBe('0');
    await view.page.getByRole('log').focus();
    await view.page.keyboard.press('Tab');
    expect(await edit.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await opacity()).toBe('1');
    await view.page.keyboard.press('Tab');
    expect(await opacity()).toBe('1');
    await view.page.keyboard.press('Enter');
    expect(await view.posted('fork')).toMatchObject({ message: 1 });
  });

  it('F1 mean the message as the host numbers it, also where its beginning was not read', async () => {
    const far = 1_000_000_101;
    await view.send(snapshot([user(far, 'Far'), claude(far + 1, [prose('a', 'away')])], {}, { unread: true }));
    await view.page.getByRole('button', { name: 'Fork from Here' }).first().click();
    expect(await view.posted('fork')).toMatchObject({ message: far });
  });
});

describe('around the conversation', () => {
  it('F1 F6 the header forks from now and asks aside; in an aside it does not ask another', async () => {
    await view.send(snapshot(messages(), { state: 'running' }));
    await button('Fork from Now').click();
    expect(await view.posted('forkNow')).toEqual({ type: 'forkNow', session: sceneSession });
    await button('Ask Aside').click();
    expect(await view.posted('askAside')).toEqual({ type: 'askAside', session: sceneSession });
    await view.send({ type: 'header', header: sceneHeader({ lineage: { kind: 'aside', parent } }) });
    expect(await button('Ask Aside').count()).toBe(0);
    expect(await button('Fork from Now').count()).toBe(1);
  });

  it('F4 a fork says what it comes from, and opens that', async () => {
    await view.send(snapshot(messages(), { lineage: { kind: 'fork', parent } }));
    const bar = view.page.getByRole('group', { name: 'Fork', exact: true });
    expect(await bar.innerText()).toMatch(/^Fork of\s+What it comes from$/);
    await bar.getByRole('button', { name: 'What it comes from' }).click();
    expect(await view.posted('openSession')).toEqual({ type: 'openSession', id: sceneParent });
    expect(await button('Discard').count()).toBe(0);
  });

  it('F4 where that is gone, or has no name yet, it says so', async () => {
    await view.send(snapshot([], { lineage: { kind: 'fork', parent: null } }));
    const bar = view.page.getByRole('group', { name: 'Fork', exact: true });
    expect(await bar.innerText()).toBe('Fork of a session that is gone');
    expect(await bar.getByRole('button').count()).toBe(0);
    const nameless = { kind: 'fork', parent: { ...parent, name: '' } } as const;
    await view.send({ type: 'header', header: sceneHeader({ lineage: nameless }) });
    expect(await bar.innerText()).toMatch(/^Fork of\s+New session$/);
    await view.send({ type: 'header', header: sceneHeader() });
    expect(await bar.count()).toBe(0);
  });

  it('F6 an aside is marked, described to whoever lands in its message box, kept and discarded', async () => {
    await view.send(snapshot(messages().slice(0, 2), { lineage: { kind: 'aside', parent } }));
    const bar = view.page.getByRole('group', { name: 'Aside', exact: true });
    expect(await bar.getByRole('paragraph').innerText()).toMatch(/^Aside: nothing here changes\s+What it comes from$/);
    const box = view.page.getByRole('textbox', { name: 'Message' });
    const described = await box.evaluate((element) => {
      const id = element.getAttribute('aria-describedby');
      return id === null ? null : document.getElementById(id)?.textContent;
    });
    expect(described).toBe('Aside: nothing here changes What it comes from');
    expect(await box.getAttribute('placeholder')).toBe('Ask aside');
    await button('Keep as Fork').click();
    expect(await view.posted('keepAside')).toEqual({ type: 'keepAside', session: sceneSession });
    await button('Discard').click();
    expect(await view.posted('discardAside')).toEqual({ type: 'discardAside', session: sceneSession });
  });

  it('U4 U5 a name is text, and neither it nor the buttons reach outside of a narrow view', async () => {
    await view.page.setViewportSize({ width: 200, height: 700 });
    const name = `<b>${'long'.repeat(30)}</b>\u202etxt`;
    await view.send(snapshot(messages().slice(0, 2), { lineage: { kind: 'aside', parent: { ...parent, name } } }));
    expect(await view.page.locator('.lineage b').count()).toBe(0);
    const reach = await view.page.evaluate(() =>
      [...document.querySelectorAll('.lineage button, .message-bar button')].map(
        (each) => each.getBoundingClientRect().right,
      ),
    );
    expect(Math.max(...reach)).toBeLessThanOrEqual(200);
  });
});
