import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectFolderName } from '../../src/node/transcripts/locate.js';
import { next, say } from '../support/model/answers.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { SessionsTree } from './sessionsTree.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;
let tree: SessionsTree;

beforeAll(async () => {
  stage = await Stage.open();
  ({ chat } = stage);
  tree = new SessionsTree(stage.window);
  stage.model.setScript({ steps: [next(say('First answer.'))] });
  await chat.ask('Asked in the chat');
  await tree.open();
  return () => stage.close();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
});

/** Has the real program talk in the workspace's folder, as a user does in a terminal. */
async function inTerminal(...args: readonly string[]): Promise<void> {
  const { env } = stage.claude;
  const running = promisify(execFile)(stage.program, ['-p', ...args], { cwd: stage.folder, env });
  running.child.stdin?.end();
  await running;
}

function lastPrompts(): readonly string[] {
  return stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
}

/** Types into the box that the editor asks with, and confirms. */
async function answer(text: string): Promise<void> {
  const input = stage.window.page.locator('.quick-input-widget input').first();
  await input.fill(text);
  await input.press('Enter');
}

/** Waits until a row says something to a screen reader, or does not any more. */
async function untilSpoken(label: string, words: string, isSaid = true): Promise<void> {
  const spoken = expect.poll(() => tree.row(label).first().getAttribute('aria-label'));
  await (isSaid ? spoken.toContain(words) : spoken.not.toContain(words));
}

/** A session as `state.json` has it. */
async function kept(name: string): Promise<Kept | undefined> {
  const state = JSON.parse(await stage.stored('state.json')) as { readonly sessions: readonly Kept[] };
  return state.sessions.find((session) => session.name === name);
}

interface Kept {
  readonly id: string;
  readonly name: string;
  readonly starred: boolean;
  readonly archived: boolean;
}

