import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../scripts/editor/processes.js';
import { apiError, callTool, next, say } from '../support/model/answers.js';
import type { RecordedRequest } from '../support/model/server.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { workingFolder } from './processFacts.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open({ folders: ['alpha', 'beta'] });
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(async ({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [] });
  await chat.newSession('alpha');
});

/** The request in which the model was told something. */
function requestWith(text: string): Promise<RecordedRequest> {
  return stage.model.waitForRequest((request) => request.turn?.newPrompts.some((each) => each.includes(text)) === true);
}

function sessionOf(request: RecordedRequest): string {
  return request.headers['x-claude-code-session-id'] ?? '';
}

describe('writing and reading', () => {
  it('T2 an answer is seen growing before it has ended, sent with the button', async () => {
    const text = ['The first half ', { gate: 'middle' }, 'and the second half.'] as const;
    stage.model.setScript({ steps: [next({ blocks: [{ type: 'text', text }] })] });
    expect(await chat.sendButton.isDisabled()).toBe(true);
    await chat.box.fill('Stream, please');
    await chat.sendButton.click();
    expect(await chat.box.inputValue()).toBe('');
    expect(await chat.untilText(chat.prompt, 'Stream, please')).toContain('You');
    const half = await chat.untilText(chat.answer, 'The first half');
    expect(half).not.toContain('second');
    expect(await chat.answer.getAttribute('aria-busy')).toBe('true');
    expect(await chat.stopButton.isVisible()).toBe(true);
    stage.model.release('middle');
    await chat.untilDone();
    expect(await chat.answer.innerText()).toContain('The first half and the second half.');
    expect(await chat.answer.getAttribute('aria-label')).toBe('Claude, message 2');
  });

  it('U4 Enter sends, Shift+Enter makes a line, and the model gets both lines', async () => {
    stage.model.setScript({ steps: [next(say('Two lines.'))] });
    await chat.box.click();
    await chat.box.pressSequentially('line one');
    await chat.box.press('Shift+Enter');
    await chat.box.pressSequentially('line two');
    expect(await chat.box.inputValue()).toBe('line one\nline two');
    await chat.box.press('Enter');
    await chat.untilText(chat.answer, 'Two lines.');
    const request = await requestWith('line one');
    expect(request.turn?.newPrompts).toContain('line one\nline two');
  });

  it('U2 Markdown is drawn: headings, lists, tables, and code with highlighting that can be copied', async () => {
    const text =
      '## Title\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```ts\nconst n: number = 1; // note\n```\n';
    stage.model.setScript({ steps: [next(say(text))] });
    await chat.ask('Markdown');
    await chat.answer.getByRole('heading', { name: 'Title' }).waitFor();
    expect(await chat.answer.getByRole('listitem').allInnerTexts()).toEqual(['one', 'two']);
    expect(await chat.answer.getByRole('cell').allInnerTexts()).toEqual(['1', '2']);
    const code = chat.answer.locator('pre code');
    await code.locator('span').nth(2).waitFor();
    expect(await code.innerText()).toContain('const n: number = 1; // note');
    const colours = await code.evaluate(
      (element) => new Set(Array.from(element.querySelectorAll('span'), (span) => getComputedStyle(span).color)).size,
    );
    expect(colours).toBeGreaterThan(2);
  });

  it('U2 thinking is folded and can be opened', async () => {
    const blocks = [
      { type: 'thinking', thinking: 'A long chain of thoughts.' },
      { type: 'text', text: 'Thought it over.' },
    ] as const;
    stage.model.setScript({ steps: [next({ blocks })] });
    await chat.ask('Think');
    expect(await chat.answer.innerText()).not.toContain('chain of thoughts');
    await chat.answer.getByText('Thought', { exact: true }).click();
    await chat.untilText(chat.answer, 'A long chain of thoughts.');
  });

  it('U2 a tool card has the tool, its input and its result', async () => {
    stage.model.setScript({
      steps: [next(callTool('Bash', { command: 'echo one && echo two' })), next(say('Ran it.'))],
    });
    await chat.ask('Run it');
    const card = chat.tool('Bash');
    expect(await chat.part('Bash', 'Command').innerText()).toContain('echo one && echo two');
    expect(await chat.part('Bash', 'Result').innerText()).toContain('one\ntwo');
    expect(await card.getByRole('button', { name: /^Bash/ }).textContent()).toContain('Done');
    expect(await chat.answer.innerText()).toContain('Ran it.');
  });

  it('M1 each turn says its tokens and cost, and the session the sum of them', async () => {
    const usage = { inputTokens: 1200, outputTokens: 300, cacheReadTokens: 5000, cacheWriteTokens: 700 };
    stage.model.setScript({ steps: [next({ ...say('One.'), usage }), next({ ...say('Two.'), usage })] });
    await chat.ask('Count one');
    const first = usageIn(await chat.answer.locator('.turn-line').getAttribute('title'));
    await chat.ask('Count two');
    const total = usageIn(await chat.frame.locator('.status-total').getAttribute('title'));
    expect(first).toMatchObject({ input: 1200, output: 300, cacheRead: 5000, cacheWrite: 700 });
    expect(first.cost).toBeGreaterThan(0);
    expect(total).toMatchObject({ input: 2400, output: 600, cacheRead: 10_000, cacheWrite: 1400 });
    expect(total.cost).toBeCloseTo(2 * first.cost, 3);
  });
});

