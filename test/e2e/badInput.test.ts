import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { say } from '../support/model/answers.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;
/** The program or its environment is not what it should be. */
let isBroken = false;

beforeAll(async () => {
  stage = await Stage.open({ folders: ['project', 'doomed'] });
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(async ({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [{ times: 20, answer: say('It works.') }] });
  // What a failed test left behind must not fail the next one.
  if (isBroken) await start(stage.program);
  await chat.newSession('project');
});

/** Writes a program that is not what it should be. @returns its path */
async function program(name: string, text: string, mode = 0o755): Promise<string> {
  const file = path.join(stage.claude.root, name);
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

/**
 * Changes what is started from now on, and ends what runs. That the chat shows the demo's banner, which hangs on a variable
 * that is changed at the same time, says that the extension has taken it up.
 */
async function start(claude: string, variables: Readonly<Record<string, string | null>> = {}): Promise<void> {
  const banner = chat.frame.getByText('Demo model: answers are scripted');
  const isMarked = await banner.isVisible();
  isBroken = claude !== stage.program || Object.keys(variables).length > 0;
  await stage.editor.updateSettings({
    'arbor.claude.path': claude,
    'arbor.claude.environment': {
      ...stage.claude.env,
      ...stage.editor.marker,
      ...variables,
      ...(isMarked ? {} : { ARBOR_DEMO_MODEL: '1' }),
    },
  });
  await banner.waitFor({ state: isMarked ? 'detached' : 'visible' });
  for (const { pid } of await stage.programs()) end(pid);
  await expect.poll(async () => (await stage.programs()).length).toBe(0);
}

/** Ends a program, if it has not ended by itself meanwhile: the extension ends its spare when the settings change. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Reads the card of the newest answer: what happened, what was kept, what to do. */
async function card(): Promise<string> {
  const found = chat.answer.locator('.card-error');
  await found.waitFor();
  await chat.untilDone();
  expect(await found.count()).toBe(1);
  return found.innerText();
}

const version = 'if [ "$1" = --version ]; then echo "2.1.329 (Claude Code)"; exit 0; fi';

describe('the program', () => {
  const broken = [
    {
      name: 'missing',
      make: () => Promise.resolve('/nowhere/claude'),
      says: ['/nowhere/claude', 'no such file', 'Correct the setting'],
    },
    {
      name: 'not executable',
      make: () => program('plain', 'no program', 0o644),
      says: ['cannot be run', 'Make it executable'],
    },
    {
      name: 'too old',
      make: () => program('old', '#!/bin/sh\necho "1.0.17 (Claude Code)"\n'),
      says: ['1.0.17', 'too old', 'claude update'],
    },
    {
      name: 'crashing at start',
      make: () => program('crash', `#!/bin/sh\n${version}\necho 'a fatal thing' >&2\nexit 7\n`),
      says: ['ended while it was starting', '7', 'Try again'],
    },
    {
      name: 'no program at all',
      make: () => program('garbage', '\u0000\u0001\u0002 neither a script nor a binary\n'),
      says: ['could not say its version', 'claude --version'],
    },
  ];
  it.each(broken)('P1 $name: one card says it, the message is kept, and works once that is mended', async (one) => {
    await start(await one.make());
    await chat.send(`A message for a program that is ${one.name}`);
    const said = await card();
    for (const words of one.says) expect(said).toContain(words);
    expect(said).toContain('kept');
    expect(await chat.prompt.innerText()).toContain(`A message for a program that is ${one.name}`);
    await start(stage.program);
    await chat.answer.getByRole('button', { name: 'Try Again' }).click();
    await chat.untilText(chat.answer, 'It works.');
  });

  it('T5 not signed in: the card offers the sign-in, which runs the program in a terminal', async () => {
    await start(stage.program, { ANTHROPIC_API_KEY: null });
    await chat.send('Who am I?');
    expect(await card()).toContain('not signed in');
    await chat.answer.getByRole('button', { name: 'Sign In' }).click();
    await stage.window.page.locator('.terminal-wrapper').first().waitFor();
    await expect
      .poll(async () => (await stage.editor.processes()).filter(({ command }) => command === stage.program).length)
      .toBe(1);
    await stage.window.runCommand('Terminal: Kill All Terminals');
    await start(stage.program);
    await chat.answer.getByRole('button', { name: 'Try Again' }).click();
    await chat.untilText(chat.answer, 'It works.');
  });
});

describe('the folder', () => {
  it('T5 a folder that was deleted: one card says it, and the message works once the folder is back', async () => {
    const folder = stage.folders[1] ?? '';
    await rm(folder, { recursive: true });
    await chat.ask('Make this session one with messages');
    await chat.newSession('doomed');
    await chat.send('Work in the folder');
    const said = await card();
    expect(said).toContain(`${folder} does not exist any more`);
    expect(said).toContain('kept');
    await mkdir(folder);
    await chat.answer.getByRole('button', { name: 'Try Again' }).click();
    await chat.untilText(chat.answer, 'It works.');
  });
});

describe('the prompt', () => {
  it('an empty one, or one of blanks, is not sent', async () => {
    await chat.box.fill('');
    expect(await chat.sendButton.isDisabled()).toBe(true);
    await chat.box.press('Enter');
    await chat.box.fill('  \n\t ');
    await chat.box.press('Enter');
    expect(await chat.sendButton.isDisabled()).toBe(true);
    await chat.ask('A real one');
    expect(await chat.log.getByRole('article', { name: /^You/ }).count()).toBe(1);
  });

  it.each(['--help', '-p --dangerously-skip-permissions', '-'])(
    'one that starts with a dash is only text: %s',
    async (text) => {
      expect(await chat.ask(text)).toContain('It works.');
      const request = stage.model.requests.findLast(({ turn }) => turn !== undefined);
      expect(request?.turn?.newPrompts).toContain(text);
    },
  );

  it('one of 300 KB arrives whole', async () => {
    const text = `BEGIN ${'many kilobytes of text '.repeat(13_000)}END`;
    await paste(text);
    await chat.box.press('Enter');
    await chat.untilText(chat.answer, 'It works.');
    const request = stage.model.requests.findLast(({ turn }) => turn !== undefined);
    expect(request?.turn?.newPrompts.some((each) => each === text)).toBe(true);
    expect(await chat.box.inputValue()).toBe('');
  });

  it('one of 5 MB, which is more than the model takes: a card says it, and the view stays usable', async () => {
    await paste(`BEGIN ${'five megabytes of text '.repeat(220_000)}END`);
    await chat.box.press('Enter');
    const said = await chat.untilText(chat.answer.locator('.card-error'), 'too long for the model', 60_000);
    expect(said).toContain('kept');
    await chat.untilDone();
    expect(await chat.prompt.innerText()).toContain('BEGIN five megabytes of text');
    await chat.answer.getByRole('button', { name: 'Start a New Session' }).click();
    await chat.chooseFolder('project');
    await chat.messages.first().waitFor({ state: 'detached' });
    expect(await chat.ask('And on')).toContain('It works.');
  });

  it('one that is too long is refused, with the reason, and is back in the box', async () => {
    const text = 'x'.repeat(8_000_001);
    await paste(text);
    await chat.box.press('Enter');
    const alert = chat.frame.getByRole('alert');
    expect(await chat.untilText(alert, 'too long')).toContain('still in the message box');
    expect(await chat.box.inputValue()).toHaveLength(text.length);
    await chat.box.fill('Shorter');
    await chat.box.press('Enter');
    await chat.untilText(chat.answer, 'It works.');
    expect(await alert.count()).toBe(0);
  });
});

describe('messages of the view', () => {
  it('those that fit no schema change nothing and end nothing', async () => {
    await stage.window.page.addInitScript(keepEditorApi);
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await chat.ask('Before the bad messages');
    const frame = await stage.window.chatContext();
    const session = stage.model.requests.at(-1)?.headers['x-claude-code-session-id'] ?? '';
    const messages: readonly unknown[] = [
      null,
      'send',
      7,
      [],
      {},
      { type: 'nonsense' },
      { type: 'send' },
      { type: 'send', session, text: 7 },
      { type: 'send', session: 'no id', text: 'evil' },
      { type: 'send', session: '00000000-0000-4000-8000-000000000000', text: 'evil' },
      { type: 'setMode', session, mode: 'evil' },
      { type: 'setMode', session, mode: 'bypassPermissions' },
      { type: 'action', session, action: 'rm -rf' },
      { type: 'openLink', href: 'command:workbench.action.closeWindow' },
      { type: 'openLink', href: 'javascript:alert(1)' },
      { type: 'earlier', session, before: -1 },
      { type: 'scroll', session, place: { atEnd: 'yes' } },
      { type: '__proto__', session },
    ];
    expect(await frame.evaluate(postAll, messages)).toBe(messages.length);
    expect(await chat.ask('After the bad messages')).toContain('It works.');
    expect(await chat.menu('Permission mode').inputValue()).not.toBe('evil');
    expect(stage.model.requests.some(({ turn }) => turn?.prompts.includes('evil') === true)).toBe(false);
  });
});

describe('what is kept', () => {
  it('S6 a state file that is cut off is set aside and said; conversations can go on', async () => {
    await chat.ask('Something to keep');
    await expect.poll(() => stage.stored('state.json')).toContain('Something to keep');
    const folder = await stage.storageFolder();
    const whole = await readFile(path.join(folder, 'state.json'), 'utf8');
    await breakState(whole.slice(0, whole.length / 2));
    await chat.untilText(stage.window.page.locator('.notifications-toasts'), 'was damaged and could not be read');
    const said = (await stage.window.notifications()).join('\n');
    expect(said).toContain('conversations are safe');
    const aside = (await readdir(folder)).find((name) => name.startsWith('state.json.unreadable'));
    expect(await readFile(path.join(folder, aside ?? ''), 'utf8')).toBe(whole.slice(0, whole.length / 2));
    expect(await chat.ask('Going on')).toContain('It works.');
  });

  it('S6 a state file that is no JSON, twice: each is set aside, none is overwritten', async () => {
    const folder = await stage.storageFolder();
    const before = (await readdir(folder)).filter((name) => name.startsWith('state.json.unreadable')).length;
    await breakState('this is no JSON at all');
    await chat.untilText(stage.window.page.locator('.notifications-toasts'), 'was damaged and could not be read');
    await expect
      .poll(async () => (await readdir(folder)).filter((name) => name.startsWith('state.json.unreadable')).length)
      .toBe(before + 1);
    expect(await chat.ask('Going on')).toContain('It works.');
  });

  it('S6 a state file of a newer Arbor stays untouched, and that is said once', async () => {
    const newer = JSON.stringify({ version: 999, sessions: { from: 'the future' } });
    await breakState(newer);
    await chat.untilText(stage.window.page.locator('.notifications-toasts'), 'written by a newer version of Arbor');
    expect(await chat.ask('Going on')).toContain('It works.');
    expect(await stage.stored('state.json')).toBe(newer);
    expect((await stage.window.notifications()).filter((text) => text.includes('newer version'))).toHaveLength(1);
    await rm(path.join(await stage.storageFolder(), 'state.json'));
    await stage.window.reloadWindow();
    await stage.window.openChat();
  });

  it('S6 a state file that cannot be written: said once, the chat goes on, and it is saved when it can be', async () => {
    const temporary = path.join(await stage.storageFolder(), 'state.json.tmp');
    await mkdir(temporary);
    expect(await chat.ask('Not to be saved yet')).toContain('It works.');
    await chat.untilText(stage.window.page.locator('.notifications-toasts'), 'could not be saved');
    expect(await chat.ask('Still not to be saved')).toContain('It works.');
    expect((await stage.window.notifications()).filter((text) => text.includes('could not be saved'))).toHaveLength(1);
    await rm(temporary, { recursive: true });
    expect(await chat.ask('Now it can be')).toContain('It works.');
    await expect.poll(() => stage.stored('state.json')).toContain('Not to be saved yet');
  });

  it('S6 the storage folder is gone: it is made again, with what this window knows', async () => {
    await chat.ask('Known to the window');
    await expect.poll(() => stage.stored('state.json')).toContain('Known to the window');
    const folder = await stage.storageFolder();
    await rm(folder, { recursive: true });
    expect(await chat.ask('After the folder went')).toContain('It works.');
    await expect.poll(() => (existsSync(folder) ? stage.stored('state.json') : '')).toContain('Known to the window');
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});

/** Puts a long text into the message box in one go, as pasting does; Playwright's own way needs a second per megabyte. */
async function paste(text: string): Promise<void> {
  await chat.box.evaluate((box, value) => {
    if (!(box instanceof HTMLTextAreaElement)) throw new Error('The message box is no text area');
    box.value = value;
    box.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));
  }, text);
}

/** Replaces the state while no window has it open, as a crash or another version could have left it. */
async function breakState(content: string): Promise<void> {
  const file = path.join(await stage.storageFolder(), 'state.json');
  await stage.window.page.goto('about:blank');
  await expect.poll(async () => (await stage.programs()).length, { timeout: 10_000 }).toBe(0);
  await writeFile(file, content);
  await stage.window.page.goto(stage.editor.url);
  await stage.window.untilUsable();
  await stage.window.openChat();
  await chat.box.waitFor();
}

/** Runs in the page before its own scripts: keeps the editor's interface that only the view gets, once. */
function keepEditorApi(): void {
  let given: unknown;
  Object.defineProperty(globalThis, 'acquireVsCodeApi', {
    configurable: true,
    get: () => given,
    set: (acquire: () => object) => {
      given = () => {
        const api = acquire();
        Reflect.set(globalThis, 'keptEditorApi', api);
        return api;
      };
    },
  });
}

/** Runs in the chat's frame: posts messages as the view would. @returns how many */
function postAll(messages: readonly unknown[]): number {
  const api: unknown = Reflect.get(globalThis, 'keptEditorApi');
  if (typeof api !== 'object' || api === null || !('postMessage' in api)) return 0;
  if (typeof api.postMessage !== 'function') return 0;
  for (const message of messages) Reflect.apply(api.postMessage, api, [message]);
  return messages.length;
}
