import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/protocol/session/transcript.js';
import type { ToView } from '../../../src/protocol/chat/toView.js';
import { appState, batch, claude, prose, sceneSession, snapshot, user } from '../../../webview-ui/dev/build.js';
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

/** A conversation of 1,000 messages, of which the view has the last 100. */
const all: readonly Message[] = Array.from({ length: 1000 }, (_, index) =>
  index % 2 === 0
    ? user(index + 1, `Question ${String(index + 1)}`)
    : claude(index + 1, [prose('p', 'Word '.repeat(120))], { uuid: '00000000-0000-4000-8000-000000000abc' }),
);
const lastPage = (): ToView => snapshot(all.slice(900), {}, { earlier: 900 });

function around(from: number, to: number): Extract<ToView, { type: 'reveal' }>['around'] {
  return { messages: all.slice(from - 1, to), earlier: from - 1, unread: false };
}

function reveal(message: number, from: number, to: number): ToView {
  return { type: 'reveal', session: sceneSession, message, around: around(from, to) };
}

/** Pixels from the top of the conversation to a message, and what has the focus. */
function whereIs(message: number) {
  return view.page.evaluate((number) => {
    const top = document.querySelector('[role=log]')?.getBoundingClientRect().top ?? 0;
    const element = document.querySelector(`[data-message="${String(number)}"]`);
    return {
      top: Math.round((element?.getBoundingClientRect().top ?? Number.NaN) - top),
      focused: document.activeElement === element,
      marked: element?.classList.contains('revealed'),
    };
  }, message);
}

/** Lets the frames pass in which a place is looked after. */
async function rest(): Promise<void> {
  for (let frame = 0; frame < 10; frame += 1) await view.frame();
}

const articles = () => view.page.getByRole('article');
const between = () => view.page.getByRole('button', { name: /^Show the messages between/ });

