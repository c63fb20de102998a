import type { FrameLocator } from 'playwright-core';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import * as v from 'valibot';
import { costText, countText } from '../../src/core/usage/texts.js';
import { totalOf } from '../../src/core/usage/sums.js';
import { usageEntrySchema, type UsageEntry } from '../../src/protocol/usage/usageEntry.js';
import { say } from '../support/model/answers.js';
import type { Answer } from '../support/model/script.js';
import type { ChatPage } from './chatPage.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open();
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
});

/** An answer that uses so many tokens. */
function using(inputTokens: number, outputTokens: number): Answer {
  return { ...say('Done.'), usage: { inputTokens, outputTokens, cacheReadTokens: 2000, cacheWriteTokens: 300 } };
}

/** Shows the document. @returns its preview's page */
async function showUsage(): Promise<FrameLocator> {
  await stage.window.runCommand('Arbor: Show Usage');
  const preview = stage.window.page.frameLocator('iframe.webview.ready[src*="vscode.markdown-language-features"]');
  const page = preview.frameLocator('#active-frame');
  await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor();
  return page;
}

async function closeUsage(): Promise<void> {
  await stage.window.runCommand('View: Close All Editors');
  await stage.window.page
    .locator('.editor-instance, .editor-group-container iframe.webview')
    .waitFor({ state: 'detached' });
}

/** The cells of the rows below a heading. */
function rowsOf(page: FrameLocator, first: string): Promise<string[][]> {
  return page
    .locator('table')
    .filter({ has: page.locator(`th:first-child:text-is("${first}")`) })
    .evaluate((table) =>
      [...table.querySelectorAll('tbody tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => cell.innerText),
      ),
    );
}

/** What was written down. */
async function ledger(): Promise<readonly UsageEntry[]> {
  const lines = (await stage.stored('usage.jsonl')).trimEnd().split('\n');
  return lines.map((line) => v.parse(usageEntrySchema, JSON.parse(line)));
}

it('M1 turns on two models are summed up by time, model, folder, session and day; after a reload and in a fork as well', async () => {
  stage.model.setScript({
    steps: [
      { when: { text: 'First' }, answer: using(111, 11) },
      { when: { text: 'Second' }, answer: using(222, 22) },
      { when: { text: 'Third' }, answer: using(20_333, 33) },
      { when: { text: 'Fourth' }, answer: using(444, 44) },
    ],
    otherwise: 'fail',
  });
  await chat.ask('First');
  const menu = chat.menu('Model');
  const options = await menu.locator('option').evaluateAll((all) => all.map((each) => each.getAttribute('value')));
  await menu.selectOption(options.find((value) => value?.includes('haiku')) ?? '');
  await chat.ask('Second');
  const split = await chat.frame.locator('.status-total').getAttribute('title');
  expect(split).toMatch(
    /\nclaude-(?!haiku)\S+: 2\.4k in · 11 out · \$0\.\d+\nclaude-haiku\S*: 2\.5k in · 22 out · \$0\.\d+$/,
  );

  let page = await showUsage();
  const cost = costText(totalOf(await ledger()));
  expect(cost).toMatch(/^\$0\.\d+$/);
  const sum = ['2', '333', '33', '4,000', '600', cost];
  const times = await rowsOf(page, 'When');
  expect(times.map((cells) => cells.slice(0, 7))).toEqual(
    ['Today', 'Last 7 days', 'All'].map((name) => [name, ...sum]),
  );
  const models = await rowsOf(page, 'Model');
  expect(models.map((cells) => cells.slice(0, 5))).toEqual([
    [expect.stringMatching(/^claude-(?!haiku)/), '111', '11', '2,000', '300'],
    [expect.stringMatching(/^claude-haiku/), '222', '22', '2,000', '300'],
  ]);
  expect((await rowsOf(page, 'Folder'))[0]?.slice(0, 7)).toEqual([stage.folder, ...sum]);
  expect((await rowsOf(page, 'Session'))[0]).toEqual(['First', ...sum, expect.any(String), cost]);
  await stage.window.screenshot('usage');
  await closeUsage();

  await stage.window.reloadWindow();
  await stage.window.openChat();
  await chat.messages.nth(3).waitFor();
  await chat.ask('Third');
  page = await showUsage();
  expect((await rowsOf(page, 'Session'))[0]?.slice(0, 6)).toEqual(['First', '3', '20,666', '66', '6,000', '900']);
  await closeUsage();

  await chat.frame.getByRole('button', { name: 'Fork from Now', exact: true }).click();
  await chat.frame.getByText('Fork of').waitFor();
  await chat.ask('Fourth');
  page = await showUsage();
  const entries = await ledger();
  const [parent, fork] = await rowsOf(page, 'Session');
  expect(parent?.slice(0, 6)).toEqual(['First', '3', '20,666', '66', '6,000', '900']);
  expect(parent?.at(-1)).toBe(costText(totalOf(entries)));
  // What its parent had used is not the fork's, although the program goes on counting from there.
  expect(fork?.slice(0, 6)).toEqual(['↳ Fourth', '1', '444', '44', '2,000', '300']);
  expect(fork?.[6]).toBe(costText(totalOf(entries.slice(-1))));
  expect((await rowsOf(page, 'Day'))[0]?.slice(1, 3)).toEqual(['4', countText(21_110)]);
});
