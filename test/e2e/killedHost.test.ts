import { beforeAll, beforeEach, expect, it } from 'vitest';
import { isAlive } from '../../scripts/editor/processes.js';
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

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
});

/** What the model was told in its newest request for an answer. */
function lastPrompts(): readonly string[] {
  return stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
}

it('P4 T5 SIGKILL of the extension host in mid-turn: no claude after 5 s, the partial text is there and said to be cut off, the next prompt works', async () => {
  const text = ['The first half came, ', { gate: 'killed' }, 'the second did not.'] as const;
  stage.model.setScript({ steps: [next(say('Before.')), next({ blocks: [{ type: 'text', text }] })] });
  await chat.ask('A turn before');
  await chat.send('Kill the host in the middle');
  await chat.untilText(chat.answer, 'The first half came,');
  // On the disk; what is only in the memory of a host that is killed is gone.
  await expect.poll(() => journals()).toContain('The first half came,');
  const programs = await stage.programs();
  expect(programs.length).toBeGreaterThan(0);
  const hosts = await stage.editor.extensionHosts();
  expect(hosts).toHaveLength(1);
  for (const { pid } of hosts) process.kill(pid, 'SIGKILL');
  await expect.poll(() => programs.filter(({ pid }) => isAlive(pid)), { timeout: 5000 }).toEqual([]);
  await stage.window.reloadWindow();
  await stage.window.openChat();
  await chat.untilText(chat.prompt, 'Kill the host in the middle');
  const said = await chat.untilText(chat.answer, 'was cut off');
  expect(said).toContain('The first half came,');
  expect(said).not.toContain('the second did not');
  expect(said).toMatch(/shown above[^]*Go on/);
  expect(await chat.answer.getAttribute('aria-busy')).not.toBe('true');
  stage.model.setScript({ steps: [next(say('Going on.'))] });
  expect(await chat.ask('Go on')).toContain('Going on.');
  expect(lastPrompts()).toEqual(['A turn before', 'Kill the host in the middle', 'Go on']);
  // And once more, now that the conversation has gone on.
  await stage.window.reloadWindow();
  await stage.window.openChat();
  await chat.untilText(chat.answer, 'Going on.');
  expect(await chat.log.innerText()).toContain('The first half came,');
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});

/** All that the journals of this workspace hold. */
async function journals(): Promise<string> {
  const state = await stage.stored('state.json');
  const ids = [...state.matchAll(/"id":"([0-9a-f-]{36})"/g)].map(([, id = '']) => id);
  return (await Promise.all([...new Set(ids)].map((id) => stage.stored(`journals/${id}.jsonl`)))).join('');
}