describe('stopping and failing', () => {
  it('T6 stop while the answer streams: what came is kept, and the same program takes the next prompt', async () => {
    const text = ['Kept words. ', { gate: 'never' }, 'Lost words.'] as const;
    stage.model.setScript({ steps: [next({ blocks: [{ type: 'text', text }] }), next(say('Going on.'))] });
    await chat.send('Talk until I stop you');
    await chat.untilText(chat.answer, 'Kept words.');
    const before = await stage.programOf(sessionOf(await requestWith('Talk until I stop you')));
    await chat.stopButton.click();
    await chat.untilText(chat.answer, 'Stopped');
    expect(await chat.answer.innerText()).toContain('Kept words.');
    expect(await chat.ask('Go on after the stop')).toContain('Going on.');
    const after = await requestWith('Go on after the stop');
    expect((await stage.programOf(sessionOf(after))).pid).toBe(before.pid);
    expect(after.turn?.prompts).toContain('Talk until I stop you');
  });

  it('T6 stop while a tool runs: its card says Canceled, its process is gone, the next prompt works', async () => {
    const command = 'echo running > running.txt; sleep 61.5; echo late > late.txt';
    stage.model.setScript({ steps: [next(callTool('Bash', { command })), next(say('Still here.'))] });
    await chat.send('Sleep until I stop you');
    await (await stage.window.modal()).press('Allow Once');
    await chat.tool('Bash').getByText('Running', { exact: true }).waitFor();
    await expect.poll(() => sleepers()).toHaveLength(1);
    await chat.stopButton.click();
    await chat.tool('Bash').getByText('Canceled', { exact: true }).waitFor();
    await chat.untilDone();
    await expect.poll(() => sleepers()).toHaveLength(0);
    expect(existsSync(stage.file('running.txt'))).toBe(true);
    expect(existsSync(stage.file('late.txt'))).toBe(false);
    expect(await chat.ask('Are you there?')).toContain('Still here.');
  });

  const failures = [
    { name: '401', answer: apiError(401), what: 'not signed in', button: 'Sign In' },
    { name: '429', answer: apiError(429), what: 'rate limit', button: 'Try Again' },
    { name: '500', answer: apiError(500), what: 'answered with an error', button: 'Show Log' },
    { name: '529', answer: apiError(529), what: 'overloaded', button: 'Try Again' },
    {
      name: 'a dropped connection',
      answer: { blocks: [{ type: 'text' as const, text: ['Half a sent', { drop: true as const }] }] },
      what: 'connection',
      button: 'Try Again',
    },
  ];
  it.each(failures)('T5 $name ends as a card that says what happened, what is kept and what to do', async (failure) => {
    stage.model.setScript({ steps: [{ times: 20, answer: failure.answer }] });
    await chat.send(`Fail with ${failure.name}`);
    const card = chat.answer.locator('.card-error');
    const said = await chat.untilText(card, failure.what);
    await chat.untilDone();
    expect(said).toContain('kept');
    await card.getByRole('button', { name: failure.button }).waitFor();
    await card.getByText('Details').waitFor();
    stage.model.setScript({ steps: [next(say('It works again.'))] });
    if (failure.button === 'Try Again') await card.getByRole('button', { name: 'Try Again' }).click();
    else await chat.send('Once more');
    await chat.untilText(chat.answer, 'It works again.');
  });
});

