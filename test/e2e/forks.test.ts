import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isObject, parseJson } from '../../src/base/json.js';
import { projectFolderName } from '../../src/node/transcripts/locate.js';
import { next, say } from '../support/model/answers.js';
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

const button = (name: string) => chat.frame.getByRole('button', { name, exact: true });
const bar = (name: 'Fork' | 'Aside') => chat.frame.getByRole('group', { name, exact: true });

/** Talks: as many questions, each with its answer. @returns the id of the session */
async function talk(turns: number, name: string): Promise<string> {
  const numbers = Array.from({ length: turns }, (_, index) => String(index + 1));
  stage.model.setScript({ steps: numbers.map((number) => next(say(`${name} answer ${number}.`))) });
  for (const number of numbers) await chat.ask(`${name} question ${number}`);
  return lastSession();
}

/** What the model was told in its newest request for an answer: all that the user had said, and all that it had answered. */
function lastRequest(): { readonly prompts: readonly string[]; readonly answers: readonly string[] } {
  const last = stage.model.requests.findLast(({ turn }) => turn !== undefined);
  const answers = (last?.model?.messages ?? []).flatMap(({ role, blocks }) =>
    role === 'assistant' ? blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])) : [],
  );
  return { prompts: last?.turn?.prompts ?? [], answers };
}

function lastSession(): string {
  const last = stage.model.requests.findLast(({ turn }) => turn !== undefined);
  return last?.headers['x-claude-code-session-id'] ?? '';
}

function project(): string {
  return path.join(stage.claude.configDir, 'projects', projectFolderName(stage.folder));
}

function transcript(session: string): Promise<Buffer> {
  return readFile(path.join(project(), `${session}.jsonl`));
}

