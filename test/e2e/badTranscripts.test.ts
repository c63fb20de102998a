import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { callTool, say } from '../support/model/answers.js';
import { transcriptLines } from '../support/writtenTranscript.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.open({ folders: ['project', 'moving'] });
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(async ({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [{ times: 20, answer: say('It works.') }] });
  await chat.newSession('project');
});

/** What the model was told in its newest request for an answer. */
function lastPrompts(): readonly string[] {
  return stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
}

function sessionOfLast(): string {
  const last = stage.model.requests.findLast(({ turn }) => turn !== undefined);
  return last?.headers['x-claude-code-session-id'] ?? '';
}

/** The transcript file of a session; empty when there is none. */
async function transcriptOf(session: string): Promise<string> {
  const projects = path.join(stage.claude.configDir, 'projects');
  for (const name of await readdir(projects)) {
    const file = path.join(projects, name, `${session}.jsonl`);
    if (existsSync(file)) return file;
  }
  return '';
}

async function reload(): Promise<void> {
  await stage.window.reloadWindow();
  await stage.window.openChat();
  await chat.messages.first().waitFor();
}

/** How often the conversation says something. */
async function timesSaid(text: string): Promise<number> {
  return (await chat.log.innerText()).split(text).length - 1;
}

async function endPrograms(): Promise<void> {
  for (const { pid } of await stage.programs()) process.kill(pid, 'SIGKILL');
  await expect.poll(async () => (await stage.programs()).length).toBe(0);
}

describe('the transcript', () => {
  it('S6 deleted while open: that is said, the next prompt works, and all is there after a reload', async () => {
    await chat.ask('Remember the word heron');
    const session = sessionOfLast();
    const file = await transcriptOf(session);
    await rm(file);
    await chat.untilText(chat.log, 'was deleted or moved just now');
    expect(await chat.ask('And the word otter')).toContain('It works.');
    expect(sessionOfLast()).toBe(session);
    expect(lastPrompts()).toEqual(['Remember the word heron', 'And the word otter']);
    await reload();
    await chat.untilText(chat.log, "A part of this conversation is not in Claude Code's transcript any more");
    const said = await chat.log.innerText();
    expect(said).toContain('Remember the word heron');
    expect(said).toContain('And the word otter');
    // Gone as a whole, and the program with it.
    await endPrograms();
    await rm(await transcriptOf(session));
    await reload();
    await chat.untilText(chat.log, "Claude Code's transcript of this conversation is gone");
    expect(await chat.log.innerText()).toContain('Remember the word heron');
    await chat.answer.getByRole('button', { name: 'Send a Recap' }).click();
    await expect.poll(() => chat.box.inputValue()).toMatch(/A recap of it[^]*heron[^]*otter/);
    await chat.box.press('Enter');
    await chat.untilText(chat.answer, 'It works.');
    await chat.untilDone();
    expect(lastPrompts().at(-1)).toMatch(/heron[^]*otter/);
    expect(await timesSaid('began a new one')).toBe(1);
  });

  it('S6 truncated while open, then scrolled up: that is said once, what is shown stays, and the next prompt works', async () => {
    await chat.ask('A conversation that will be long');
    const file = await transcriptOf(sessionOfLast());
    await stage.window.page.goto('about:blank');
    await expect.poll(async () => (await stage.programs()).length, { timeout: 10_000 }).toBe(0);
    const lines = [...transcriptLines({ turns: 300, textLength: 300, resultLength: 9, tools: 0 })];
    await writeFile(file, lines.join(''));
    await stage.window.page.goto(stage.editor.url);
    await stage.window.untilUsable();
    await stage.window.openChat();
    await chat.untilText(chat.answer, 'Answer 300.');
    await truncate(file, 1000);
    for (let time = 0; time < 3; time += 1) {
      await chat.log.evaluate((log) => (log.scrollTop = 0));
      await chat.frame.getByRole('button', { name: /^Show earlier messages/ }).click();
      await chat.log.evaluate((log) => (log.scrollTop = log.scrollHeight));
      await chat.log.getByText('replaced, cut or rewritten').first().waitFor();
    }
    expect(await timesSaid('replaced, cut or rewritten')).toBe(1);
    expect(await chat.log.innerText()).toContain('Answer 299.');
    expect(await chat.ask('Is anybody there?')).toContain('It works.');
  });
});

