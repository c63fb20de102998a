import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { chromiumProgram } from '../../../scripts/tools/chromium.js';
import { lineProgress } from '../../../scripts/tools/progress.js';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts a headless Chromium; close it with its `close()`.
 * @param extraFlags more of Chromium's command line, e.g. for a benchmark
 * @throws ToolError when there is no Chromium and none can be installed
 */
export async function launchBrowser(extraFlags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: await chromiumProgram(lineProgress()),
    args: [...flags, ...extraFlags],
  });
}
