import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../scripts/editor/processes.js';
import { callTool, next, say, toolUse } from '../support/model/answers.js';
import type { Answer } from '../support/model/script.js';
import type { Modal } from '../support/editor/modal.js';
import type { ChatPage } from './chatPage.js';
import { hostProblems } from './hostLog.js';
import { Stage } from './stage.js';

let stage: Stage;
let chat: ChatPage;
let count = 0;

beforeAll(async () => {
  stage = await Stage.open();
  ({ chat } = stage);
  return () => stage.close();
});

beforeEach(async ({ onTestFailed }) => {
  onTestFailed(({ task }) => stage.picture(task.name));
  stage.model.setScript({ steps: [] });
  await chat.newSession();
});

/** A file that only a command that was allowed makes. */
function freshFile(): { readonly file: string; readonly command: string } {
  count += 1;
  const name = `ran-${String(count)}.txt`;
  return { file: stage.file(name), command: `touch ${name}` };
}

/** Sends a prompt that makes the model call a tool, and waits for the modal. */
async function askFor(answer: Answer, prompt = `Use a tool, number ${String(count)}`): Promise<Modal> {
  stage.model.setScript({ steps: [next(answer), { times: 5, answer: say('After the tool.') }] });
  await chat.send(prompt);
  return stage.window.modal();
}

/** What the model is told of the tool's fate. */
async function toldModel(): Promise<string> {
  await chat.untilText(chat.answer, 'After the tool.');
  return stage.model.requests.flatMap((request) => request.turn?.newResults.at(-1)?.text ?? []).at(-1) ?? '';
}

