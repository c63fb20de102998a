import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../scripts/editor/processes.js';
import { next, say } from '../support/model/answers.js';
import type { RecordedRequest } from '../support/model/server.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { workingFolder } from './processFacts.js';
import { Stage } from './stage.js';

/*
 * Three folders: a repository, a worktree of it that has the same name, and a folder inside the repository.
 */
const names = ['repo/alpha', 'side/alpha', 'repo/alpha/inner'];

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open({
    folders: names,
    settings: { 'arbor.sessions.generateTitles': true },
    prepare: async ([repository = '', worktree = '']) => {
      await git(repository, 'init', '-q', '-b', 'trunk');
      await git(repository, 'commit', '-q', '--allow-empty', '-m', 'First');
      await git(repository, 'worktree', 'add', '-q', '-b', 'sidetrack', worktree);
    },
  });
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
});

/** Runs git with nothing of its caller's settings. */
async function git(cwd: string, ...args: readonly string[]): Promise<void> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' },
  };
  await promisify(execFile)('git', [...args], { cwd, env });
}

function requestWith(text: string): Promise<RecordedRequest> {
  return stage.model.waitForRequest((request) => request.turn?.newPrompts.some((each) => each.includes(text)) === true);
}

async function programOf(text: string): Promise<number> {
  const id = (await requestWith(text)).headers['x-claude-code-session-id'] ?? '';
  return (await stage.programOf(id)).pid;
}

/** The folders that programs work in, one for each. */
async function programFolders(): Promise<readonly string[]> {
  const folders = await Promise.all((await stage.programs()).map(({ pid }) => workingFolder(pid).catch(() => '')));
  return folders.map((folder) => names[stage.folders.indexOf(folder)] ?? folder).sort();
}

/** Writes the workspace's file anew, as the editor does when folders are added, removed or reordered. */
async function setFolders(folders: readonly string[]): Promise<void> {
  const file = path.join(stage.editor.root, 'several.code-workspace');
  await writeFile(file, JSON.stringify({ folders: folders.map((each) => ({ path: each })) }));
}

function header(): Locator {
  return chat.frame.locator('header');
}

function quickInput(): Locator {
  return stage.window.page.locator('.quick-input-widget');
}

/** Waits for a step of the new session's questions. */
async function step(text: string): Promise<void> {
  await quickInput()
    .locator('.quick-input-title')
    .filter({ hasText: `New Session With Options (${text})` })
    .waitFor();
}

async function press(...keys: readonly string[]): Promise<void> {
  for (const key of keys) await stage.window.page.keyboard.press(key);
}

/** Runs a command whose questions take the palette's place. */
async function run(title: string): Promise<void> {
  await press('F1');
  await quickInput().locator('input').first().fill(`>${title}`);
  await quickInput().getByRole('option', { name: title }).first().click();
}

