// `npm run screenshots`: the README's pictures, from the real editor on the real program, into `docs/images`.
// `npm run screenshots -- --all`: every state of the chat in every theme, into `out/screenshots`, to be looked at.
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import { next, say } from '../support/model/answers.js';
import { takeGallery } from './gallery.js';
import { Stage } from './stage.js';

const images = path.join(projectRoot, 'docs', 'images');

/** Sets a stage with the sample workspace. */
function openSample(): Promise<Stage> {
  return Stage.open({
    folders: ['greeting'],
    prepare: async ([folder = '']) => {
      await cp(path.join(projectRoot, 'scripts', 'sample-workspace'), folder, { recursive: true });
    },
    window: { theme: 'Dark Modern', viewport: { width: 1200, height: 760 } },
  });
}

/** Drags the border of the side bar. @param width of the side bar, in CSS pixels */
async function widenSideBar({ window }: Stage, width: number): Promise<void> {
  const box = await window.page.locator('.part.sidebar').boundingBox();
  if (!box) return;
  const y = box.y + box.height / 2;
  await window.page.mouse.move(box.x + box.width, y);
  await window.page.mouse.down();
  await window.page.mouse.move(box.x + width, y, { steps: 5 });
  await window.page.mouse.up();
}

/** Opens a file of the sample beside the chat. */
async function openFile({ window }: Stage, name: string): Promise<void> {
  const { page } = window;
  await page.keyboard.press('Control+p');
  const input = page.locator('.quick-input-widget input').first();
  await input.fill(name);
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: name }).first().waitFor();
  await input.press('Enter');
  await page.locator('.tab', { hasText: name }).waitFor();
}

async function takeReadmePictures(stage: Stage): Promise<void> {
  await mkdir(images, { recursive: true });
  const { window, chat, model } = stage;
  const picture = (name: string): Promise<Buffer> =>
    window.page.screenshot({ path: path.join(images, `${name}.png`), animations: 'disabled' });
  const file = stage.file('src', 'greeting.js');
  const edit = {
    file_path: file,
    old_string: '  if (hour < 12) {\n    return `Good morning, ${name}!`;',
    new_string:
      '  if (hour < 5) {\n    return `Still up, ${name}?`;\n  }\n  if (hour < 12) {\n    return `Good morning, ${name}!`;',
  };
  const done =
    'Before five o’clock it asks `Still up, Ada?` now; everything else is as it was. Shall I add a test for it?';
  model.setScript({
    steps: [
      next({
        blocks: [
          { type: 'text', text: 'I will look at the greeting first.' },
          { type: 'toolUse', name: 'Read', input: { file_path: file } },
        ],
      }),
      next({
        blocks: [
          { type: 'text', text: 'There is no case for the night, so one is enough:' },
          { type: 'toolUse', name: 'Edit', input: edit },
        ],
      }),
      next(say(done)),
    ],
  });
  await openFile(stage, 'greeting.js');
  await window.page.locator('.statusbar-item', { hasText: /^JavaScript/ }).waitFor();
  await widenSideBar(stage, 440);
  await chat.send('Greet night owls in a way of their own');
  const modal = await window.modal();
  await picture('modal-dark');
  await modal.press('Allow Once');
  await chat.untilText(chat.answer, 'Still up, Ada?');
  await chat.untilDone();
  await window.page.locator('.editor-group-container .view-line', { hasText: 'Still up' }).waitFor();
  await picture('chat-dark');
  await window.setTheme('Light Modern');
  await picture('chat-light');
  await window.setTheme('Default High Contrast');
  await picture('chat-high-contrast');
}

const stage = await openSample();
try {
  await (process.argv.includes('--all') ? takeGallery(stage) : takeReadmePictures(stage));
} finally {
  await stage.close();
}
