import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appState, claude, prose, sceneSession, snapshot, user } from '../../../webview-ui/dev/build.js';
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

describe('the pages before the first message', () => {
  it('S6 comes back to the place where the reader was, also when it is on an earlier page', async () => {
    const all = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0
        ? user(index + 1, `Question ${String(index + 1)}`)
        : claude(index + 1, [prose('p', 'Word '.repeat(120))]),
    );
    await view.send(snapshot(all.slice(20), {}, { earlier: 20, scroll: { atEnd: false, message: 12, offset: 30 } }));
    expect(await view.posted('earlier')).toEqual({ type: 'earlier', session: sceneSession, before: 21 });
    await view.send({ type: 'earlier', session: sceneSession, messages: all.slice(0, 20), earlier: 0, unread: false });
    const offset = await view.page.evaluate(() => {
      const log = document.querySelector('[role=log]')?.getBoundingClientRect().top ?? 0;
      return Math.round(log - (document.querySelector('[data-message="12"]')?.getBoundingClientRect().top ?? 0));
    });
    expect(offset).toBe(30);
    await view.forgetPosts();
    await view.page.getByRole('log').hover();
    await view.page.mouse.wheel(0, 100);
    const { place } = await view.posted('scroll');
    expect(place).toMatchObject({ atEnd: false });
  });

  it('U1 S6 names messages without a number until the beginning was read, and asks for it where the reader was', async () => {
    const message = (number: number) =>
      number % 2 === 1
        ? user(1000 + number, `Question ${String(number)}`)
        : claude(1000 + number, [prose('p', 'Word '.repeat(120))]);
    const page = (from: number) => Array.from({ length: 20 }, (_, index) => message(from + index));
    const scroll = { atEnd: false, message: 3, offset: 30, anchor: { uuid: 'user-1005', after: 1 } };
    await view.send(snapshot(page(21), {}, { unread: true, scroll }));
    const article = (name: string) => view.page.getByRole('article', { name, exact: true });
    await button('Show earlier messages').waitFor({ state: 'attached' });
    expect(await article('You').count()).toBe(10);
    expect(await article('Claude').getByRole('button', { name: 'Copy message', exact: true }).count()).toBe(10);
    expect(await view.posted('findPlace')).toEqual({
      type: 'findPlace',
      session: sceneSession,
      uuid: 'user-1005',
      after: 1,
    });
    const around = { messages: page(1), earlier: 0, unread: false };
    await view.send({ type: 'around', session: sceneSession, around });
    expect(await article('You, message 1').count()).toBe(1);
    expect(await article('Claude, message 40').count()).toBe(1);
    expect(await button('Copy message 40').count()).toBe(1);
    const offset = await view.page.evaluate(() => {
      const log = document.querySelector('[role=log]')?.getBoundingClientRect().top ?? 0;
      return Math.round(log - (document.querySelector('[data-message="1006"]')?.getBoundingClientRect().top ?? 0));
    });
    expect(offset).toBe(30);
  });

  it('S6 still waits for the reader’s place when the layout moves meanwhile, not when the reader does', async () => {
    const all = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0
        ? user(index + 1, `Question ${String(index + 1)}`)
        : claude(index + 1, [prose('p', 'Word '.repeat(120))]),
    );
    const scroll = { atEnd: false, message: 3, offset: 30, anchor: { uuid: 'user-5', after: 1 } };
    const around = { messages: all.slice(0, 20), earlier: 0, unread: false };
    const offset = () =>
      view.page.evaluate(() => {
        const log = document.querySelector('[role=log]')?.getBoundingClientRect().top ?? 0;
        return Math.round(log - (document.querySelector('[data-message="6"]')?.getBoundingClientRect().top ?? 0));
      });
    await view.send(snapshot(all.slice(20), {}, { unread: true, scroll }));
    await view.posted('findPlace');
    await view.page.getByRole('log').evaluate((log) => {
      log.scrollTop -= 40;
    });
    await view.frame();
    await view.send({ type: 'around', session: sceneSession, around });
    expect(await offset()).toBe(30);

    await view.send(snapshot(all.slice(20), { id: '00000000-0000-4000-8000-000000000009' }, { unread: true, scroll }));
    await view.page.getByRole('log').hover();
    await view.page.mouse.wheel(0, -100);
    await view.frame();
    await view.send({ type: 'around', session: '00000000-0000-4000-8000-000000000009', around });
    expect(await offset()).not.toBe(30);
  });

  it('U1 can ask again for an earlier page that could not be read', async () => {
    const page = Array.from({ length: 20 }, (_, index) => claude(1021 + index, [prose('p', 'Word '.repeat(100))]));
    await view.send(snapshot(page, {}, { unread: true }));
    await button('Show earlier messages').click();
    await view.posted('earlier');
    await view.forgetPosts();
    await view.send({ type: 'earlier', session: sceneSession, messages: [], earlier: 0, unread: true });
    await button('Show earlier messages').click();
    expect(await view.posted('earlier')).toMatchObject({ before: 1021 });
  });

  it.each([0, 40])('U1 stays where it is when an earlier page comes in above (scrolled by %i)', async (top) => {
    const page = (from: number) =>
      Array.from({ length: 20 }, (_, index) => claude(from + index, [prose('p', 'Word '.repeat(100))]));
    await view.send(snapshot(page(21), {}, { earlier: 20 }));
    await view.page.getByRole('log').evaluate((log, to) => {
      log.scrollTop = to;
    }, top);
    await view.posted('earlier');
    await view.frame();
    const before = await view.page.locator('[data-message="21"]').boundingBox();
    await view.send({ type: 'earlier', session: sceneSession, messages: page(1), earlier: 0, unread: false });
    await view.frame();
    const after = await view.page.locator('[data-message="21"]').boundingBox();
    // The line that offered the earlier page is gone with it.
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(60);
  });
});