describe('the folder', () => {
  it('S6 renamed while its session is open: the conversation goes on, a new start says it, and it is whole when the folder is back', async () => {
    const folder = stage.folders[1] ?? '';
    await chat.ask('Make this a session with messages');
    await chat.newSession('moving');
    await chat.ask('Before the move');
    const session = sessionOfLast();
    const moved = `${folder}-elsewhere`;
    await rename(folder, moved);
    expect(await chat.ask('After the move')).toContain('It works.');
    await endPrograms();
    await chat.send('With a new program');
    const card = chat.answer.locator('.card-error');
    const said = await chat.untilText(card, 'does not exist any more');
    expect(said).toContain(folder);
    expect(said).toContain('kept');
    await rename(moved, folder);
    await chat.answer.getByRole('button', { name: 'Try Again' }).click();
    await chat.untilText(chat.answer, 'It works.');
    await chat.untilDone();
    expect(sessionOfLast()).toBe(session);
    expect(lastPrompts()).toEqual(['Before the move', 'After the move', 'With a new program']);
  });
});

describe('the storage', () => {
  it('S6 A4 that cannot be written: said once each, the chat goes on, nothing is allowed, and all is saved when it can be', async () => {
    await chat.ask('Before it is locked');
    const session = sessionOfLast();
    await expect.poll(() => stage.stored('state.json')).toContain('Before it is locked');
    const folder = await stage.storageFolder();
    const unlock = await lock(folder);
    onTestFinished(unlock);
    expect(await chat.ask('While it is locked')).toContain('It works.');
    await chat.untilText(stage.window.page.locator('.notifications-toasts'), 'could not be saved');
    await chat.untilText(chat.log, 'The record of what happens in this session could not be saved');
    expect(await chat.ask('Still locked')).toContain('It works.');
    expect(await timesSaid('The record of what happens in this session could not be saved')).toBe(1);
    const toasts = (await stage.window.notifications()).filter((text) => text.includes('could not be saved'));
    expect(toasts).toHaveLength(1);
    // What cannot be recorded is not allowed.
    stage.model.setScript({
      steps: [
        { answer: callTool('Bash', { command: 'echo ran > locked.txt' }) },
        { times: 9, answer: say('It works.') },
      ],
    });
    await chat.send('Run something');
    await (await stage.window.modal()).press('Allow Once');
    await chat.untilText(chat.tool('Bash'), 'Denied');
    await chat.untilDone();
    expect(existsSync(stage.file('locked.txt'))).toBe(false);
    await unlock();
    expect(await chat.ask('It can be saved again')).toContain('It works.');
    await expect.poll(() => stage.stored(`journals/${session}.jsonl`)).toContain('It can be saved again');
    await reload();
    await expect.poll(() => chat.log.innerText()).toContain('While it is locked');
    expect(await chat.ask('After all')).toContain('It works.');
    expect(sessionOfLast()).toBe(session);
  });
});