/** What was said in a conversation, as its transcript has it: a program that ends adds lines of its own behind that. */
async function messageLines(session: string): Promise<readonly string[]> {
  const lines = (await transcript(session)).toString().split('\n');
  return lines.filter((line) => /^\{.*"type":"(?:user|assistant)"/.test(line));
}

/** What Arbor keeps of a session, but for where its reader was; undefined when it keeps nothing. */
async function record(session: string): Promise<unknown> {
  const state = parseJson(await stage.stored('state.json'));
  const sessions = isObject(state) && Array.isArray(state['sessions']) ? state['sessions'] : [];
  const found: unknown = sessions.find((each: unknown) => isObject(each) && each['id'] === session);
  return isObject(found) ? { ...found, scroll: null } : undefined;
}

/** What is shown of each message, without its name. */
async function shown(): Promise<readonly string[]> {
  const texts = await chat.messages.allInnerTexts();
  return texts.map(
    (text) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')[1] ?? '',
  );
}

async function press(name: 'Fork from Here' | 'Edit and Resend', message: number): Promise<void> {
  const article = chat.log.getByRole('article', { name: new RegExp(`, message ${String(message)}$`) });
  await article.hover();
  await article.getByRole('button', { name, exact: true }).click();
}

function said(name: string, messages: number): readonly string[] {
  return Array.from({ length: messages }, (_, index) => {
    const turn = String(Math.floor(index / 2) + 1);
    return index % 2 === 0 ? `${name} question ${turn}` : `${name} answer ${turn}.`;
  });
}

describe('a fork', () => {
  it('F1 at message 3 of 10 shows three messages, its parent stays as it is, and the model gets exactly those and the next', async () => {
    const parent = await talk(5, 'Ten');
    const before = await transcript(parent);
    const kept = await record(parent);
    await press('Fork from Here', 3);
    await bar('Fork').waitFor();
    await expect.poll(shown).toEqual(said('Ten', 3));
    expect(await bar('Fork').innerText()).toMatch(/^Fork of\s+Ten question 1$/);
    expect(await chat.box.evaluate((element) => element === document.activeElement)).toBe(true);

    stage.model.setScript({ steps: [next(say('Another answer.'))] });
    await chat.ask('Another question');
    const child = lastSession();
    expect(child).not.toBe(parent);
    expect(lastRequest()).toEqual({
      prompts: ['Ten question 1', 'Ten question 2', 'Another question'],
      answers: ['Ten answer 1.'],
    });
    expect(await shown()).toEqual([...said('Ten', 3), 'Another question', 'Another answer.']);
    expect((await transcript(parent)).equals(before)).toBe(true);
    expect(await record(parent)).toEqual(kept);

    await bar('Fork').getByRole('button', { name: 'Ten question 1' }).click();
    await expect.poll(shown).toEqual(said('Ten', 10));
    expect(await bar('Fork').count()).toBe(0);
    stage.model.setScript({ steps: [next(say('Eleven.'))] });
    await chat.ask('Ten question 6');
    expect(lastSession()).toBe(parent);
    expect(lastRequest().prompts).toHaveLength(6);
  });

  it('F1 of a fork holds what it should, before the first prompt of the one between and after it, and after a reload', async () => {
    const first = await talk(3, 'Deep');
    await press('Fork from Here', 4);
    await expect.poll(shown).toEqual(said('Deep', 4));
    // The one between has no transcript of its own yet.
    await press('Fork from Here', 2);
    await expect.poll(shown).toEqual(said('Deep', 2));
    stage.model.setScript({ steps: [next(say('In the second.')), next(say('In the third.'))] });
    await chat.ask('Second');
    const second = lastSession();
    expect(lastRequest()).toEqual({ prompts: ['Deep question 1', 'Second'], answers: ['Deep answer 1.'] });
    const messages = [await messageLines(first), await messageLines(second)];
    expect(messages.map(({ length }) => length)).toEqual([6, 4]);

    await press('Fork from Here', 3);
    await expect.poll(shown).toEqual([...said('Deep', 2), 'Second']);
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await expect.poll(shown).toEqual([...said('Deep', 2), 'Second']);
    expect(await bar('Fork').innerText()).toMatch(/^Fork of\s+Second$/);
    await chat.ask('Third');
    expect(lastRequest()).toEqual({ prompts: ['Deep question 1', 'Second', 'Third'], answers: ['Deep answer 1.'] });
    expect(new Set([first, second, lastSession()]).size).toBe(3);
    expect([await messageLines(first), await messageLines(second)]).toEqual(messages);
  });

  it('F1 is made while a turn runs, of the message that streams too; the turn goes on and ends where it belongs', async () => {
    const parent = await talk(1, 'Busy');
    const text = ['The first half ', { gate: 'middle' }, 'and the second.'] as const;
    stage.model.setScript({
      steps: [
        { when: { text: 'Busy question 2' }, answer: { blocks: [{ type: 'text', text }] } },
        { when: { text: 'Meanwhile' }, answer: say('Meanwhile, this.') },
      ],
    });
    await chat.send('Busy question 2');
    await chat.untilText(chat.answer, 'The first half');
    await press('Fork from Here', 4);
    await bar('Fork').waitFor();
    // Of the answer nothing is in the transcript yet.
    await expect.poll(shown).toEqual([...said('Busy', 2), 'Busy question 2']);
    await chat.ask('Meanwhile');
    expect(lastRequest()).toEqual({
      prompts: ['Busy question 1', 'Busy question 2', 'Meanwhile'],
      answers: ['Busy answer 1.'],
    });
    stage.model.release('middle');
    await bar('Fork').getByRole('button').click();
    await chat.untilText(chat.answer, 'The first half and the second.');
    await chat.untilDone();
    expect(await chat.messages.count()).toBe(4);
    expect((await transcript(parent)).toString()).not.toContain('Meanwhile');
  });

  it('F1 of a message before a compaction is refused with a recap as the way out; one behind it works', async () => {
    await talk(2, 'Long');
    stage.model.setScript({
      steps: [
        { when: { compaction: true }, answer: say('A summary of it.') },
        { when: { text: 'After it' }, answer: say('Yes.') },
        { when: { text: 'Once more' }, answer: say('Here.') },
      ],
    });
    await chat.send('/compact');
    await chat.log.getByText('The conversation was compacted').waitFor();
    await chat.untilDone();
    await chat.ask('After it');
    await press('Fork from Here', 2);
    const notice = chat.log.getByText('The conversation was compacted after this message');
    await notice.waitFor();
    await button('Recap in a New Session').click();
    await bar('Fork').waitFor();
    await expect.poll(() => chat.box.inputValue()).toContain('You said:\nLong answer 1.');
    expect(await chat.box.inputValue()).not.toContain('Long question 2');
    expect(await chat.messages.count()).toBe(0);
    await chat.box.fill('');

    await bar('Fork').getByRole('button').click();
    await chat.log.getByRole('article', { name: /^Claude, message 8$/ }).waitFor();
    await press('Fork from Here', 8);
    await bar('Fork').waitFor();
    await chat.ask('Once more');
    expect(await chat.answer.innerText()).toContain('Here.');
    expect(lastRequest().prompts.slice(-2)).toEqual(['After it', 'Once more']);
  });
});

describe('edit and resend', () => {
  it('F5 goes back before the message, with its text to be changed, and the first conversation stays', async () => {
    const parent = await talk(3, 'Edit');
    const before = await transcript(parent);
    await press('Edit and Resend', 3);
    await expect.poll(shown).toEqual(said('Edit', 2));
    await expect.poll(() => chat.box.inputValue()).toBe('Edit question 2');
    stage.model.setScript({ steps: [next(say('Better.')), next(say('Best.'))] });
    await chat.ask('Edit question 2, but better');
    expect(lastRequest()).toEqual({
      prompts: ['Edit question 1', 'Edit question 2, but better'],
      answers: ['Edit answer 1.'],
    });
    expect((await transcript(parent)).equals(before)).toBe(true);

    // Of the first message: nothing comes before it.
    await press('Edit and Resend', 1);
    await expect.poll(() => chat.box.inputValue()).toBe('Edit question 1');
    expect(await chat.messages.count()).toBe(0);
    await chat.box.press('Enter');
    await chat.untilText(chat.answer, 'Best.');
    expect(lastRequest()).toEqual({ prompts: ['Edit question 1'], answers: [] });
  });
});

describe('an aside', () => {
  it('F6 leaves no trace: not in the transcript, the head and the cost of its parent, and none of its own', async () => {
    const parent = await talk(2, 'Main');
    await expect.poll(() => stage.stored('state.json')).toContain(parent);
    const before = await transcript(parent);
    const kept = await record(parent);
    const total = await chat.frame.locator('.status-total').innerText();
    const files = await readdir(project());
    await stage.window.runCommand('Arbor: Ask Aside');
    await bar('Aside').waitFor();
    await expect.poll(shown).toEqual(said('Main', 4));
    expect(await bar('Aside').innerText()).toMatch(/^Aside: nothing here changes\s+Main question 1/);
    stage.model.setScript({ steps: [next(say('By the way, yes.'))] });
    await chat.ask('By the way?');
    const aside = lastSession();
    expect(lastRequest()).toEqual({
      prompts: ['Main question 1', 'Main question 2', 'By the way?'],
      answers: ['Main answer 1.', 'Main answer 2.'],
    });
    const journal = path.join(await stage.storageFolder(), 'journals', `${aside}.jsonl`);
    await expect.poll(() => existsSync(journal)).toBe(true);
    await button('Discard').click();
    await expect.poll(shown).toEqual(said('Main', 4));
    expect(await bar('Aside').count()).toBe(0);
    await expect.poll(async () => (await stage.stored('state.json')).includes(aside)).toBe(false);
    await expect.poll(() => existsSync(journal)).toBe(false);
    await expect.poll(() => readdir(project())).toEqual(files);
    expect((await stage.programs()).filter(({ command }) => command.includes(aside))).toEqual([]);
    expect((await transcript(parent)).equals(before)).toBe(true);
    expect(await record(parent)).toEqual(kept);
    expect(await chat.frame.locator('.status-total').innerText()).toBe(total);
  });

  it('F6 is asked while a turn runs, from the view’s title; kept, it is a fork that stays', async () => {
    await talk(1, 'Work');
    const text = ['Working ', { gate: 'work' }, 'and done.'] as const;
    stage.model.setScript({
      steps: [
        { when: { text: 'Work question 2' }, answer: { blocks: [{ type: 'text', text }] } },
        { when: { text: 'Aside' }, answer: say('An answer worth keeping.') },
      ],
    });
    await chat.send('Work question 2');
    await chat.untilText(chat.answer, 'Working');
    await button('Ask Aside').click();
    await bar('Aside').waitFor();
    await chat.ask('Aside');
    await button('Keep as Fork').click();
    await bar('Fork').waitFor();
    expect(await button('Discard').count()).toBe(0);
    stage.model.release('work');
    await bar('Fork').getByRole('button').click();
    await chat.untilText(chat.answer, 'Working and done.');
    await chat.untilDone();

    await button('Fork from Now').click();
    await expect.poll(shown).toEqual([...said('Work', 2), 'Work question 2', 'Working and done.']);
    expect(await stage.stored('state.json')).not.toContain('"aside"');
  });

  it('F6 S6 that a window left is taken out when it is loaded again, and what it was asked beside is shown', async () => {
    await talk(1, 'Left');
    await button('Ask Aside').click();
    await bar('Aside').waitFor();
    stage.model.setScript({ steps: [next(say('Gone soon.'))] });
    await chat.ask('Soon gone');
    const aside = lastSession();
    await expect.poll(() => stage.stored('state.json')).toContain(aside);
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await expect.poll(shown).toEqual(said('Left', 2));
    await expect.poll(async () => (await stage.stored('state.json')).includes(aside)).toBe(false);
    expect(existsSync(path.join(project(), `${aside}.jsonl`))).toBe(false);
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});
