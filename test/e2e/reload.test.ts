import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../scripts/editor/processes.js';
import { callTool, next, say } from '../support/model/answers.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open();
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(async ({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [] });
  await chat.newSession();
});

async function reload(): Promise<void> {
  await stage.window.reloadWindow();
  await stage.window.openChat();
  await chat.messages.first().waitFor();
}

/** What the model was told in its newest request for an answer. */
function lastPrompts(): readonly string[] {
  return stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
}

function sessionOfLast(): string {
  const last = stage.model.requests.findLast(({ turn }) => turn !== undefined);
  return last?.headers['x-claude-code-session-id'] ?? '';
}

/** A text that is higher than the view. */
function long(name: string): string {
  return Array.from({ length: 40 }, (_, line) => `${name}, paragraph ${String(line + 1)}.`).join('\n\n');
}

/** How far below the top of the conversation a message begins, in pixels. */
async function placeOf(message: number): Promise<number> {
  return chat.log.evaluate((log, wanted) => {
    const found = log.querySelector(`[data-message="${String(wanted)}"]`);
    return Math.round((found?.getBoundingClientRect().top ?? Number.NaN) - log.getBoundingClientRect().top);
  }, message);
}

describe('a reload between two turns', () => {
  it('S6 conversation, tools, thinking, draft, mode and session are there again, and the next message goes on', async () => {
    const blocks = [
      { type: 'thinking', thinking: 'A thought to be kept.' },
      { type: 'text', text: 'First **answer**.' },
      { type: 'toolUse', name: 'Bash', input: { command: 'echo from the tool' } },
    ] as const;
    stage.model.setScript({ steps: [next({ blocks }), next(say('After the tool.')), next(say('Second answer.'))] });
    await chat.ask('First question');
    await chat.ask('Second question');
    await chat.menu('Permission mode').selectOption('plan');
    await expect.poll(() => chat.menu('Permission mode').inputValue()).toBe('plan');
    const before = await chat.messages.allInnerTexts();
    const total = await chat.frame.locator('.status-total').innerText();
    const session = sessionOfLast();
    await chat.box.fill('A draft with\ntwo lines');
    await expect.poll(() => stage.stored('state.json')).toContain('A draft with');
    await reload();
    expect(await chat.box.inputValue()).toBe('A draft with\ntwo lines');
    await expect.poll(() => chat.messages.count()).toBe(before.length);
    expect((await chat.messages.allInnerTexts()).map(words)).toEqual(before.map(words));
    expect(await chat.part('Bash', 'Result').innerText()).toContain('from the tool');
    expect(await chat.log.getByText('Thought', { exact: true }).count()).toBe(1);
    expect(await chat.frame.getByRole('heading', { name: 'First question' }).count()).toBe(1);
    expect(await chat.frame.locator('.status-total').innerText()).toBe(total);
    expect(await chat.menu('Permission mode').inputValue()).toBe('plan');
    stage.model.setScript({ steps: [next(say('Third answer.'))] });
    await chat.box.press('Enter');
    await chat.untilText(chat.answer, 'Third answer.');
    expect(lastPrompts()).toEqual(['First question', 'Second question', 'A draft with\ntwo lines']);
    expect(sessionOfLast()).toBe(session);
    await chat.untilDone();
  });

  it('S6 the place in the conversation is kept', async () => {
    stage.model.setScript({ steps: [next(say(long('One'))), next(say(long('Two'))), next(say(long('Three')))] });
    for (const prompt of ['Long one', 'Long two', 'Long three']) await chat.ask(prompt);
    await chat.log.evaluate((log) => {
      log.querySelector('[data-message="3"]')?.scrollIntoView({ block: 'start' });
      log.scrollTop += 70;
    });
    await chat.frame.getByRole('button', { name: 'Jump to Latest' }).waitFor();
    const place = await placeOf(3);
    expect(place).toBeLessThan(0);
    await expect.poll(() => stage.stored('state.json')).toContain('"atEnd":false,"message":3');
    await reload();
    await expect.poll(async () => Math.abs((await placeOf(3)) - place)).toBeLessThan(5);
    await chat.frame.getByRole('button', { name: 'Jump to Latest' }).click();
    await chat.frame.getByRole('button', { name: 'Jump to Latest' }).waitFor({ state: 'hidden' });
  });

  it('P4 no program of the old window is left 5 s after the reload', async () => {
    stage.model.setScript({ steps: [next(say('Warm.'))] });
    await chat.ask('Start a program');
    const before = await stage.programs();
    expect(before.length).toBeGreaterThan(0);
    await reload();
    await expect.poll(() => before.filter(({ pid }) => isAlive(pid)), { timeout: 5000 }).toEqual([]);
  });
});