describe('a workspace of several folders', () => {
  it('S9 the chat names the folder so that it can be told apart, its branch and its worktree, and follows them', async () => {
    stage.model.setScript({ steps: [next(say('In the repository.')), next(say('Beside it.'))] });
    await header().getByText('alpha (repo)').waitFor();
    await header().getByText('trunk').waitFor();
    await chat.ask('Asked in the repository');
    await chat.frame.getByRole('button', { name: 'New Session', exact: true }).click();
    const rows = quickInput().getByRole('option');
    await rows.first().waitFor();
    expect(
      await rows.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')?.split(', /')[0])),
    ).toEqual([
      'alpha (repo), branch trunk',
      expect.stringMatching(/^alpha \(side\), branch sidetrack, worktree of/),
      'inner, branch trunk',
    ]);
    await stage.window.screenshot('folders-choice');
    await rows.nth(1).click();
    await header().getByText('alpha (side)').waitFor();
    await header().getByText('sidetrack').waitFor();
    expect(await header().getByTitle('Git worktree of').getAttribute('title')).toContain(stage.folders[0]);
    await chat.ask('Asked beside the repository');
    for (const theme of ['Light Modern', 'Default High Contrast', 'Dark Modern'] as const) {
      await stage.window.setTheme(theme);
      await stage.window.screenshot(`folders-header-${theme}`);
    }
    await git(stage.folders[1] ?? '', 'checkout', '-q', '-b', 'elsewhere');
    await header().getByText('elsewhere').waitFor();
    expect(await workingFolder(await programOf('Asked in the repository'))).toBe(stage.folders[0]);
    expect(await workingFolder(await programOf('Asked beside the repository'))).toBe(stage.folders[1]);
  });

  it('S9 P3 P8 each folder has its own spare, and all of them are in the list of processes', async () => {
    await expect
      .poll(programFolders, { timeout: 20_000 })
      .toEqual(['repo/alpha', 'repo/alpha', 'side/alpha', 'side/alpha']);
    await run('Arbor: Show Processes');
    const spares = quickInput().getByRole('option', { name: /^Spare process/ });
    await spares.first().waitFor();
    const labels = await spares.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? ''));
    expect(labels.map((label) => names[stage.folders.findIndex((folder) => label.endsWith(folder))])).toEqual(
      expect.arrayContaining(['repo/alpha', 'side/alpha']),
    );
    await press('Escape');
  });

  it('S1 the program’s own title becomes the name of a session that the user did not name', async () => {
    stage.model.setScript({ steps: [next(say('It reads.'))] });
    await chat.newSession('inner');
    await chat.ask('Please explain in full how the parser of this project works');
    // The model of the tests makes a title of the first forty characters.
    await chat.frame.getByRole('heading', { name: 'Please explain in full how the parser of', exact: true }).waitFor();
    await expect.poll(() => stage.stored('state.json')).toContain('"nameFrom":"program"');
    await header().getByText('trunk').waitFor();
  });

  it('S1 U4 a new session with options is asked for step by step, and they reach the program', async () => {
    stage.model.setScript({ steps: [next(say('Within.'))] });
    await run('Arbor: New Session With Options…');
    await step('1/5');
    await stage.window.page.keyboard.type('inner');
    await press('Enter');
    await step('2/5');
    await stage.window.page.keyboard.type('A name of mine');
    await press('Enter');
    await step('3/5');
    await stage.window.screenshot('new-session-model');
    await stage.window.page.keyboard.type('haiku');
    await quickInput()
      .getByRole('option', { name: /^Haiku/ })
      .waitFor();
    await press('Enter');
    await step('4/5');
    await quickInput().getByRole('button', { name: 'Back' }).click();
    await step('3/5');
    await press('Enter');
    await step('4/5');
    await quickInput()
      .getByRole('option', { name: /^Accept Edits/ })
      .click();
    await step('5/5');
    await stage.window.page.keyboard.type('Always answer in verse, whatever is asked.');
    await stage.window.screenshot('new-session-instructions');
    await press('Enter');
    await chat.frame.getByRole('heading', { name: 'A name of mine' }).waitFor();
    await header().getByText('inner').waitFor();
    await chat.ask('Asked with options');
    const { model } = await requestWith('Asked with options');
    expect(model?.system).toContain('Always answer in verse, whatever is asked.');
    expect(model?.model).toContain('haiku');
    expect(await chat.menu('Permission mode').inputValue()).toBe('acceptEdits');
    const { command } = await stage.programOf(
      (await requestWith('Asked with options')).headers['x-claude-code-session-id'] ?? '',
    );
    expect(command).not.toContain('verse');
    expect(await workingFolder(await programOf('Asked with options'))).toBe(stage.folders[2]);
    // What the user called it stays.
    await chat.frame.getByRole('heading', { name: 'A name of mine' }).waitFor();
  });

  it('S1 Escape makes no session', async () => {
    const before = await stage.stored('state.json');
    await run('Arbor: New Session With Options…');
    await step('1/5');
    await press('Enter');
    await step('2/5');
    await press('Escape');
    await quickInput().waitFor({ state: 'hidden' });
    await chat.frame.getByRole('heading', { name: 'A name of mine' }).waitFor();
    expect(JSON.parse(await stage.stored('state.json'))).toEqual(JSON.parse(before));
  });

  it('S9 P3 a folder’s own settings count for its processes only', async () => {
    const [own, others] = [await programOf('Asked beside the repository'), await programOf('Asked in the repository')];
    expect([isAlive(own), isAlive(others)]).toEqual([true, true]);
    const folder = path.join(stage.folders[1] ?? '', '.vscode');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'settings.json'), JSON.stringify({ 'arbor.process.sleepSeconds': 1 }));
    await expect.poll(() => isAlive(own), { timeout: 20_000 }).toBe(false);
    expect(isAlive(others)).toBe(true);
  });

  it('S9 S2 another order changes nothing; a folder that goes ends its programs, and its sessions are back with it', async () => {
    const [repository = '', worktree = '', inner = ''] = stage.folders;
    const before = await programOf('Asked with options');
    const others = await programOf('Asked in the repository');
    await setFolders([repository, inner, worktree]);
    await setFolders([repository, worktree]);
    await expect.poll(() => isAlive(before), { timeout: 20_000 }).toBe(false);
    await expect.poll(async () => (await programFolders()).includes('repo/alpha/inner')).toBe(false);
    expect(isAlive(others)).toBe(true);
    await chat.untilText(chat.prompt, /Asked (in|beside) the repository/);
    await setFolders([repository, worktree, inner]);
    stage.model.setScript({ steps: [next(say('Within again.'))] });
    await expect
      .poll(
        async () => {
          await run('Arbor: Open Session…');
          await quickInput().locator('input').first().fill('A name of mine');
          const found = await quickInput()
            .getByRole('option', { name: /^A name of mine.*in inner/ })
            .count();
          if (found === 0) await press('Escape');
          return found;
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBe(1);
    await stage.window.screenshot('open-session');
    await press('Enter');
    await chat.untilText(chat.prompt, 'Asked with options');
    await chat.ask('Asked again');
    const { model, turn } = await requestWith('Asked again');
    expect(turn?.prompts).toEqual(['Asked with options', 'Asked again']);
    expect(model?.system).toContain('Always answer in verse');
  });

  it('nothing was thrown into the void', async () => {
    expect(await hostProblems(stage.editor)).toEqual([]);
  });
});