describe('a message that the host wants to be shown', () => {
  it('U3 T9 U4 comes into view with what is around it only, has the focus, is marked, and the host is told', async () => {
    await view.send(lastPage());
    await view.send(reveal(301, 251, 350));
    await rest();
    const place = await whereIs(301);
    expect(place).toMatchObject({ focused: true, marked: true });
    expect(Math.abs(place.top - 24)).toBeLessThan(3);
    expect(await view.posted('revealed')).toEqual({ type: 'revealed', session: sceneSession, message: 301 });
    expect(await articles().count()).toBe(200);
    expect(await between().textContent()).toBe('Show the messages between (550)');
    // Its name says which one it is.
    expect(await view.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('You, message 301');
  });

  it('T9 is shown when it comes together with the session, whatever place was kept', async () => {
    await view.send({
      type: 'several',
      messages: [
        snapshot(all.slice(900), {}, { earlier: 900, scroll: { atEnd: true, message: 0, offset: 0 } }),
        reveal(10, 1, 60),
      ],
    });
    await rest();
    expect((await whereIs(10)).focused).toBe(true);
    expect(Math.abs((await whereIs(10)).top - 24)).toBeLessThan(3);
  });

  it('U1 T9 is not left for the end, not even for the last message, until the reader goes there', async () => {
    const turn = 'turn-1000';
    const short = [user(1, 'Hello'), claude(2, [prose('text//m/0', 'Hi. '.repeat(50))], { state: 'streaming', turn })];
    await view.send(snapshot(short));
    await view.send({
      type: 'reveal',
      session: sceneSession,
      message: 2,
      around: { messages: short, earlier: 0, unread: false },
    });
    await rest();
    const before = (await whereIs(2)).top;
    const block = { parent: null, message: 'm', index: 0 };
    await view.send(batch(0, [{ kind: 'text', block, text: 'More. '.repeat(2000), whole: false }]));
    await rest();
    // The message grew far below the view; the place is the same, but that its top may have come to where it is to be.
    expect((await whereIs(2)).top).toBeGreaterThanOrEqual(Math.min(before, 24) - 3);
    await view.page.getByRole('button', { name: /^Jump to Latest/ }).click();
    await view.send(batch(1, [{ kind: 'text', block, text: 'More. '.repeat(200), whole: false }]));
    await rest();
    const distance = await view.page
      .getByRole('log')
      .evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
    expect(distance).toBeLessThan(3);
  });

  it('U1 what is missing around it comes as the reader goes there, from their side, and moves nothing', async () => {
    await view.send(lastPage());
    await view.send(reveal(301, 251, 350));
    await rest();
    await view.forgetPosts();
    // Down: the messages that follow, not the whole rest.
    await view.page.locator('[data-message="350"]').evaluate((message) => {
      message.scrollIntoView({ block: 'end' });
    });
    expect(await view.posted('earlier')).toEqual({ type: 'earlier', session: sceneSession, before: 451 });
    const before = await whereIs(350);
    await view.send({ type: 'earlier', session: sceneSession, ...around(351, 450) });
    await rest();
    expect(Math.abs((await whereIs(350)).top - before.top)).toBeLessThan(3);
    expect(await between().textContent()).toBe('Show the messages between (450)');
    // Up from the end: those before the last page.
    await view.page.getByRole('button', { name: /^Jump to Latest/ }).click();
    await rest();
    await view.forgetPosts();
    await view.page.getByRole('log').hover();
    await view.page.locator('[data-message="901"]').evaluate((message) => {
      message.scrollIntoView({ block: 'start' });
    });
    expect(await view.posted('earlier')).toEqual({ type: 'earlier', session: sceneSession, before: 901 });
    await rest();
    const first = (await whereIs(901)).top;
    await view.send({ type: 'earlier', session: sceneSession, ...around(801, 900) });
    await rest();
    expect(Math.abs((await whereIs(901)).top - first)).toBeLessThan(3);
    expect(await between().textContent()).toBe('Show the messages between (350)');
    // And when all of it is there, nothing is between.
    await view.send({ type: 'earlier', session: sceneSession, ...around(701, 800) });
    await view.send({ type: 'earlier', session: sceneSession, ...around(601, 700) });
    await view.send({ type: 'earlier', session: sceneSession, ...around(501, 600) });
    await view.send({ type: 'earlier', session: sceneSession, ...around(451, 550) });
    await rest();
    expect(await between().count()).toBe(0);
    expect(await articles().count()).toBe(750);
  });

  it('S6 T9 the place is there again when the view begins anew, with what is around it', async () => {
    const scroll = { atEnd: false, message: 5, offset: -24, anchor: { uuid: 'user-301', after: 0 } };
    await view.send(snapshot(all.slice(900), {}, { earlier: 900, scroll, around: around(251, 350) }));
    await rest();
    expect(Math.abs((await whereIs(301)).top - 24)).toBeLessThan(3);
    expect((await whereIs(301)).focused).toBe(false);
  });

  it('U4 is marked without motion where the user wants none', async () => {
    await view.page.emulateMedia({ reducedMotion: 'reduce' });
    await view.send(lastPage());
    await view.send(reveal(301, 251, 350));
    const style = await view.page.locator('[data-message="301"]').evaluate((message) => {
      const { animationName, outlineStyle } = getComputedStyle(message);
      return { animationName, outlineStyle };
    });
    expect(style).toEqual({ animationName: 'none', outlineStyle: 'solid' });
  });
});

describe('a message’s link', () => {
  it('T9 is asked of the host by the message’s UUID; a message without one has no such button', async () => {
    const own = '00000000-0000-4000-8000-000000000001';
    await view.send(snapshot([{ ...user(1, 'Hello'), uuid: own }, claude(2, [prose('p', 'Hi.')])]));
    const buttons = view.page.getByRole('button', { name: /^Copy Link/ });
    expect(await buttons.count()).toBe(1);
    await view.page.getByRole('button', { name: 'Copy Link to message 1' }).click();
    expect(await view.posted('copyLink')).toEqual({ type: 'copyLink', session: sceneSession, message: own });
    await view.page.getByTitle('Copied').waitFor();
  });
});
