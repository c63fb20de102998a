import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenes } from '../../../webview-ui/dev/scenes.js';
import { themeNames } from '../../../webview-ui/dev/themes.js';
import { ViewBench } from './viewPage.js';

let bench: ViewBench;
let axe: string;
beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  bench = await ViewBench.start();
}, 60_000);
afterAll(async () => {
  await bench.close();
});

describe('axe', () => {
  it.each(themeNames)(
    'U4 finds nothing in any scene (%s)',
    async (theme) => {
      const view = await bench.open({ theme, height: 2400 });
      await view.page.evaluate(axe);
      const found: string[] = [];
      for (const [name, scene] of Object.entries(scenes)) {
        if (name === 'long') continue;
        await view.load(bench.address, theme);
        await view.page.evaluate(axe);
        await view.send(...scene());
        await view.page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
        });
        await view.frame();
        const results: AxeResults = await view.page.evaluate('axe.run({ resultTypes: ["violations"] })');
        for (const { id, nodes } of results.violations) {
          for (const { target, failureSummary } of nodes) {
            found.push(`${name}: ${id}: ${target.join(' ')}: ${failureSummary ?? ''}`);
          }
        }
      }
      expect([...new Set(found)]).toEqual([]);
      expect(view.troubles).toEqual([]);
      await view.page.close();
    },
    120_000,
  );
});