describe('around the conversation', () => {
  it('T7 messages sent during a turn wait in sight and are sent in order', async () => {
    stage.model.setScript({
      steps: [
        next({ blocks: [{ type: 'text', text: ['Busy. ', { gate: 'busy' }, 'Free.'] }] }),
        next(say('Answer to the second.')),
        next(say('Answer to the third.')),
      ],
    });
    await chat.send('First message');
    await chat.untilText(chat.answer, 'Busy.');
    await chat.send('Second message');
    await chat.send('Third message');
    await expect.poll(() => chat.queueTexts.allInnerTexts()).toEqual(['Second message', 'Third message']);
    stage.model.release('busy');
    await chat.untilText(chat.answer, 'Answer to the third.');
    await chat.untilDone();
    expect(await chat.queue.count()).toBe(0);
    const asked = (await requestWith('Third message')).turn?.prompts;
    expect(asked).toEqual(['First message', 'Second message', 'Third message']);
  });

  it('C4 the model is shown and can be changed', async () => {
    stage.model.setScript({ steps: [next(say('One.')), next(say('Two.'))] });
    await chat.ask('With the default model');
    const menu = chat.menu('Model');
    const options = await menu.locator('option').evaluateAll((all) => all.map((each) => each.getAttribute('value')));
    const other = options.find((value) => value?.includes('haiku')) ?? '';
    expect(other).not.toBe('');
    await menu.selectOption(other);
    await expect.poll(() => menu.inputValue()).toBe(other);
    await chat.ask('With another model');
    const first = await requestWith('With the default model');
    const second = await requestWith('With another model');
    expect(second.model?.model).toContain('haiku');
    expect(first.model?.model).not.toContain('haiku');
  });

  it('A10 the permission mode is shown and can be changed: with Accept Edits a file is written without a question', async () => {
    const file = stage.file('written.txt');
    stage.model.setScript({
      steps: [next(callTool('Write', { file_path: file, content: 'written\n' })), next(say('Written.'))],
    });
    const menu = chat.menu('Permission mode');
    expect(await menu.inputValue()).toBe('default');
    await menu.selectOption('acceptEdits');
    await expect.poll(() => menu.inputValue()).toBe('acceptEdits');
    await chat.ask('Write the file');
    expect(await readFile(file, 'utf8')).toBe('written\n');
  });

  it('S9 with several folders a new session asks for the folder, and its program runs there', async () => {
    stage.model.setScript({ steps: [next(say('In alpha.')), next(say('In beta.'))] });
    await chat.ask('Where is alpha');
    await chat.newSession('beta');
    await chat.frame.locator('header').getByText('beta').waitFor();
    await chat.ask('Where is beta');
    const [alpha, beta] = [await requestWith('Where is alpha'), await requestWith('Where is beta')];
    expect(await workingFolder((await stage.programOf(sessionOf(alpha))).pid)).toBe(stage.folders[0]);
    expect(await workingFolder((await stage.programOf(sessionOf(beta))).pid)).toBe(stage.folders[1]);
    expect(sessionOf(alpha)).not.toBe(sessionOf(beta));
  });

  it('P3 a new session takes the warm spare: its program ran before the session was begun', async () => {
    stage.model.setScript({ steps: [next(say('Here.')), next(say('And here.'))] });
    await chat.ask('Plan a spare');
    const used = new Set(stage.model.requests.map(sessionOf));
    const spares = async (): Promise<number[]> => {
      const found: number[] = [];
      for (const { pid, command } of await stage.programs()) {
        if (!used.has(sessionIn(command)) && (await workingFolder(pid)) === stage.folder) found.push(pid);
      }
      return found;
    };
    await expect.poll(spares, { timeout: 15_000 }).toHaveLength(1);
    const before = await spares();
    await chat.newSession('alpha');
    await chat.ask('Who are you?');
    const { pid } = await stage.programOf(sessionOf(await requestWith('Who are you?')));
    expect(before).toContain(pid);
    expect(isAlive(pid)).toBe(true);
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});

async function sleepers(): Promise<string[]> {
  return (await stage.editor.processes()).map((each) => each.command).filter((each) => /^sleep 61\.5/.test(each));
}

function sessionIn(command: string): string {
  return /--session-id ([\w-]+)/.exec(command)?.[1] ?? '';
}

/** The numbers in a title such as `Input: 1,200 tokens`. */
function usageIn(title: string | null): Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'cost', number> {
  const number = (pattern: RegExp): number => Number((pattern.exec(title ?? '')?.[1] ?? 'NaN').replaceAll(',', ''));
  return {
    input: number(/^\D*?input\D*?([\d,]+)/im),
    output: number(/output\D*?([\d,]+)/i),
    cacheRead: number(/cache read\D*?([\d,]+)/i),
    cacheWrite: number(/cache (?:write|written)\D*?([\d,]+)/i),
    cost: number(/\$([\d.,]+)/),
  };
}
