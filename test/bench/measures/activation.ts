import type { Workbench } from '../../support/editor/workbench.js';
import { untilAtRest } from '../atRest.js';
import type { BenchContext } from '../context.js';
import type { Measure } from '../finding.js';
import { takeActivationReport } from '../companion.js';

const limitMs = 30;
const activateCommand = 'Arbor Bench: Activate Arbor';
/** What is heavy or native, and must not be loaded before it is used. */
const heavy = /node-pty|lowdb|claude-agent-sdk|languageclient|\.node$/u;

/**
 * Activation without use: each sample in a new window, hence a new extension host. The editor itself says how long loading our
 * code and calling `activate` took; the companion extension says what was loaded.
 */
export function activation(context: BenchContext): Measure {
  return {
    name: 'activation',
    title: 'Activation',
    async run() {
      const stage = await context.editor();
      const { editor, window } = stage;
      const times: number[] = [];
      const loaded = new Set<string>();
      await context.each(async (number) => {
        if (number > 1) await window.reloadWindow();
        await stage.untilExtensions();
        // The editor's own extensions are activated at the same time, in the same process.
        for (const { pid } of await editor.extensionHosts()) await untilAtRest(pid);
        await window.runCommand(activateCommand);
        const report = await takeActivationReport(editor.root);
        if (report.wasActive) throw new Error('Arbor was active before it was asked for');
        for (const name of [...report.files, ...report.builtIn]) if (!name.startsWith('..')) loaded.add(name);
        times.push(await shownTime(window));
      });
      const early = [...loaded].filter((file) => heavy.test(file));
      return [
        {
          title: "Our code's part of activation",
          measured: {
            name: 'loading the code and calling activate, as the editor tells it',
            unit: 'ms',
            samples: times,
          },
          reference: null,
          limit: { value: limitMs, rule: `${limitMs} ms; nothing heavy loaded before the first use` },
          holds: early.length === 0,
          notes: [
            `loaded: ${[...loaded].toSorted().join(', ')}`,
            early.length === 0 ? 'nothing heavy among it' : `heavy, and too early: ${early.join(', ')}`,
          ],
        },
      ];
    },
  };
}

/** What the editor's list of running extensions says of Arbor, in milliseconds. */
async function shownTime(window: Workbench): Promise<number> {
  await window.runCommand('Developer: Show Running Extensions');
  const list = window.page.locator('.runtime-extensions-editor');
  await list.locator('.monaco-list-row').first().waitFor();
  // The slowest come first, and only those in view are there.
  await list.locator('.monaco-list').focus();
  await window.page.keyboard.press('End');
  const row = list.locator('.monaco-list-row[aria-label="arbor"]');
  const text = await row.locator('.activation-time').innerText();
  const milliseconds = /Activation: (\d+)\s*ms/u.exec(text)?.[1];
  if (milliseconds === undefined) throw new Error(`The editor says of the activation: ${text}`);
  return Number(milliseconds);
}
