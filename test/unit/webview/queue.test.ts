import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { QueuedMessage } from '../../../src/protocol/chat/toView.js';
import { appState, sceneHeader, sceneSession, snapshot } from '../../../webview-ui/dev/build.js';
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
  view = await bench.open({ width: 300 });
  await view.send(appState());
});
afterEach(async () => {
  expect(view.troubles).toEqual([]);
  await view.page.close();
});

const box = (): Locator => view.page.getByRole('textbox', { name: 'Message', exact: true });
const items = (): Locator => view.page.getByRole('list', { name: 'Queued messages' }).getByRole('listitem');
const item = (text: string): Locator => items().filter({ hasText: text });
const button = (text: string, name: string): Locator => item(text).getByRole('button', { name, exact: true });
const of = (text: string, more: Partial<QueuedMessage> = {}): QueuedMessage => ({
  id: `id-${text}`,
  text,
  state: 'waiting',
  ...more,
});

/** Shows a queue as the host says it is by now. */
async function show(queue: readonly QueuedMessage[], running = true): Promise<void> {
  const queueHeld = queue.some(({ state }) => state === 'held');
  const header = { ...sceneHeader(), state: running ? ('running' as const) : ('ready' as const), queue, queueHeld };
  await view.send({ type: 'header', header });
}

async function open(...texts: readonly string[]): Promise<void> {
  await view.send(snapshot([], { state: 'running', queue: texts.map((text) => of(text)) }));
}

/** The name of what has the focus, and of the message that it belongs to. */
async function focused(): Promise<string> {
  return view.page.evaluate(() => {
    const active = document.activeElement;
    const text = active?.closest('li')?.querySelector('.queue-text')?.textContent ?? '';
    return `${text} ${active?.getAttribute('aria-label') ?? active?.tagName ?? ''}`.trim();
  });
}

describe('The composer while a turn runs', () => {
  it('T7 queues with Enter and steers with Alt+Enter', async () => {
    await open();
    await box().fill('queued');
    await box().press('Enter');
    expect(await view.posted('send')).toEqual({ type: 'send', session: sceneSession, text: 'queued' });
    await box().fill('steers');
    await box().press('Alt+Enter');
    expect(await view.posted('send')).toEqual({
      type: 'send',
      session: sceneSession,
      text: 'steers',
      priority: 'next',
    });
    expect(await box().inputValue()).toBe('');
  });

  it('T7 has a button that steers, and the focus stays with the words', async () => {
    await open();
    const steer = view.page.getByRole('button', { name: 'Steer' });
    expect(await steer.count()).toBe(0);
    await box().fill('steers');
    expect(await steer.getAttribute('title')).toContain('Alt+Enter');
    await steer.click();
    expect(await view.posted('send')).toMatchObject({ priority: 'next' });
    expect(await focused()).toBe('Message');
  });

  it('T7 without a turn Alt+Enter sends like Enter, and there is no such button', async () => {
    await view.send(snapshot([], { state: 'ready' }));
    await box().fill('plain');
    expect(await view.page.getByRole('button', { name: 'Steer' }).count()).toBe(0);
    await box().press('Alt+Enter');
    expect(await view.posted('send')).toEqual({ type: 'send', session: sceneSession, text: 'plain' });
  });
});

