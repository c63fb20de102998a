import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import type { Locator } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectFolderName } from '../../src/node/transcripts/locate.js';
import { sessionExportSchema } from '../../src/protocol/export/sessionExport.js';
import { next, say } from '../support/model/answers.js';
import type { ChatPage } from './chatPage.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open();
  ({ chat } = stage);
  stage.model.setScript({ steps: [next(say('The **needle** is in the haystack.'))] });
  await chat.ask('Where is the “needle” – \\ Größe?');
  await chat.messages.nth(1).getByText('haystack').waitFor();
  return () => stage.close();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
});

/** The widget in which the editor asks for things, and which the search is in. */
function widget(): Locator {
  return stage.window.page.locator('.quick-input-widget');
}

function rows(): Locator {
  return widget().locator('.monaco-list-row');
}

/** A row by what was said, without the name of its session. */
function row(text: string): Locator {
  return rows().filter({ has: stage.window.page.locator('.label-name', { hasText: text }) });
}

async function type(text: string): Promise<void> {
  await widget().locator('input').first().fill(text);
}

/** Runs a command that asks for more in the widget that it was chosen in. */
async function begin(title: string): Promise<void> {
  await stage.window.page.keyboard.press('F1');
  await type(`>${title}`);
  await row(title).first().click();
  await expect.poll(() => widget().locator('input').first().inputValue()).not.toContain('>');
}

/** Where the program keeps this workspace's transcripts. */
async function projectFolder(): Promise<string> {
  return path.join(stage.claude.configDir, 'projects', projectFolderName(await realpath(stage.folder)));
}

async function transcripts(): Promise<string[]> {
  return (await readdir(await projectFolder())).filter((name) => name.endsWith('.jsonl'));
}

describe('search', () => {
  it('U3 finds what was said while the user types, and opens it', async () => {
    await begin('Arbor: Search Sessions');
    await type('haystack');
    await row('The **needle** is in the haystack.').waitFor();
    await type('“needle” – \\ größe');
    const prompt = row('Where is the “needle” – \\ Größe?');
    await prompt.waitFor();
    expect(await row('haystack.').count()).toBe(0);
    await type('no such words anywhere');
    await row('No match in any session').waitFor();
    await type('x');
    await row('Type at least 2 characters.').waitFor();
    await type('needle');
    await expect.poll(() => rows().count()).toBeGreaterThanOrEqual(2);
    await stage.window.screenshot('search-pick');
    await chat.newSession();
    await begin('Arbor: Search Sessions');
    await type('needle');
    await prompt.click();
    await chat.log.locator('article:focus').getByText('Größe').waitFor();
  });

  it('U3 keeps its results in a view of their own until they are cleared', async () => {
    await begin('Arbor: Search Sessions');
    await type('needle');
    await expect.poll(() => rows().count()).toBeGreaterThanOrEqual(2);
    await widget().getByRole('button', { name: 'Show All in View' }).click();
    const view = stage.window.page.getByRole('tree', { name: 'Search Results' });
    const hit = view.getByRole('treeitem', { name: /^Claude: .*haystack/ });
    await hit.waitFor();
    await stage.window.screenshot('search-view');
    await hit.click();
    await chat.log.locator('article:focus').getByText('haystack').waitFor();
    await stage.window.runCommand('Arbor: Clear Search Results');
    await view.waitFor({ state: 'hidden' });
  });
});

describe('export and import', () => {
  it('S5 a session becomes a Markdown file and a JSON file, and the JSON a session that the program goes on with', async () => {
    const [original = ''] = await transcripts();
    for (const name of ['out.md', 'out.json']) {
      await begin('Arbor: Export Session…');
      await rows().first().click();
      await expect.poll(() => widget().locator('input').first().inputValue()).toContain('.md');
      await choose(stage.file(name));
      await expect.poll(() => existsSync(stage.file(name))).toBe(true);
    }
    expect(await readFile(stage.file('out.md'), 'utf8')).toContain('> Where is the “needle” – \\ Größe?');
    const exported = v.parse(sessionExportSchema, JSON.parse(await readFile(stage.file('out.json'), 'utf8')));
    expect(`${exported.session.id}.jsonl`).toBe(original);

    await begin('Arbor: Import Session…');
    await expect.poll(() => widget().locator('input').first().inputValue()).not.toBe('');
    await choose(stage.file('out.json'));
    await expect.poll(async () => (await transcripts()).length).toBe(2);
    await expect.poll(async () => (await stage.window.notifications()).join()).toContain('It got an id of its own');
    expect(await transcripts()).toContain(original);
  });

  it('S5 a file that is no session is refused, with what to do', async () => {
    await mkdir(stage.folder, { recursive: true });
    await writeFile(stage.file('odd.jsonl'), 'nothing\n');
    await begin('Arbor: Import Session…');
    await expect.poll(() => widget().locator('input').first().inputValue()).not.toBe('');
    await choose(stage.file('odd.jsonl'));
    await expect.poll(async () => (await stage.window.notifications()).join()).toContain('holds no conversation');
  });
});

/** Names a file in the editor's own dialog, again when the dialog, which fills itself in its own time, has undone that. */
async function choose(file: string): Promise<void> {
  const isGone = async (): Promise<boolean> => {
    await type(file);
    await stage.window.page.keyboard.press('Enter');
    await widget()
      .waitFor({ state: 'hidden', timeout: 2000 })
      .catch(() => undefined);
    return !(await widget().isVisible());
  };
  await expect.poll(isGone).toBe(true);
}
