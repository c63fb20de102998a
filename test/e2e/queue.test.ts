import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callTool, next, say } from '../support/model/answers.js';
import type { Answer, Step } from '../support/model/script.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;
let runs = 0;

beforeAll(async () => {
  stage = await Stage.open({
    prepare: async ([folder = '']) => {
      // No question may stand between a message and its delivery.
      await mkdir(path.join(folder, '.claude'), { recursive: true });
      await writeFile(
        path.join(folder, '.claude', 'settings.local.json'),
        JSON.stringify({ permissions: { allow: ['Bash'] } }),
      );
    },
  });
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(async ({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [] });
  await chat.newSession();
  runs += 1;
});

const fileOf = (name: string): string => stage.file(`${name}-${String(runs)}.txt`);

/** A command that says that it runs, and ends when it is told to. */
function waitingCommand(): Answer {
  const [running, go] = [path.basename(fileOf('running')), path.basename(fileOf('go'))];
  return callTool('Bash', { command: `touch ${running}; until [ -f ${go} ]; do sleep 0.1; done; echo done` });
}

/** Begins a turn in which a command runs until `letGo`. */
async function beginCommand(...then: readonly Step[]): Promise<void> {
  stage.model.setScript({ steps: [next(waitingCommand()), ...then], otherwise: 'fail' });
  await chat.send('Run it');
  await expect.poll(() => existsSync(fileOf('running')), { timeout: 15_000 }).toBe(true);
}

async function letGo(): Promise<void> {
  await writeFile(fileOf('go'), '');
}

/** What the user had newly said in each request for an answer of this test's session. */
function newlySaid(): readonly (readonly string[])[] {
  const asked = stage.model.requests.filter(
    ({ turn, answeredBy }) => turn !== undefined && answeredBy.startsWith('step:'),
  );
  const from = asked.findLastIndex(
    ({ turn }) => turn?.newPrompts.includes('Run it') === true && turn.prompts.length === 1,
  );
  return asked.slice(from).map(({ turn }) => turn?.newPrompts ?? []);
}

/** The texts of the conversation's messages of the user, in their order. */
async function said(): Promise<readonly string[]> {
  return chat.log.getByRole('article', { name: /^You/ }).locator('.user-text').allInnerTexts();
}

describe('a message that steers', () => {
  it('T7 is delivered at the next step of the running turn, where the conversation shows it', async () => {
    await beginCommand({ when: { anyText: 'Be brief' }, answer: say('Brief it is.') });
    await chat.box.fill('Be brief');
    await chat.box.press('Alt+Enter');
    await chat.untilText(chat.queue, 'Sent, read at the next step');
    expect(await said()).toEqual(['Run it']);
    await letGo();
    await chat.untilText(chat.answer, 'Brief it is.');
    await chat.untilDone();
    expect(await chat.queue.count()).toBe(0);
    expect(newlySaid()).toEqual([['Run it'], ['Be brief']]);
    const names = await chat.messages.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    expect(names).toEqual(['You, message 1', 'Claude, message 2', 'You, message 3', 'Claude, message 4']);
    expect(await chat.messages.nth(1).innerText()).toContain('done');
  });

  it('T7 one that waits can be made to, and the others wait for the turn’s end', async () => {
    await beginCommand(
      { when: { anyText: 'Second' }, answer: say('Heard the second.') },
      next(say('Heard the first.')),
    );
    await chat.send('First');
    await chat.send('Second');
    await chat.queueButton('Second', 'Steer').click();
    await chat.untilText(chat.queue.first(), 'Sent');
    expect(await chat.queueTexts.allInnerTexts()).toEqual(['Second', 'First']);
    await letGo();
    await chat.untilText(chat.answer, 'Heard the first.');
    await chat.untilDone();
    expect(newlySaid()).toEqual([['Run it'], ['Second'], ['First']]);
  });

  it('T7 is taken back to be changed, and Claude hears only what it became', async () => {
    await beginCommand({ when: { toolResult: 'done' }, answer: say('Done.') }, next(say('Changed.')));
    await chat.box.fill('As it was');
    await chat.box.press('Alt+Enter');
    await chat.untilText(chat.queue, 'Sent');
    await chat.queueButton('As it was', 'Edit').click();
    const field = chat.frame.getByRole('textbox', { name: 'Text of the queued message' });
    await field.fill('As it is now');
    await field.press('Enter');
    await chat.untilText(chat.queue, 'After this turn');
    await letGo();
    await chat.untilText(chat.answer, 'Changed.');
    await chat.untilDone();
    expect(newlySaid()).toEqual([['Run it'], [], ['As it is now']]);
  });

  it('T7 begins the next turn when the running one ends without another step', async () => {
    const text = ['Busy. ', { gate: 'busy' }, 'Free.'] as const;
    stage.model.setScript({
      steps: [next({ blocks: [{ type: 'text', text }] }), { when: { text: 'Too late' }, answer: say('Not too late.') }],
      otherwise: 'fail',
    });
    await chat.send('Run it');
    await chat.untilText(chat.answer, 'Busy.');
    await chat.box.fill('Too late to steer');
    await chat.box.press('Alt+Enter');
    await chat.untilText(chat.queue, 'Sent');
    stage.model.release('busy');
    await chat.untilText(chat.answer, 'Not too late.');
    await chat.untilDone();
    expect(await said()).toEqual(['Run it', 'Too late to steer']);
    expect(await chat.queue.count()).toBe(0);
  });
});

describe('a message that is sent now', () => {
  it('T7 interrupts a command that runs, and is answered next; what waited follows', async () => {
    await beginCommand(
      { when: { text: 'At once' }, answer: say('At once it is.') },
      { when: { text: 'Afterwards' }, answer: say('And afterwards.') },
    );
    await chat.send('Afterwards');
    await chat.send('At once');
    await chat.queueButton('At once', 'Send Now').click();
    await chat.untilText(chat.answer, 'And afterwards.');
    await chat.untilDone();
    expect(await chat.tool('Bash').innerText()).toContain('Canceled');
    expect(existsSync(fileOf('go'))).toBe(false);
    expect(newlySaid().slice(1).flat()).toEqual(expect.arrayContaining(['At once', 'Afterwards']));
    expect(await said()).toEqual(['Run it', 'At once', 'Afterwards']);
  });
});

describe('messages that wait', () => {
  it('T7 are sent in the order and with the words that the user gave them; what is removed or held is not', async () => {
    await beginCommand(
      { when: { toolResult: 'done' }, answer: say('Done.') },
      { when: { text: 'Two, better' }, answer: say('Two heard.') },
      { when: { text: 'One' }, answer: say('One heard.') },
    );
    for (const text of ['One', 'Two', 'Three', 'Four']) await chat.send(text);
    await expect.poll(() => chat.queueTexts.allInnerTexts()).toEqual(['One', 'Two', 'Three', 'Four']);
    await chat.queueButton('Two', 'Move Up').click();
    await expect.poll(() => chat.queueTexts.allInnerTexts()).toEqual(['Two', 'One', 'Three', 'Four']);
    expect(await chat.queueButton('Two', 'Move Up').evaluate((button) => button === document.activeElement)).toBe(true);
    await chat.queueButton('Two', 'Edit').click();
    const field = chat.frame.getByRole('textbox', { name: 'Text of the queued message' });
    await field.fill('Two, better');
    await field.press('Enter');
    await chat.queueButton('Three', 'Remove').click();
    await chat.queueButton('Four', 'Hold').click();
    await chat.untilText(chat.queue, 'Held');
    await letGo();
    await chat.untilText(chat.answer, 'One heard.');
    await chat.untilDone();
    expect(newlySaid()).toEqual([['Run it'], [], ['Two, better'], ['One']]);
    expect(await chat.queueTexts.allInnerTexts()).toEqual(['Four']);
  });

  it('T6 T7 S6 are held after a stop, with those that steered, also over a reload, and are sent when the user says so', async () => {
    await beginCommand({ when: { text: 'Steers' }, answer: say('Steered late.') }, next(say('Waited long.')));
    await chat.send('Waits');
    await chat.box.fill('Steers');
    await chat.box.press('Alt+Enter');
    await chat.untilText(chat.queue.first(), 'Sent');
    await chat.stopButton.click();
    await chat.untilDone();
    await expect.poll(() => chat.queue.locator('.queue-state').allInnerTexts()).toEqual(['Held', 'Held']);
    await expect.poll(() => stage.stored('state.json')).toContain('Steers');
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await chat.messages.first().waitFor();
    expect(await chat.queueTexts.allInnerTexts()).toEqual(['Steers', 'Waits']);
    await chat.frame.getByRole('button', { name: 'Send Queue' }).click();
    await chat.untilText(chat.answer, 'Waited long.');
    await chat.untilDone();
    expect(
      newlySaid()
        .flat()
        .filter((text) => ['Steers', 'Waits'].includes(text)),
    ).toEqual(['Steers', 'Waits']);
  });

  it('T7 S6 are there again after a reload in the middle of a turn, also what the program had and Claude had not', async () => {
    await beginCommand({ when: { anyText: 'Steers' }, answer: say('Steered late.') }, next(say('Waited long.')));
    await chat.send('Waits');
    await chat.box.fill('Steers');
    await chat.box.press('Alt+Enter');
    await chat.untilText(chat.queue.first(), 'Sent');
    await expect.poll(() => stage.stored('state.json')).toContain('Steers');
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await chat.messages.first().waitFor();
    await expect.poll(() => chat.queueTexts.allInnerTexts()).toEqual(['Steers', 'Waits']);
    await chat.frame.getByRole('button', { name: 'Send Queue' }).click();
    await chat.untilText(chat.answer, 'Waited long.');
    await chat.untilDone();
    expect((await said()).filter((text) => text === 'Steers')).toHaveLength(1);
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});
