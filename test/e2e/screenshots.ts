// `npm run screenshots`: the README's pictures, from the real editor on the real program, into `docs/images`.
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import { Stage } from './stage.js';

const images = path.join(projectRoot, 'docs', 'images');

async function main(): Promise<void> {
  await mkdir(images, { recursive: true });
  const stage = await Stage.open({
    folders: ['welcome'],
    variables: { ARBOR_DEMO_MODEL: '1' },
    prepare: async ([folder = '']) => {
      await cp(path.join(projectRoot, 'scripts', 'sample-workspace'), folder, { recursive: true });
    },
    window: { theme: 'Dark Modern', viewport: { width: 1100, height: 760 } },
  });
  try {
    const { window, chat } = stage;
    const picture = (name: string): Promise<Buffer> =>
      window.page.screenshot({ path: path.join(images, `${name}.png`), animations: 'disabled' });
    await chat.send('Edit README.md');
    const modal = await window.modal();
    await picture('modal-dark');
    await modal.press('Allow Once');
    await chat.frame.getByText('is written').waitFor();
    await chat.untilDone();
    await picture('chat-dark');
    await window.setTheme('Light Modern');
    await picture('chat-light');
    await window.setTheme('Default High Contrast');
    await picture('chat-high-contrast');
  } finally {
    await stage.close();
  }
}

await main();
