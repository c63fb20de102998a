import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import type { ProcessInfo } from '../../scripts/editor/processes.js';
import { descendantsOf, listProcesses, processesMarked, untilNone } from '../../scripts/editor/processes.js';
import { launchBrowser } from '../support/editor/browser.js';
import { chatFrameSelector } from '../support/editor/workbench.js';

// Carried by everything below the `npm start` of a test, also by what has lost its parent.
const markerVariable = 'ARBOR_START_TEST';

// The developer's own demo is left alone.
let state = '';

beforeAll(async () => {
  state = await mkdtemp(path.join(tmpdir(), 'arbor-state-'));
});

afterAll(() => rm(state, { recursive: true, force: true }));

/** An `npm start` in a process group of its own, as a terminal makes one. */
interface Started {
  readonly pid: number;
  readonly marker: string;
  /** What it has printed. */
  text(): string;
  /** Waits until it has printed something that fits. */
  until(pattern: RegExp): Promise<string>;
  readonly exit: Promise<number | null>;
}

function start(marker: string, ...args: readonly string[]): Started {
  const child = spawn('npm', ['start', '--', '--no-open', ...args], {
    cwd: projectRoot,
    env: { ...process.env, [markerVariable]: marker, ARBOR_STATE_DIR: state },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('npm cannot be started');
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      waiting.forEach((each) => each());
    });
  }
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  onTestFinished(async () => {
    for (const left of await everything(marker, pid)) process.kill(left.pid, 'SIGKILL');
  });
  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text)?.[0];
        if (found !== undefined) {
          waiting.delete(look);
          resolve(found);
        }
      };
      waiting.add(look);
      look();
      exit.then(() => reject(new Error(`npm start ended without ${String(pattern)}:\n${text}`)), reject);
    });
  return { pid, marker, text: () => text, until, exit };
}

async function everything(marker: string, pid: number): Promise<ProcessInfo[]> {
  return [...descendantsOf(pid, await listProcesses()), ...(await processesMarked(markerVariable, marker))];
}

it('npm start shows the demo chat in a real editor, and Ctrl-C leaves no process', async () => {
  const started = start('ctrl-c', '--fresh');
  const url = (await started.until(/http:\/\/127\.0\.0\.1:\d+\/\?folder=\S+/)).trim();
  expect(started.text()).toMatch(/editor +code-server/);
  expect(started.text()).toMatch(/program +claude 2\.1\.\d+ from npm/);
  expect(started.text()).toMatch(/the demo model at http:\/\/127\.0\.0\.1:\d+: no account, no network/);

  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  await page
    .locator('.part.activitybar')
    .getByRole('tab', { name: /^Arbor/ })
    .click({ timeout: 60_000 });
  const chat = page.frameLocator(chatFrameSelector).frameLocator('#active-frame');
  await chat.getByRole('textbox', { name: 'Message' }).fill('hello');
  await chat.getByRole('button', { name: 'Send' }).click();
  await chat
    .getByRole('article', { name: /Claude/ })
    .first()
    .waitFor();
  await chat
    .getByText(/demo model/i)
    .first()
    .waitFor();

  const below = (await everything(started.marker, started.pid)).map((each) => each.command).join('\n');
  expect(below).toContain('--type=extensionHost');
  expect(below).toContain('--input-format');
  expect(below).toContain('test/support/model/main.ts');
  process.kill(-started.pid, 'SIGINT');
  await started.exit;
  const left = await untilNone(() => everything(started.marker, started.pid), 5000);
  expect(left.map((each) => each.command)).toEqual([]);
});

it('a second npm start prints its address within five seconds', async () => {
  const begin = performance.now();
  const started = start('second');
  await started.until(/Arbor is ready: http/);
  expect(performance.now() - begin).toBeLessThan(5000);
  process.kill(-started.pid, 'SIGTERM');
  await started.exit;
  expect(await untilNone(() => everything(started.marker, started.pid), 5000)).toEqual([]);
});

it('npm start leaves nothing when npm itself is killed', async () => {
  const started = start('killed');
  await started.until(/Arbor is ready: http/);
  process.kill(started.pid, 'SIGKILL');
  expect(await untilNone(() => processesMarked(markerVariable, started.marker), 8000)).toEqual([]);
});

it('npm start says in one line what is wrong with its arguments', async () => {
  const noFolder = start('no-folder', '--folder', '/nowhere/at all');
  expect(await noFolder.until(/--folder: .*$/m)).toMatch('/nowhere/at all cannot be opened');
  expect(await noFolder.exit).not.toBe(0);

  const unknown = start('unknown', '--speed', 'high');
  expect(await unknown.until(/Unknown option.*/)).toContain("'--speed'");
  expect(await unknown.exit).not.toBe(0);

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address ? String(address.port) : '';
  const busy = start('busy', '--port', port);
  expect(await busy.until(/Port \d+ is taken.*/)).toContain(`Port ${port}`);
  expect(await busy.exit).not.toBe(0);
  expect(await untilNone(() => processesMarked(markerVariable, 'busy'), 5000)).toEqual([]);
});

it('npm start says so when there is no network to install from', async () => {
  const tools = await mkdtemp(path.join(tmpdir(), 'arbor-tools-'));
  onTestFinished(() => rm(tools, { recursive: true, force: true }));
  const child = spawn(process.execPath, ['scripts/bootstrap.mjs', 'start', '--no-open'], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], HOME: tools, ARBOR_TOOLS_DIR: tools, npm_config_registry: 'http://127.0.0.1:9/' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(1);
  expect(text).toContain('The npm registry cannot be reached. Check the network');
});
