import path from 'node:path';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import type { Theme } from '../support/editor/workbench.js';
import { apiError, callTool, next, say } from '../support/model/answers.js';
import type { Stage } from './stage.js';

const themes: Readonly<Record<Theme, string>> = {
  'Dark Modern': 'dark',
  'Light Modern': 'light',
  'Default High Contrast': 'contrast',
};

const prose = `## A heading

A paragraph with **bold**, *italic*, \`code\`, a [link](https://example.com) and a file, \`src/greeting.js:3\`.

1. one
2. two
   - [x] done
   - [ ] open

| measure | value | unit |
| --- | ---: | --- |
| first text | 27 | ms |
| deltas | 4000 | |

> A quotation.

\`\`\`ts
/** A queue between someone who pushes and someone who waits. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  private readonly items: T[] = [];
  readonly limit = 42; // with a very long comment that does not fit into a narrow side bar at all
}
\`\`\`
`;

/**
 * Takes a picture of every state of the chat in every theme: `out/screenshots/<state>-<theme>.png`.
 * @param stage one with the sample workspace
 */
export async function takeGallery(stage: Stage): Promise<void> {
  const { window, chat, model } = stage;
  // Away from everything that shows a hint under the mouse.
  await window.page.mouse.move(900, 400);
  const picture = async (name: string): Promise<void> => {
    for (const theme of Object.keys(themes).filter(isTheme)) {
      await window.setTheme(theme);
      const file = path.join(projectRoot, 'out/screenshots', `${name}-${themes[theme]}.png`);
      await window.page.screenshot({ path: file, animations: 'disabled' });
    }
  };
  const file = stage.file('src', 'greeting.js');

  await picture('01-empty');

  model.setScript({ steps: [next(say(prose))] });
  await chat.ask('Show me what Markdown looks like');
  await picture('02-markdown');

  await chat.newSession();
  const write = { file_path: file, old_string: 'Good evening', new_string: 'Good night' };
  model.setScript({
    steps: [
      next({
        blocks: [
          {
            type: 'thinking',
            thinking: 'First I look at the file.\n\nThen I **think** about what to change, and why.',
          },
          { type: 'text', text: 'I will look at the file, then change it.' },
          { type: 'toolUse', name: 'Read', input: { file_path: file } },
          { type: 'toolUse', name: 'Bash', input: { command: 'ls -la && ls missing', description: 'List the files' } },
        ],
      }),
      next(callTool('Edit', write)),
      next(say('Fine.')),
    ],
  });
  await chat.send('Use some tools');
  const modal = await window.modal();
  await picture('03-modal-edit');
  await modal.press('Deny');
  await chat.untilDone();
  await chat.answer.getByText('Thought', { exact: true }).click();
  await picture('04-tools-denied');

  await chat.newSession();
  const content = Array.from({ length: 80 }, (_, line) => `line ${String(line)} of a long file`).join('\n');
  model.setScript({
    steps: [next(callTool('Write', { file_path: '/etc/evil\u202E.conf', content })), next(say('Well.'))],
  });
  await chat.send('Write something long outside of the folder');
  const long = await window.modal();
  await picture('05-modal-long');
  await long.press('Deny with Reason…');
  await picture('06-deny-with-reason');
  await window.page.keyboard.press('Escape');
  await chat.untilDone();

  await chat.newSession();
  model.setScript({
    steps: [
      next(say('A first answer, so that there is something above.')),
      next(callTool('Bash', { command: 'echo one > running.txt; sleep 63', description: 'Wait for a minute' })),
    ],
  });
  await chat.ask('Say something');
  await chat.send('Run something that takes long');
  await (await window.modal()).press('Allow Once');
  await chat.tool('Bash').getByText('Running', { exact: true }).waitFor();
  await chat.send('And then do this');
  await chat.send('And that, which is a longer message that does not fit on one line of the list');
  await chat.queue.nth(1).waitFor();
  await picture('07-running-queue');
  await chat.stopButton.click();
  await chat.untilDone();
  await picture('08-stopped-held');

  await chat.newSession();
  model.setScript({ steps: [{ times: 9, answer: apiError(500) }] });
  await chat.ask('Fail');
  await chat.answer.getByText('Details').click();
  await picture('09-error');
  model.setScript({ steps: [{ times: 9, answer: apiError(401) }] });
  await chat.ask('Fail for want of a sign-in');
  await picture('10-sign-in');

  await chat.newSession();
  model.setScript({ steps: [next(say('It reads the index for every query.')), next(say('The index is one file.'))] });
  await chat.ask('Why is the search slow?');
  const header = chat.frame.locator('.header');
  await header.getByRole('button', { name: 'Ask Aside' }).click();
  await chat.frame.getByRole('group', { name: 'Aside', exact: true }).waitFor();
  await chat.ask('By the way, what is in the index?');
  const forkHere = chat.log.getByRole('button', { name: 'Fork from Here', exact: true });
  await forkHere.last().focus();
  await picture('16-aside');
  await chat.frame.getByRole('button', { name: 'Keep as Fork' }).click();
  await chat.frame.getByRole('group', { name: 'Fork', exact: true }).waitFor();
  await forkHere.last().focus();
  await picture('17-fork');

  await chat.newSession();
  model.setScript({ steps: [next({ blocks: [{ type: 'text', text: [prose, '\n\n', prose, { gate: 'never' }] }] })] });
  await chat.send('Stream something');
  await chat.untilText(chat.answer, 'limit = 42');
  await chat.log.evaluate((log) => {
    log.scrollTop = 100;
  });
  await chat.frame.getByRole('button', { name: /Jump to Latest/ }).waitFor();
  await picture('11-streaming-scrolled-up');
  await chat.stopButton.click();
  await chat.untilDone();

  await chat.newSession();
  model.setScript(undefined);
  await chat.send('Ask me a question');
  await window.page.locator('.quick-input-widget').waitFor();
  await picture('12-question');
  await window.page.keyboard.press('Escape');
  await chat.untilDone();
  await chat.newSession();
  await chat.send('Use a subagent');
  await chat.tool('Bash').waitFor();
  await chat.untilDone(60_000);
  await picture('13-subagent');
  await chat.newSession();
  await chat.ask('Unicode and emoji, please');
  await picture('14-unicode');
  await window.page.setViewportSize({ width: 560, height: 620 });
  await picture('15-narrow');
}

function isTheme(name: string): name is Theme {
  return Object.hasOwn(themes, name);
}
