import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PaintTimes } from '../chatProbe.js';
import type { BenchContext } from '../context.js';
import type { EditorStage } from '../editorStage.js';
import type { Measure, Series } from '../finding.js';
import { floodDeltas, prompts } from '../modelScript.js';
import { RawProgram } from '../rawProgram.js';
import type { BenchStage } from '../stage.js';

/** Messages of the conversation: half of them the user's. */
const messages = 1000;
const limitMs = 50;
const warmUps = 2;
const pageMs = 10_000;

/** The longest task of the chat view while thousands of deltas stream into a conversation of a thousand messages, all loaded. */
export function longConversation(context: BenchContext): Measure {
  return {
    name: 'tasks',
    title: `Longest task in a conversation of ${messages} messages`,
    async run() {
      const stage = await context.editor();
      await openLongConversation(context.stage, stage);
      const times: PaintTimes[] = [];
      for (let turn = 0; turn < warmUps; turn++) await stage.turn(prompts.flood);
      await context.each(async () => {
        times.push(await stage.turn(prompts.flood, true));
      });
      return [
        {
          title: `Longest webview task while ${floodDeltas} deltas stream into ${messages} messages`,
          measured: {
            ...ms('longest task', times, ({ longTask, longestGap }) => longTask || Math.min(longestGap, limitMs)),
            statistic: 'worst',
          },
          reference: null,
          limit: { value: limitMs, rule: `${limitMs} ms` },
          details: [
            ms('longest task that the Long Tasks API reports (0: none of 50 ms)', times, (each) => each.longTask),
            ms("the same of the editor's own page, on the same thread", times, (each) => each.editorTask),
            ms('longest wait of a message to oneself, whatever the cause', times, (each) => each.longestGap),
            ms('click to first text painted', times, (each) => each.first),
            ms('click to last delta painted', times, (each) => each.last),
          ],
        },
      ];
    },
  };
}

/** Makes the conversation with the program itself, puts it in the place of a session of Arbor's, and opens that with all its messages. */
async function openLongConversation(stage: BenchStage, editor: EditorStage): Promise<void> {
  const long = await makeTranscript(stage);
  await editor.openChat();
  await editor.newSession();
  const before = await transcripts(stage);
  await editor.turn(prompts.short);
  const file = (await transcripts(stage)).find((each) => !before.includes(each));
  if (file === undefined) throw new Error('The new session has no transcript');
  const sessionId = path.basename(file, '.jsonl');
  await editor.reopen(async () => {
    await writeFile(file, long.text.replaceAll(long.sessionId, sessionId));
  });
  await editor.openChat();
  await loadAll(editor);
}

async function makeTranscript(stage: BenchStage): Promise<{ readonly sessionId: string; readonly text: string }> {
  const raw = await RawProgram.start(stage.program, stage.environment);
  try {
    for (let turn = 0; turn < messages / 2; turn++) await raw.turn(prompts.page);
  } finally {
    await raw.stop();
  }
  const file = (await transcripts(stage)).find((each) => each.includes(raw.sessionId));
  if (file === undefined) throw new Error('The program left no transcript');
  return { sessionId: raw.sessionId, text: await readFile(file, 'utf8') };
}

async function transcripts({ environment }: BenchStage): Promise<string[]> {
  const projects = path.join(environment.configDir, 'projects');
  const files = await readdir(projects, { recursive: true });
  return files.filter((file) => file.endsWith('.jsonl')).map((file) => path.join(projects, file));
}

/** Goes up page by page until every message is there, then back to the end. */
async function loadAll(editor: EditorStage): Promise<void> {
  const chat = editor.window.chatFrame();
  const log = chat.getByRole('log', { name: 'Conversation' });
  await log.getByRole('article').first().waitFor();
  const earlier = log.getByRole('button', { name: /^Show earlier messages/u });
  while ((await earlier.count()) > 0) {
    const shown = await log.getByRole('article').count();
    await log.evaluate((scroller) => scroller.scrollTo({ top: 0 }));
    await log.getByRole('article').nth(shown).waitFor({ state: 'attached', timeout: pageMs });
  }
  const loaded = await log.getByRole('article').count();
  if (loaded < messages) throw new Error(`The chat shows ${loaded} messages instead of ${messages}`);
  await log.evaluate((scroller) => scroller.scrollTo({ top: scroller.scrollHeight }));
  await editor.rest();
}

function ms(name: string, times: readonly PaintTimes[], pick: (each: PaintTimes) => number): Series {
  return { name, unit: 'ms', samples: times.map(pick) };
}
