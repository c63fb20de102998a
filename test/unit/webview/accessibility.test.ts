import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenes } from '../../../webview-ui/dev/scenes.js';
import { themeNames } from '../../../webview-ui/dev/themes.js';
import { ViewBench, type View } from './viewPage.js';

let bench: ViewBench;
let axe: string;
beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  bench = await ViewBench.start();
}, 60_000);
afterAll(async () => {
  await bench.close();
});

/** Opens every scene, with all that folds unfolded, and gives what axe finds. */
async function findings(view: View, rules: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const [name, scene] of Object.entries(scenes)) {
    if (name === 'long') continue;
    await view.send(...scene());
    await view.page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    if (name === 'answer') await view.page.waitForSelector('.code [class^=colour-]');
    await view.frame();
    const only = rules.length === 0 ? '' : `, runOnly: ${JSON.stringify(rules)}`;
    const { violations }: AxeResults = await view.page.evaluate(`axe.run({ resultTypes: ['violations']${only} })`);
    for (const { id, nodes } of violations) {
      for (const { target, failureSummary } of nodes) {
        found.add(`${name}: ${id}: ${target.join(' ')}: ${failureSummary ?? ''}`);
      }
    }
  }
  return [...found];
}

describe('axe', () => {
  // The scene without a session comes first: once there is one, the view keeps it.
  it.each(themeNames)(
    'U4 finds nothing in any scene (%s)',
    async (theme) => {
      const view = await bench.open({ theme, height: 2400 });
      await view.page.evaluate(axe);
      // Only the contrast of colours depends on the theme.
      expect(await findings(view, theme === 'dark' ? [] : ['color-contrast'])).toEqual([]);
      expect(view.troubles).toEqual([]);
      await view.page.close();
    },
    60_000,
  );
});
