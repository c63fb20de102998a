import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolderName } from '../../../src/node/transcripts/locate.js';
import { transcriptLines } from '../../support/writtenTranscript.js';
import type { BenchContext } from '../context.js';
import type { EditorStage } from '../editorStage.js';
import type { Finding, Measure } from '../finding.js';
import { timeToPainted } from '../openProbe.js';
import type { BenchStage } from '../stage.js';

const limitMs = 300;
/** With five messages a turn 10,000 of them, and 23 MB. */
const turns = 2000;
const warmUps = 1;

/** Opening a long conversation that this window has not opened before, by a click on its row in the view `Sessions`. */
export function openSession(context: BenchContext): Measure {
  return {
    name: 'open',
    title: 'Opening a long conversation',
    async run(): Promise<readonly Finding[]> {
      const editor = await context.editor();
      const files: string[] = [];
      const times: number[] = [];
      const open = async (number: number): Promise<number> => {
        const label = `Long conversation ${String(number).padStart(2, '0')}`;
        files.push(await writeConversation(context.stage, number, label));
        return clickOn(editor, label);
      };
      await editor.openChat();
      await openTree(editor);
      try {
        for (let number = 1; number <= warmUps; number++) await open(number);
        await context.each(async (number) => {
          times.push(await open(warmUps + number));
        });
      } finally {
        for (const file of files) await rm(file, { force: true });
      }
      return [
        {
          title: 'Opening a session of 10,000 messages (23 MB): click on its row to painted in the chat',
          measured: { name: 'Arbor', unit: 'ms', samples: times },
          reference: null,
          limit: { value: limitMs, rule: `${String(limitMs)} ms` },
        },
      ];
    },
  };
}

/** Shows the view `Sessions`, where it is closed. */
async function openTree({ window }: EditorStage): Promise<void> {
  const header = window.page.locator('.pane-header[aria-label^="Sessions"]');
  await header.waitFor();
  if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
}

/** Opens a session by its row. The newest session is the tree's first row, so that it can be seen. */
async function clickOn(editor: EditorStage, label: string): Promise<number> {
  const { page } = editor.window;
  const row = page.getByRole('treeitem').filter({ has: page.locator('.label-name', { hasText: label }) });
  await row.waitFor();
  await editor.rest();
  await editor.aim(row);
  return timeToPainted(page, await editor.window.chatContext(), lastPrompt(label), () => editor.click());
}

function lastPrompt(label: string): string {
  return `The last question of ${label}`;
}

/** Writes a transcript as the program would have, newer than all others, under its name at once. */
async function writeConversation({ environment }: BenchStage, number: number, label: string): Promise<string> {
  const { configDir, workspace } = environment;
  const folder = path.join(configDir, 'projects', projectFolderName(workspace));
  await mkdir(folder, { recursive: true });
  const id = `0d6a3e3e-5a3b-4f5e-9d5d-${String(number).padStart(12, '0')}`;
  const shape = { turns, textLength: 1950, resultLength: 1950, tools: 1, id: number.toString(16) };
  // Their times are from the past; those of the last lines are what the tree goes by.
  const now = new Date(Date.now() + number * 1000).toISOString();
  const lines = [...transcriptLines(shape)].map((line, index, all) =>
    index < all.length - 1 ? line : line.replace(/"timestamp":"[^"]*"/u, `"timestamp":"${now}"`),
  );
  const text = lines
    .join('')
    .replace('"content":"Question 1"', `"content":${JSON.stringify(label)}`)
    .replace(`"content":"Question ${String(turns)}"`, `"content":${JSON.stringify(lastPrompt(label))}`)
    .replaceAll('"cwd":"/sample/folder"', `"cwd":${JSON.stringify(workspace)}`);
  const file = path.join(folder, `${id}.jsonl`);
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
  return file;
}