describe('the tree of sessions', () => {
  it('S3 a session begun in a terminal appears, opens with its messages, and goes on', async () => {
    stage.model.setScript({ steps: [next(say('Terminal answer.'))] });
    await inTerminal('Asked in a terminal');
    const row = tree.row('Asked in a terminal');
    await row.waitFor();
    await untilSpoken('Asked in a terminal', 'made outside of Arbor');
    await row.click();
    await chat.untilText(chat.answer, 'Terminal answer.');
    expect(await chat.messages.count()).toBe(2);
    stage.model.setScript({ steps: [next(say('Gone on.'))] });
    expect(await chat.ask('Go on here')).toContain('Gone on.');
    expect(lastPrompts()).toEqual(['Asked in a terminal', 'Go on here']);
    await untilSpoken('Asked in a terminal', 'made outside of Arbor', false);
  });

  it('F4 a fork that the program made by itself stands under the session that it was made from', async () => {
    stage.model.setScript({ steps: [next(say('Forked answer.'))] });
    const { id = '' } = (await kept('Asked in a terminal')) ?? {};
    await inTerminal('Asked in a forked terminal', '--resume', id, '--fork-session');
    const row = tree.row('Asked in a terminal').first();
    await expect.poll(() => row.getAttribute('aria-expanded')).not.toBeNull();
    await tree.expand(row);
    await expect.poll(() => tree.rows.count()).toBe(4);
    expect(await tree.rows.nth(1).getAttribute('aria-label')).toContain('Forked from');
    await tree.collapse(row);
  });

  it('F3 the row that the chat shows is chosen, whichever way it was opened', async () => {
    await tree.row('Asked in the chat').click();
    await chat.untilText(chat.answer, 'First answer.');
    await expect.poll(() => tree.row('Asked in the chat').getAttribute('aria-selected')).toBe('true');
    await chat.newSession();
    await expect.poll(() => tree.row('New session').getAttribute('aria-selected')).toBe('true');
    await untilSpoken('Asked in the chat', 'unread', false);
  });

  it('F3 shows that a session runs, waits for the user, and has something new', async () => {
    stage.model.setScript({
      steps: [next({ blocks: [{ type: 'text', text: ['Slowly. ', { gate: 'go' }, 'There.'] }] })],
    });
    await chat.send('Take your time');
    await untilSpoken('Take your time', 'running');
    await tree.row('Asked in the chat').click();
    await chat.untilText(chat.answer, 'First answer.');
    stage.model.release('go');
    await untilSpoken('Take your time', 'unread');
    await tree.row('Take your time').click();
    await chat.untilText(chat.answer, 'There.');
    await untilSpoken('Take your time', 'unread', false);
  });

  it('S4 renames, stars, and marks by keys and menus, and keeps that', async () => {
    const { page } = stage.window;
    await tree.row('Take your time').click();
    await page.keyboard.press('F2');
    await answer('A name of my own');
    await tree.row('A name of my own').waitFor();
    await chat.frame.getByRole('heading', { name: 'A name of my own' }).waitFor();
    await tree.choose(tree.row('A name of my own'), 'Star Session');
    await untilSpoken('A name of my own', 'starred');
    await tree.choose(tree.row('Asked in the chat'), 'Mark Session as Unread');
    await untilSpoken('Asked in the chat', 'unread');
    await expect.poll(async () => (await kept('A name of my own'))?.starred).toBe(true);
  });

  it('S4 F3 several at once: archived, filtered, shown again', async () => {
    const { page } = stage.window;
    await tree.row('A name of my own').click();
    await tree.row('Asked in the chat').click({ modifiers: ['ControlOrMeta'] });
    await tree.choose(tree.row('Asked in the chat'), 'Archive Session');
    await expect.poll(() => tree.row('A name of my own').count()).toBe(0);
    await expect.poll(() => tree.row('Asked in the chat').count()).toBe(0);
    await stage.window.runCommand('Arbor: Show Archived Sessions');
    await untilSpoken('A name of my own', 'archived');
    await stage.window.runCommand('Arbor: Filter Sessions…');
    await page.locator('.quick-input-widget input').first().fill('own is:starred');
    await expect.poll(() => tree.rows.count()).toBe(1);
    await page.keyboard.press('Enter');
    await tree.choose(tree.row('A name of my own'), 'Unarchive Session');
    await stage.window.runCommand('Arbor: Clear Filter of Sessions');
    await stage.window.runCommand('Arbor: Hide Archived Sessions');
    await expect.poll(() => tree.row('Asked in the chat').count()).toBe(0);
    await tree.row('A name of my own').waitFor();
  });

  it('S4 deleting asks first; the transcript stays, or goes where that is said', async () => {
    const { id: stays = '' } = (await kept('A name of my own')) ?? {};
    const first = tree.row('A name of my own');
    await first.click();
    await stage.window.page.keyboard.press('Delete');
    const asked = await stage.window.modal();
    expect(asked.detail).toContain('leaves the transcript of Claude Code on the disk');
    await asked.press('Delete');
    await first.waitFor({ state: 'detached' });
    expect(existsSync(await transcript(stays))).toBe(true);
    const row = tree.row('Asked in a terminal').first();
    const { id: goes = '' } = (await kept('Asked in a terminal')) ?? {};
    await tree.choose(row, 'Delete Session…');
    await (await stage.window.modal()).press('Delete With Transcript');
    await expect.poll(async () => existsSync(await transcript(goes))).toBe(false);
    // Its fork stays, and stands by itself now.
    await expect.poll(() => tree.row('Asked in a terminal').count()).toBe(1);
  });

  it('S6 all of that is there after a reload', async () => {
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await tree.open();
    await tree.row('Asked in a terminal').waitFor();
    expect(await tree.row('A name of my own').count()).toBe(0);
    expect(await tree.row('Asked in the chat').count()).toBe(0);
  });

  it('U4 the view is used by the keyboard alone', async () => {
    const { page } = stage.window;
    await stage.window.runCommand('Arbor: Focus on Sessions View');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await chat.untilText(chat.answer, 'Forked answer.');
    // Looking through the sessions does not take the keyboard away.
    expect(await page.evaluate(() => document.activeElement?.closest('.pane')?.textContent)).toContain('Sessions');
  });

  it('nothing was thrown into the void', async () => {
    expect(await hostProblems(stage.editor)).toEqual([]);
  });
});

/** Where the program keeps a session's transcript. */
async function transcript(id: string): Promise<string> {
  return path.join(stage.claude.configDir, 'projects', projectFolderName(await realpath(stage.folder)), `${id}.jsonl`);
}
