import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectFolderName } from '../../src/node/transcripts/locate.js';
import { lineUuid, transcriptLines } from '../support/writtenTranscript.js';
import type { ChatPage } from './chatPage.js';
import { Stage } from './stage.js';

/** A conversation of 1,000 messages, and one that went on from its tenth answer, so that ten turns were left. */
const long = '11111111-1111-4111-8111-111111111111';
const rewound = '22222222-2222-4222-8222-222222222222';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open();
  ({ chat } = stage);
  await stage.window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const shape = { textLength: 300, resultLength: 100, tools: 0 };
  const whole = Array.from(transcriptLines({ ...shape, turns: 500 }));
  await write(long, whole.join('').replace('"Question 41"', '"Where was the needle hidden?"'));
  const turns = Array.from(transcriptLines({ ...shape, turns: 30, id: 'b' }));
  turns[40] = (turns[40] ?? '').replace(lineUuid(40, 'b'), lineUuid(20, 'b'));
  await write(rewound, turns.join(''));
  return () => stage.close();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
});

/** Puts a transcript where the program keeps those of sessions in a terminal. */
async function write(id: string, lines: string): Promise<void> {
  const folder = await realpath(stage.folder);
  const project = path.join(stage.claude.configDir, 'projects', projectFolderName(folder));
  await mkdir(project, { recursive: true });
  await writeFile(path.join(project, `${id}.jsonl`), lines.replaceAll('"/sample/folder"', JSON.stringify(folder)));
}

function widget(): Locator {
  return stage.window.page.locator('.quick-input-widget');
}

/** Opens a link as the editor does that is handed one from outside. */
async function openLink(link: string): Promise<void> {
  const { page } = stage.window;
  await page.keyboard.press('F1');
  await widget().locator('input').first().fill('>Developer: Open URL');
  await widget().locator('.monaco-list-row', { hasText: 'Open URL' }).first().click();
  await expect.poll(() => widget().locator('input').first().inputValue()).not.toContain('>');
  await widget().locator('input').first().fill(link);
  await page.keyboard.press('Enter');
  // The editor asks whether the extension may open it.
  await (await stage.window.modal()).press('Open');
}

function linkTo(session: string, message: string): string {
  return `vscode://arbor-for-claude-code.arbor/session/${session}/${message}`;
}

/** Where the message with the focus is: its text, and whether its top is in view. */
async function focused(): Promise<{ readonly text: string; readonly isInView: boolean }> {
  return chat.log.evaluate((log) => {
    const message = log.querySelector<HTMLElement>('article:focus');
    const top = message?.getBoundingClientRect().top ?? Number.NaN;
    const { top: from, bottom: to } = log.getBoundingClientRect();
    return { text: message?.innerText ?? '', isInView: top >= from && top < to };
  });
}

async function untilAt(text: string): Promise<void> {
  await chat.log.locator('article:focus', { hasText: text }).waitFor();
  await expect.poll(focused).toMatchObject({ isInView: true });
}

describe('a message of a session that was made in a terminal', () => {
  it('U3 S3 a search hit opens the chat there, in a conversation of 1,000 messages', async () => {
    await stage.window.page.keyboard.press('F1');
    await widget().locator('input').first().fill('>Arbor: Search Sessions');
    await widget().locator('.monaco-list-row', { hasText: 'Search Sessions' }).first().click();
    await expect.poll(() => widget().locator('input').first().inputValue()).not.toContain('>');
    await widget().locator('input').first().fill('needle hidden');
    await widget().locator('.monaco-list-row', { hasText: 'Where was the needle hidden?' }).first().click();
    await untilAt('Where was the needle hidden?');
    await chat.frame.getByRole('button', { name: /^Jump to Latest/ }).waitFor();
    // The view has what is around the place and the end, not all that is between.
    expect(await chat.messages.count()).toBeLessThan(500);
    for (const theme of ['Light Modern', 'Default High Contrast', 'Dark Modern'] as const) {
      await stage.window.setTheme(theme);
      await chat.log.locator('article:focus').evaluate((message) => {
        message.classList.add('revealed');
      });
      await stage.window.screenshot(`open-at-${theme.replaceAll(' ', '-').toLowerCase()}`);
    }
  });

  it('T9 a link that was copied in the chat leads there again, from another session', async () => {
    const message = chat.log.locator('article:focus');
    await message.hover();
    await message.getByRole('button', { name: /^Copy Link/ }).click();
    const link = await expect
      .poll(() => stage.window.page.evaluate(() => navigator.clipboard.readText()))
      .toContain(`arbor-for-claude-code.arbor/session/${long}/${lineUuid(81)}`)
      .then(() => stage.window.page.evaluate(() => navigator.clipboard.readText()));
    await chat.frame.getByRole('button', { name: /^Jump to Latest/ }).click();
    await chat.answer.getByText('Answer 500.').waitFor();
    await chat.newSession();
    await openLink(link);
    await untilAt('Where was the needle hidden?');
  });

  it('T9 on a branch that was left: the chat is where the two parted, says so, and has the message by itself', async () => {
    await openLink(linkTo(rewound, lineUuid(31, 'b')));
    await untilAt('Answer 10.');
    expect((await stage.window.notifications()).join()).toContain('went on from an earlier message');
    expect(await chat.log.getByText('Question 16', { exact: true }).count()).toBe(0);
    await stage.window.screenshot('open-at-left-branch');
    await stage.window.page.getByRole('button', { name: 'Show the Message' }).click();
    await stage.window.page.locator('.editor-instance .view-lines').getByText('Question').first().waitFor();
  });

  it('T9 a link to a session that is not there says why', async () => {
    await openLink(linkTo('33333333-3333-4333-8333-333333333333', lineUuid(1)));
    await expect.poll(async () => (await stage.window.notifications()).join()).toContain('is not on this machine');
  });

  it('S6 T9 the place is there again after a reload', async () => {
    await openLink(linkTo(long, lineUuid(81)));
    await untilAt('Where was the needle hidden?');
    // A little of the message before it is in view: the place is named by the prompt before that.
    await expect.poll(() => stage.stored('state.json')).toContain(lineUuid(79));
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await chat.log.getByText('Where was the needle hidden?').waitFor();
    await expect
      .poll(() =>
        chat.log.evaluate((log) => {
          const found = Array.from(log.querySelectorAll('article')).find((each) => each.innerText.includes('needle'));
          const top = (found?.getBoundingClientRect().top ?? Number.NaN) - log.getBoundingClientRect().top;
          return top > -60 && top < 60;
        }),
      )
      .toBe(true);
  });
});