describe('another program', () => {
  it('S8 has the session in a terminal: nothing is sent, what is said there is shown, and after it the message goes on from there', async () => {
    await chat.ask('Asked in the editor');
    const session = sessionOfLast();
    const terminal = await openTerminal(session);
    await chat.send('Sent meanwhile');
    const card = chat.answer.locator('.card-error');
    const said = await chat.untilText(card, 'Your message was not sent');
    expect(said).toContain('a terminal (process ');
    expect(said).toContain('kept');
    expect(lastPrompts()).not.toContain('Sent meanwhile');
    await terminal.type('Typed in the terminal');
    await chat.untilText(chat.prompt, 'Typed in the terminal');
    await chat.untilText(chat.log, 'went on in another program');
    expect(lastPrompts()).toEqual(['Asked in the editor', 'Typed in the terminal']);
    await terminal.close();
    await chat.send('Sent meanwhile');
    await chat.untilText(chat.prompt, 'Sent meanwhile');
    await chat.untilText(chat.answer, 'It works.');
    await chat.untilDone();
    expect(sessionOfLast()).toBe(session);
    expect(lastPrompts()).toEqual(['Asked in the editor', 'Typed in the terminal', 'Sent meanwhile']);
    await reload();
    const all = await chat.log.innerText();
    for (const text of ['Asked in the editor', 'Typed in the terminal', 'Sent meanwhile']) expect(all).toContain(text);
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});

/** The program's own interface, as a user has it in a terminal. */
interface Terminal {
  /** Types a message and sends it. */
  type(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a session in the program's own interface; `script` (util-linux) gives it the terminal that it wants. */
async function openTerminal(session: string): Promise<Terminal> {
  const settings = path.join(stage.claude.configDir, '.claude.json');
  const configuration: unknown = JSON.parse(await readFile(settings, 'utf8'));
  const projects = { [stage.folder]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } };
  await writeFile(settings, JSON.stringify(Object.assign({}, configuration, { projects })));
  const child = spawn('script', ['-qfec', '"$ARBOR_TEST_PROGRAM" --resume "$ARBOR_TEST_SESSION"', '/dev/null'], {
    cwd: stage.folder,
    env: {
      ...stage.claude.env,
      ...stage.editor.marker,
      TERM: 'xterm-256color',
      ARBOR_TEST_PROGRAM: stage.program,
      ARBOR_TEST_SESSION: session,
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let screen = '';
  child.stdout.on('data', (data: Buffer) => (screen += data.toString()));
  const ended = once(child, 'exit');
  const pid = async (): Promise<number> => {
    const all = await stage.editor.processes();
    return all.find(({ command }) => command.startsWith(`${stage.program} --resume`))?.pid ?? 0;
  };
  const close = async (): Promise<void> => {
    const program = await pid();
    if (program > 0) process.kill(program, 'SIGKILL');
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await close();
  });
  const registered = async (): Promise<string> => {
    const file = path.join(stage.claude.configDir, 'sessions', `${String(await pid())}.json`);
    return readFile(file, 'utf8').catch(() => '');
  };
  await expect.poll(registered, { timeout: 30_000 }).toMatch(new RegExp(`${session}[^]*"status":"idle"`));
  return {
    async type(text) {
      const before = screen.length;
      child.stdin.write(text);
      // It draws what it has taken, word by word.
      const last = text.split(' ').at(-1) ?? '';
      await expect.poll(() => screen.slice(before)).toContain(last);
      child.stdin.write('\r');
    },
    close,
  };
}

/**
 * Makes a folder one that cannot be written, for root as well: where a file is to be made there is a folder, and the other way
 * round.
 * @returns undoes it; may be called again
 */
async function lock(folder: string): Promise<() => Promise<void>> {
  const obstacles = ['state.json.tmp', 'audit.jsonl'].map((name) => path.join(folder, name));
  const [journals, aside] = [path.join(folder, 'journals'), path.join(folder, 'journals.aside')];
  const audit = path.join(folder, 'audit.jsonl');
  if (existsSync(audit)) await rename(audit, `${audit}.aside`);
  for (const obstacle of obstacles) {
    // The temporary file of a write that is just under way goes in a moment.
    const made = (): Promise<boolean> =>
      mkdir(obstacle).then(
        () => true,
        () => false,
      );
    await expect.poll(made).toBe(true);
  }
  await rename(journals, aside);
  await writeFile(journals, '');
  let isLocked = true;
  return async () => {
    if (!isLocked) return;
    isLocked = false;
    for (const obstacle of obstacles) await rm(obstacle, { recursive: true });
    await rm(journals);
    await rename(aside, journals);
    if (existsSync(`${audit}.aside`)) await rename(`${audit}.aside`, audit);
  };
}