describe('Queued messages', () => {
  it('T7 say in words what they wait for', async () => {
    await open();
    await show([
      of('a', { state: 'sent', priority: 'next' }),
      of('b', { priority: 'now' }),
      of('c', { priority: 'next' }),
      of('d'),
      of('e', { state: 'held' }),
    ]);
    const words = await items().locator('.queue-state').allTextContents();
    expect(words).toEqual([
      'Sent, read at the next step',
      'Interrupting…',
      'For the next step',
      'After this turn',
      'Held',
    ]);
    await show([of('d')], false);
    expect(await items().locator('.queue-state').textContent()).toBe('Next');
  });

  it.each([
    ['Hold', { type: 'queueDo', action: 'hold' }],
    ['Steer', { type: 'queueDo', action: 'steer' }],
    ['Send Now', { type: 'queueDo', action: 'sendNow' }],
    ['Edit', { type: 'queueDo', action: 'beginEdit' }],
    ['Remove', { type: 'unqueue', edit: false }],
    ['Move Up', { type: 'queueMove', to: 0 }],
    ['Move Down', { type: 'queueMove', to: 2 }],
  ] as const)('T7 have a button %s', async (name, message) => {
    await open('One', 'Two', 'Three');
    await button('Two', name).click();
    expect(await view.posted(message.type)).toEqual({ session: sceneSession, id: 'id-Two', ...message });
  });

  it('T7 are released where they are held, and sent or held all at once', async () => {
    await open();
    await show([of('One', { state: 'held' }), of('Two')]);
    await button('One', 'Release').click();
    expect(await view.posted('queueDo')).toMatchObject({ id: 'id-One', action: 'release' });
    await view.page.getByRole('button', { name: 'Hold All' }).click();
    expect(await view.posted('holdQueue')).toEqual({ type: 'holdQueue', session: sceneSession });
    await view.page.getByRole('button', { name: 'Send Queue' }).click();
    expect(await view.posted('sendQueue')).toEqual({ type: 'sendQueue', session: sceneSession });
  });

  it('T7 cannot be moved or steered where that means nothing', async () => {
    await open();
    await show([of('One', { state: 'sent', priority: 'next' }), of('Two')]);
    for (const [text, name] of [
      ['One', 'Steer'],
      ['One', 'Move Down'],
      ['Two', 'Move Down'],
    ] as const) {
      expect(await button(text, name).getAttribute('aria-disabled')).toBe('true');
      await button(text, name).click({ force: true });
    }
    expect((await view.posts()).filter(({ type }) => type.startsWith('queue'))).toEqual([]);
    await show([of('Two')], false);
    expect(await button('Two', 'Steer').count()).toBe(0);
  });

  it('T7 that are very long are changed in the composer', async () => {
    await open();
    await show([of('Long', { cut: true })]);
    await button('Long', 'Edit').click();
    expect(await view.posted('unqueue')).toEqual({ type: 'unqueue', session: sceneSession, id: 'id-Long', edit: true });
    await box().fill('here');
    await view.send({ type: 'insert', session: sceneSession, text: 'Long and more' });
    expect(await box().inputValue()).toBe('here\n\nLong and more');
  });

  it('T7 U4 need no more room than a narrow side bar has', async () => {
    await open('A message of many words that do not fit into one line of a side bar', `a${'b'.repeat(400)}`);
    const overflow = await view.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    for (const control of await items().getByRole('button').all()) {
      const place = await control.boundingBox();
      expect((place?.x ?? 999) + (place?.width ?? 0)).toBeLessThanOrEqual(300);
    }
  });
});

