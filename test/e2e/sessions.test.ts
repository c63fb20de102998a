import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

describe('the tree of sessions', () => {
  it('S3 a session begun in a terminal appears, opens with its messages, and goes on', async () => {
    stage.model.setScript({ steps: [next(say('Terminal answer.'))] });
    await inTerminal('Asked in a terminal');
    const row = tree.row('Asked in a terminal');
    await row.waitFor();
    expect(await row.getAttribute('aria-label')).toContain('made outside of Arbor');
    await stage.window.screenshot('sessions-1');
    await row.click();
    await chat.untilText(chat.answer, 'Terminal answer.');
    expect(await chat.messages.count()).toBe(2);
    stage.model.setScript({ steps: [next(say('Gone on.'))] });
    expect(await chat.ask('Go on here')).toContain('Gone on.');
    expect(lastPrompts()).toEqual(['Asked in a terminal', 'Go on here']);
    await expect.poll(() => row.getAttribute('aria-label')).not.toContain('made outside of Arbor');
  });

  it('F4 a fork that the program made by itself stands under the session that it was made from', async () => {
    const parent = /"session_id":"([0-9a-f-]{36})"/;
    void parent;
    stage.model.setScript({ steps: [next(say('Forked answer.'))] });
    const id = await idOf('Asked in a terminal');
    await inTerminal('Asked in a forked terminal', '--resume', id, '--fork-session');
    const row = tree.row('Asked in a terminal').first();
    await expect.poll(() => row.getAttribute('aria-expanded')).not.toBeNull();
    await tree.expand(row);
    await stage.window.screenshot('sessions-2');
    await expect.poll(() => tree.rows.count()).toBe(4);
  });

  it('nothing was thrown into the void', async () => {
    expect(await hostProblems(stage.editor)).toEqual([]);
  });
});

/** Id of the session whose transcript begins with a prompt. */
async function idOf(prompt: string): Promise<string> {
  const state = JSON.parse(await stage.stored('state.json')) as { sessions: { id: string; name: string }[] };
  const found = state.sessions.find(({ name }) => name === prompt);
  if (!found) throw new Error(`No session is named ${prompt}`);
  return found.id;
}

void readFile;