describe('a reload in the middle of a turn', () => {
  it('S6 the conversation and the draft are kept, and the next message goes on', async () => {
    const text = ['Half of the answer ', { gate: 'middle' }, 'and the rest.'] as const;
    stage.model.setScript({ steps: [next({ blocks: [{ type: 'text', text }] })] });
    await chat.send('Reload me in the middle');
    await chat.untilText(chat.answer, 'Half of the answer');
    await chat.box.fill('Typed while it streamed');
    await expect.poll(() => stage.stored('state.json')).toContain('Typed while it streamed');
    const programs = await stage.programs();
    const session = sessionOfLast();
    await reload();
    expect(await chat.box.inputValue()).toBe('Typed while it streamed');
    await chat.untilText(chat.prompt, 'Reload me in the middle');
    // What had arrived is there, although the program has not written it down.
    expect(await chat.untilText(chat.answer, 'Stopped')).toContain('Half of the answer');
    expect(await chat.answer.getAttribute('aria-busy')).not.toBe('true');
    await expect.poll(() => programs.filter(({ pid }) => isAlive(pid)), { timeout: 5000 }).toEqual([]);
    stage.model.setScript({ steps: [next(say('Going on.'))] });
    await chat.box.press('Enter');
    await chat.untilText(chat.answer, 'Going on.');
    expect(lastPrompts()).toEqual(['Reload me in the middle', 'Typed while it streamed']);
    expect(sessionOfLast()).toBe(session);
    await chat.untilDone();
  });

  it('T7 messages that waited are not lost: they are held and can be sent', async () => {
    stage.model.setScript({ steps: [next({ blocks: [{ type: 'text', text: ['Busy ', { gate: 'busy' }] }] })] });
    await chat.send('Keep me busy');
    await chat.untilText(chat.answer, 'Busy');
    await chat.send('Waiting message');
    await expect.poll(() => chat.queueTexts.allInnerTexts()).toEqual(['Waiting message']);
    await reload();
    await expect.poll(() => chat.queueTexts.allInnerTexts()).toEqual(['Waiting message']);
    stage.model.setScript({ steps: [next(say('The waiting message came.'))] });
    await chat.frame.getByRole('button', { name: 'Send Queue' }).click();
    await chat.untilText(chat.answer, 'The waiting message came.');
    expect(lastPrompts().at(-1)).toBe('Waiting message');
    expect(await chat.queue.count()).toBe(0);
    await chat.untilDone();
  });

  it('T6 a tool that ran is closed and its process is gone', async () => {
    const command = 'echo running > reload.txt; sleep 62.5; echo late > late.txt';
    stage.model.setScript({ steps: [next(callTool('Bash', { command }))] });
    await chat.send('Run something long');
    await (await stage.window.modal()).press('Allow Once');
    await chat.tool('Bash').getByText('Running', { exact: true }).waitFor();
    const sleepers = async (): Promise<number> =>
      (await stage.editor.processes()).filter((each) => each.command.startsWith('sleep 62.5')).length;
    await expect.poll(sleepers).toBe(1);
    await reload();
    await expect.poll(sleepers, { timeout: 5000 }).toBe(0);
    await chat.untilText(chat.answer, 'Stopped');
    expect(await chat.tool('Bash').textContent()).not.toContain('Running');
    expect(await chat.stopButton.isVisible()).toBe(false);
  });
});

describe('around', () => {
  it('the demo model is said to be one, clearly, as long as it answers', async () => {
    const banner = chat.frame.getByText('Demo model: answers are scripted');
    expect(await banner.count()).toBe(0);
    const environment = { ...stage.claude.env, ...stage.editor.marker };
    await stage.editor.updateSettings({ 'arbor.claude.environment': { ...environment, ARBOR_DEMO_MODEL: '1' } });
    await banner.waitFor();
    await stage.editor.updateSettings({ 'arbor.claude.environment': environment });
    await banner.waitFor({ state: 'detached' });
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});

/** A message's words without what changes with time, such as how long a turn took. */
function words(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/ (in|out) · /.test(line))
    .join('\n');
}