describe('Changing a queued message', () => {
  const field = (): Locator => view.page.getByRole('textbox', { name: 'Text of the queued message' });
  async function edit(): Promise<void> {
    await open('One', 'Two');
    await button('Two', 'Edit').click();
    await show([of('One'), of('Two', { state: 'edited' })]);
  }

  it('T7 happens in its place: Enter takes it, the focus goes back to its button', async () => {
    await edit();
    expect(await focused()).toBe('Text of the queued message');
    expect(await field().inputValue()).toBe('Two');
    await field().fill('Two, better');
    await field().press('Enter');
    expect(await view.posted('queueEdit')).toEqual({
      type: 'queueEdit',
      session: sceneSession,
      id: 'id-Two',
      text: 'Two, better',
    });
    await show([of('One'), of('Two, better', { id: 'id-Two' })]);
    expect(await focused()).toBe('Two, better Edit');
  });

  it('T7 Shift+Enter breaks the line, Escape gives up and stops no turn', async () => {
    await edit();
    await field().press('Shift+Enter');
    await field().press('Escape');
    expect(await view.posted('queueDo')).toMatchObject({ id: 'id-Two', action: 'endEdit' });
    const types = (await view.posts()).map(({ type }) => type);
    expect(types).not.toContain('stop');
    expect(types).not.toContain('queueEdit');
    await show([of('One'), of('Two')]);
    expect(await focused()).toBe('Two Edit');
    expect((await view.posts()).map(({ type }) => type)).not.toContain('queueEdit');
  });

  it('T7 to nothing is not possible', async () => {
    await edit();
    await field().fill('  ');
    await field().press('Enter');
    expect(await view.page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    expect((await view.posts()).map(({ type }) => type)).not.toContain('queueEdit');
  });

  it('T7 S6 keeps what was typed when another session is shown', async () => {
    await edit();
    await field().fill('Two, half');
    const other = '00000000-0000-4000-8000-00000000abcd';
    await view.send(snapshot([], { id: other }));
    expect(await view.posted('queueEdit')).toEqual({
      type: 'queueEdit',
      session: sceneSession,
      id: 'id-Two',
      text: 'Two, half',
    });
  });
});

describe('The keyboard', () => {
  it('U4 T7 one stop a message; arrows go from button to button and from message to message', async () => {
    await open('One', 'Two');
    await button('One', 'Edit').focus();
    await view.page.keyboard.press('ArrowRight');
    await view.page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('One Move Down');
    await view.page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Two Move Down');
    await view.page.keyboard.press('End');
    expect(await focused()).toBe('Two Remove');
    await view.page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('Two Edit');
    await view.page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('One Edit');
  });

  it('U4 T7 Alt and arrows move, Delete removes, F2 changes', async () => {
    await open('One', 'Two');
    await button('Two', 'Edit').focus();
    await view.page.keyboard.press('Alt+ArrowUp');
    expect(await view.posted('queueMove')).toMatchObject({ id: 'id-Two', to: 0 });
    await view.page.keyboard.press('F2');
    expect(await view.posted('queueDo')).toMatchObject({ id: 'id-Two', action: 'beginEdit' });
    await view.page.keyboard.press('Delete');
    expect(await view.posted('unqueue')).toMatchObject({ id: 'id-Two', edit: false });
  });

  it('U4 T7 the focus goes with a message that moves, and stays at the place of one that goes', async () => {
    await open('One', 'Two', 'Three');
    await button('Two', 'Move Up').click();
    await show([of('Two'), of('One'), of('Three')]);
    expect(await focused()).toBe('Two Move Up');
    await show([of('One'), of('Three')]);
    expect(await focused()).toBe('One Move Up');
    await button('Three', 'Remove').click();
    await show([of('One')]);
    expect(await focused()).toBe('One Remove');
    await show([]);
    expect(await focused()).toBe('Message');
  });

  it('U4 T7 the focus stays with a message that comes back under another id', async () => {
    await open();
    await show([of('One', { state: 'sent', priority: 'next' })]);
    await button('One', 'Hold').click();
    await show([of('One', { id: 'other', state: 'held' })]);
    expect(await focused()).toBe('One Release');
  });

  it('U4 T7 the focus is not taken from where the user is by now', async () => {
    await open('One', 'Two');
    await button('One', 'Edit').focus();
    await box().focus();
    await show([of('Two')]);
    expect(await focused()).toBe('Message');
    await button('Two', 'Edit').focus();
    await view.page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    });
    await show([of('Two'), of('Three')]);
    expect(await focused()).toBe('BODY');
  });

  it('U4 T7 what the user did is said once, what happens by itself is not said here', async () => {
    await open('One', 'Two');
    const said = view.page.getByRole('status');
    await show([of('Two')]);
    expect(await said.textContent()).toBe('');
    await show([of('One'), of('Two')]);
    await button('Two', 'Move Up').click();
    expect(await said.textContent()).toBe('Moved up to place 1 of 2.');
  });
});