describe('what the modal shows', () => {
  it('A1 the whole command verbatim, what it is described as, the session and the folder', async () => {
    const command = 'touch "a b.txt" &&\n  echo $HOME | tee \'c.txt\' > /dev/null';
    const modal = await askFor(callTool('Bash', { command, description: 'Harmless' }), 'Name of this session');
    expect(modal.title).toBe('Allow Bash?');
    expect(modal.detail).toContain(command);
    expect(modal.detail).toContain('Harmless');
    expect(modal.detail).toContain('Session: Name of this session');
    expect(modal.detail).toContain(`Folder: ${stage.folder}`);
    await modal.press('Deny');
    expect(existsSync(stage.file('a b.txt'))).toBe(false);
    await chat.untilDone();
  });

  it('A1 a path outside the folder is marked, one inside is relative', async () => {
    const outside = path.join(path.dirname(stage.folder), 'outside.txt');
    const modal = await askFor(callTool('Write', { file_path: outside, content: 'x' }));
    expect(modal.title).toBe('Allow Write?');
    expect(modal.detail).toContain(`${outside} (outside the folder)`);
    await modal.press('Deny');
    await toldModel();
    expect(existsSync(outside)).toBe(false);
    const inside = await askFor(callTool('Write', { file_path: stage.file('deep', 'inside.txt'), content: 'x' }));
    expect(inside.detail).toContain('File:\ndeep/inside.txt\n');
    expect(inside.detail).not.toContain('outside the folder');
    await inside.press('Deny');
    await toldModel();
  });

  it('A1 characters that hide or turn text are made visible', async () => {
    const input = { file_path: stage.file('gpj\u202Esh.'), content: 'a\u202Eb\u202C \u200Bc\u0007\u001B[2Kd' };
    const modal = await askFor(callTool('Write', input));
    expect(modal.detail).toMatch(/gpj.U\+202E.sh/);
    expect(modal.detail).toMatch(/a.U\+202E.b.U\+202C. .U\+200B.c.U\+0007..U\+001B.\[2Kd/);
    expect(modal.detail).not.toMatch(/[\u202A-\u202E\u200B\u0007\u001B]/u);
    await modal.press('Deny');
    await toldModel();
  });

  it('A1 an input of 5 MB is said to be cut, and opens whole', async () => {
    const content = `${'line after line of a very long file\n'.repeat(150_000)}THE VERY LAST LINE`;
    const modal = await askFor(callTool('Write', { file_path: stage.file('huge.txt'), content }));
    expect(modal.detail.length).toBeLessThan(5000);
    expect(modal.detail).toMatch(/\d{7} more characters/);
    expect(modal.buttons).toContain('Show Whole Input');
    await modal.press('Show Whole Input');
    const { page } = stage.window;
    const editor = page.locator('.editor-group-container .monaco-editor').first();
    await editor.locator('.view-line', { hasText: 'File:' }).waitFor();
    await editor.click();
    await page.keyboard.press('Control+End');
    await editor.locator('.view-line', { hasText: 'THE VERY LAST LINE' }).waitFor();
    expect(await stage.window.hasModal()).toBe(false);
    await page.locator('.notifications-toasts').getByRole('button', { name: 'Answer' }).click();
    const again = await stage.window.modal();
    expect(await again.focused()).toBe('Deny');
    await again.press('Deny');
    await toldModel();
    expect(existsSync(stage.file('huge.txt'))).toBe(false);
    await page.keyboard.press('Control+F4');
  });
});

describe('answering', () => {
  it.each(['Enter', 'Space', 'Escape'])('A2 Deny is the default: %s denies and nothing runs', async (key) => {
    const { file, command } = freshFile();
    const modal = await askFor(callTool('Bash', { command }));
    expect(await modal.focused()).toBe('Deny');
    await stage.window.page.keyboard.press(key);
    await modal.locator.waitFor({ state: 'hidden' });
    expect(await toldModel()).toContain('denied');
    expect(await chat.tool('Bash').textContent()).toContain('Denied');
    expect(existsSync(file)).toBe(false);
  });

  it('A2 keystrokes that are in flight when the modal comes do not approve', async () => {
    const { file, command } = freshFile();
    const blocks = [{ type: 'gate', name: 'typing' }, toolUse('Bash', { command })] as const;
    stage.model.setScript({ steps: [next({ blocks }), { times: 200, answer: say('After the tool.') }] });
    await chat.send('Wait for my typing');
    await stage.model.reached('typing');
    await chat.box.click();
    stage.model.release('typing');
    const dialog = stage.window.page.locator('.monaco-dialog-box');
    let seen = false;
    while (!seen) {
      for (const key of ['y', 'Enter', 'Space']) await stage.window.page.keyboard.press(key);
      seen = (await dialog.isVisible()) || (await chat.tool('Bash').filter({ hasText: 'Denied' }).isVisible());
    }
    if (await dialog.isVisible()) await stage.window.page.keyboard.press('Enter');
    await chat.tool('Bash').filter({ hasText: 'Denied' }).waitFor();
    expect(existsSync(file)).toBe(false);
    // What was typed before the modal came are messages that wait; the next test begins when they are answered.
    await chat.frame.getByRole('list', { name: 'Queued messages' }).waitFor({ state: 'hidden' });
    await chat.untilDone();
  });

  it('A3 allow once runs it, once: the same tool asks again', async () => {
    const { file, command } = freshFile();
    await (await askFor(callTool('Bash', { command }))).press('Allow Once');
    await toldModel();
    expect(existsSync(file)).toBe(true);
    expect(await chat.tool('Bash').textContent()).toContain('Done');
    const again = await askFor(callTool('Bash', { command }));
    expect(again.title).toBe('Allow Bash?');
    await again.press('Deny');
    await toldModel();
  });

  it('A3 what is allowed is exactly what was shown', async () => {
    const content = 'exactly this\n\twith a tab, a ü and a "quote"\n';
    const modal = await askFor(callTool('Write', { file_path: stage.file('exact.txt'), content }));
    expect(modal.detail).toContain('with a tab, a ü and a "quote"');
    await modal.press('Allow Once');
    await toldModel();
    expect(await readFile(stage.file('exact.txt'), 'utf8')).toBe(content);
  });

  it('A3 a denial is read by Claude, which goes on', async () => {
    const { file, command } = freshFile();
    await (await askFor(callTool('Bash', { command }))).press('Deny');
    expect(await toldModel()).toMatch(/user denied/i);
    expect(existsSync(file)).toBe(false);
  });

  it('A3 a denial with a reason gives Claude the reason', async () => {
    const { file, command } = freshFile();
    await (await askFor(callTool('Bash', { command }))).press('Deny with Reason…');
    const input = stage.window.page.locator('.quick-input-widget input').first();
    await input.fill('Use the test database instead');
    await input.press('Enter');
    expect(await toldModel()).toContain('Use the test database instead');
    expect(await chat.tool('Bash').innerText()).toContain('Use the test database instead');
    expect(existsSync(file)).toBe(false);
  });

  it('A2 requests of two sessions queue and never stack', async () => {
    const [one, two] = [freshFile(), freshFile()];
    const gated = (name: string, command: string): Answer => ({
      blocks: [{ type: 'gate', name }, toolUse('Bash', { command })],
    });
    stage.model.setScript({
      steps: [
        { when: { text: 'Session one' }, answer: gated('one', one.command) },
        { when: { text: 'Session two' }, answer: gated('two', two.command) },
        { times: 5, answer: say('After the tool.') },
      ],
    });
    await chat.send('Session one');
    await stage.model.reached('one');
    await chat.newSession();
    await chat.send('Session two');
    await stage.model.reached('two');
    stage.model.release('one');
    const first = await stage.window.modal();
    expect(first.detail).toContain('Session: Session one');
    stage.model.release('two');
    await chat.untilText(chat.tool('Bash'), 'Waiting for permission');
    expect(await stage.window.page.locator('.monaco-dialog-box').count()).toBe(1);
    await first.locator.getByRole('button', { name: 'Allow Once' }).click();
    // The next one comes as soon as the first is answered: there may be no moment without a modal.
    await expect.poll(async () => (await stage.window.modal()).detail).toContain('Session: Session two');
    const second = await stage.window.modal();
    expect(await second.focused()).toBe('Deny');
    await second.press('Deny');
    await toldModel();
    await expect.poll(() => existsSync(one.file)).toBe(true);
    expect(existsSync(two.file)).toBe(false);
  });
});

describe('what may go away while the modal is open', () => {
  it('A4 the chat view is hidden: the modal comes all the same, and the answer counts', async () => {
    const { file, command } = freshFile();
    const blocks = [{ type: 'gate', name: 'hidden' }, toolUse('Bash', { command })] as const;
    stage.model.setScript({ steps: [next({ blocks }), next(say('After the tool.'))] });
    await chat.send('Ask me while I look elsewhere');
    await stage.model.reached('hidden');
    await stage.window.page
      .locator('.part.activitybar')
      .getByRole('tab', { name: /^Explorer/ })
      .click();
    await chat.box.waitFor({ state: 'hidden' });
    stage.model.release('hidden');
    const modal = await stage.window.modal();
    expect(modal.detail).toContain(command);
    await modal.press('Allow Once');
    await expect.poll(() => existsSync(file)).toBe(true);
    await stage.window.openChat();
    expect(await toldModel()).not.toMatch(/denied/i);
    expect(await chat.tool('Bash').textContent()).toContain('Done');
  });

  it('A4 the program is killed: an approval afterwards runs nothing, and the session goes on', async () => {
    const { file, command } = freshFile();
    const modal = await askFor(callTool('Bash', { command }), 'The program dies here');
    const request = await stage.model.waitForRequest(
      ({ turn }) => turn?.newPrompts.includes('The program dies here') === true,
    );
    const program = await stage.programOf(request.headers['x-claude-code-session-id'] ?? '');
    process.kill(program.pid, 'SIGKILL');
    await expect.poll(() => isAlive(program.pid)).toBe(false);
    await chat.untilText(chat.answer.locator('.card-error'), 'ended from outside');
    await modal.press('Allow Once');
    expect(await chat.ask('Do you still know me?')).toContain('After the tool.');
    expect(existsSync(file)).toBe(false);
    const prompts = stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
    expect(prompts).toContain('The program dies here');
    expect(prompts.at(-1)).toBe('Do you still know me?');
  });

  it('A4 the window is reloaded: nothing ran, and the session goes on', async () => {
    const { file, command } = freshFile();
    await askFor(callTool('Bash', { command }), 'The window is reloaded here');
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await chat.untilText(chat.prompt, 'The window is reloaded here');
    expect(await stage.window.hasModal()).toBe(false);
    expect(await chat.ask('Do you know me after the reload?')).toContain('After the tool.');
    expect(existsSync(file)).toBe(false);
    const prompts = stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
    expect(prompts).toContain('The window is reloaded here');
  });

  it('A4 the extension host is killed: an approval afterwards runs nothing, and the session goes on', async () => {
    const { file, command } = freshFile();
    const modal = await askFor(callTool('Bash', { command }), 'The host dies here');
    const programs = await stage.programs();
    const [host] = await stage.editor.extensionHosts();
    process.kill(host?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => programs.filter(({ pid }) => isAlive(pid)), { timeout: 5000 }).toEqual([]);
    if (await stage.window.hasModal()) await modal.press('Allow Once');
    await stage.window.reloadWindow();
    await stage.window.openChat();
    await chat.untilText(chat.prompt, 'The host dies here');
    expect(await chat.ask('Do you know me after the crash?')).toContain('After the tool.');
    expect(existsSync(file)).toBe(false);
    const prompts = stage.model.requests.findLast(({ turn }) => turn !== undefined)?.turn?.prompts ?? [];
    expect(prompts).toContain('The host dies here');
  });
});

it('nothing was thrown into the void', async () => {
  expect(await hostProblems(stage.editor)).toEqual([]);
});
