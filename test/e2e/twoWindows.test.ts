import { beforeAll, expect, it } from 'vitest';
import { openWorkbench } from '../support/editor/workbench.js';
import { next, say } from '../support/model/answers.js';
import { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open();
  ({ chat } = stage);
  return () => stage.close();
});

function lastPrompts(): readonly string[] {
  return stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
}

function sessionOfLast(): string {
  const last = stage.model.requests.findLast(({ turn }) => turn !== undefined);
  return last?.headers['x-claude-code-session-id'] ?? '';
}

it('S8 a second window on the workspace says that the session is open elsewhere, and loses nothing', async ({
  onTestFailed,
}) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [next(say('In the first window.'))] });
  await chat.ask('Asked in the first window');
  const first = sessionOfLast();
  const second = await openWorkbench(stage.browser, stage.editor);
  await second.openChat();
  const other = new ChatPage(second);
  await other.frame.getByText('open in another window').first().waitFor();
  expect(await other.log.innerText()).toContain('Asked in the first window');
  stage.model.setScript({
    steps: [{ when: { text: 'second' }, answer: say('In the second window.') }, next(say('One.'))],
  });
  await other.ask('Asked in the second window');
  expect(sessionOfLast()).not.toBe(first);
  await chat.ask('Asked again in the first');
  expect(lastPrompts()).toEqual(['Asked in the first window', 'Asked again in the first']);
  expect(sessionOfLast()).toBe(first);
  await second.page.context().close();
  await stage.window.reloadWindow();
  await stage.window.openChat();
  await chat.untilText(chat.prompt, 'Asked again in the first');
  expect(await hostProblems(stage.editor)).toEqual([]);
});
