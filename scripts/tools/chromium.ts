import path from 'node:path';
import { exists } from './cacheFolder.js';
import type { Progress } from './progress.js';
import { run } from './run.js';
import { ToolError } from './toolError.js';

// Debian's build without windows comes first: the same engine, at half the processor time per page.
const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const macPrograms = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * A Chromium for the end-to-end tests: `CHROMIUM_PATH`, else one on the PATH, else Debian's through apt when we are root. One without
 * windows will do.
 * @throws ToolError that says what to install
 */
export async function chromiumProgram(progress: Progress): Promise<string> {
  const own = process.env['CHROMIUM_PATH'];
  if (own) {
    if (await exists(own)) {
      return own;
    }
    throw new ToolError(`CHROMIUM_PATH names ${own}, which does not exist.`);
  }
  const found = await find();
  if (found) {
    return found;
  }
  if (await exists('/usr/bin/apt-get')) {
    if (process.getuid?.() !== 0) {
      throw new ToolError('The tests need Chromium. Run `sudo apt-get install chromium`, or set CHROMIUM_PATH to one.');
    }
    await progress.step('Installing Chromium with apt-get', installWithApt);
  }
  const installed = await find();
  if (!installed) {
    throw new ToolError('The tests need Chromium or Chrome. Install one, or set CHROMIUM_PATH to its program.');
  }
  return installed;
}

async function find(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  for (const candidate of [...candidates, ...macPrograms]) {
    if (await exists(candidate)) {
      return candidate;
    }
  }
  return undefined;
}

async function installWithApt(): Promise<void> {
  await apt('update');
  // Releases of Debian and Ubuntu that are older, or that have it as a snap, do not know the first.
  const [shell = '', whole = ''] = names;
  const { code } = await run('apt-cache', ['show', shell], { cwd: '/', env: process.env });
  await apt('install', '-y', '--no-install-recommends', code === 0 ? shell : whole);
}

async function apt(...args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = await run('apt-get', args, { cwd: '/', env });
  if (result.code !== 0) {
    const last = result.output.trim().split('\n').slice(-8).join('\n');
    throw new ToolError(
      `apt-get ${args[0] ?? ''} failed:\n${last}\nInstall chromium by hand, or set CHROMIUM_PATH to one.`,
    );
  }
}
