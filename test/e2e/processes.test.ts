import type { Locator } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../scripts/editor/processes.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { Stage } from './stage.js';

const command = 'Arbor: Show Processes';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open({ settings: { 'arbor.process.sleepSeconds': 0 } });
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
});

function list(): Locator {
  return stage.window.page.locator('.quick-input-widget');
}

/** Runs the command; its list takes the palette's place, which therefore does not go away. */
async function show(): Promise<void> {
  await stage.window.page.keyboard.press('F1');
  await list().locator('input').first().fill(`>${command}`);
  await row(new RegExp(`^${command}`)).click();
}

/** A row of the list, by what a screen reader says of it. */
function row(text: RegExp): Locator {
  return list().getByRole('option', { name: text });
}

/** The number of the process that a row names. */
async function pidOf(option: Locator): Promise<number> {
  return Number(/process (\d+)/.exec((await option.getAttribute('aria-label')) ?? '')?.[1]);
}

describe('the list of processes', () => {
  it('P8 U4 names every process with its session, state, age and memory, and follows while it is open', async () => {
    await chat.ask('hello');
    await show();
    const session = row(/^hello, .*ready · for .* · \d+ MB · process \d+/);
    await session.waitFor();
    const pid = await pidOf(session);
    expect((await stage.programs()).map((each) => each.pid)).toContain(pid);
    expect(await session.getAttribute('aria-label')).toContain(stage.folder);
    await row(/^Spare process, .*process \d+/).waitFor();
    await stage.window.screenshot('processes');
    // A process that ends by itself is seen without anything being done.
    process.kill(pid, 'SIGKILL');
    await row(/^hello, ended by itself/).waitFor();
    await stage.window.page.keyboard.press('Escape');
    await list().waitFor({ state: 'hidden' });
  });

  it('P8 U4 resumes, restarts and stops by the keyboard alone', async () => {
    const { keyboard } = stage.window.page;
    await show();
    await row(/^hello, /).waitFor();
    await keyboard.type('hello');
    await keyboard.press('Enter');
    await row(/^Resume/).waitFor();
    await keyboard.press('Enter');
    await row(/^hello, ready/).waitFor();
    const pid = await pidOf(row(/^hello, ready/));
    expect(isAlive(pid)).toBe(true);

    await keyboard.type('hello');
    await keyboard.press('Enter');
    await row(/^Restart/).waitFor();
    await keyboard.type('Restart');
    await keyboard.press('Enter');
    await expect.poll(() => isAlive(pid)).toBe(false);
    await row(/^hello, ready/).waitFor();
    const next = await pidOf(row(/^hello, ready/));
    expect(next).not.toBe(pid);

    await keyboard.type('hello');
    await keyboard.press('Enter');
    await row(/^Stop/).waitFor();
    await keyboard.press('Enter');
    await row(/^hello, asleep/).waitFor();
    await expect.poll(() => isAlive(next)).toBe(false);
    await keyboard.press('Escape');
  });

  it('P8 T6 stops a turn by a row’s button, and the conversation goes on with the next message', async () => {
    await chat.send('answer slowly');
    await chat.stopButton.waitFor();
    await show();
    const running = row(/^hello, running/);
    await running.waitFor();
    const pid = await pidOf(running);
    await running.hover();
    await running.getByRole('button', { name: 'Stop' }).click();
    await row(/^hello, asleep/).waitFor();
    await expect.poll(() => isAlive(pid)).toBe(false);
    await stage.window.page.keyboard.press('Escape');
    await chat.untilDone();
    expect(await chat.ask('what did I say first')).toContain('hello');
  });

  it('P3 sleeps after the idle time and wakes with the next message, with all that was said', async () => {
    await stage.editor.updateSettings({ 'arbor.process.sleepSeconds': 1 });
    await expect.poll(async () => (await stage.programs()).length, { timeout: 30_000 }).toBe(1);
    expect(await chat.ask('what did I say first')).toContain('hello');
    expect(await hostProblems(stage.editor)).toEqual([]);
  });
});
