import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { chromiumProgram } from '../../../scripts/tools/chromium.js';
import { lineProgress } from '../../../scripts/tools/progress.js';

// Chromium with windows opens pages of its own with every context, for its address bar; they cost more than a small page of
// ours. A switch that is given twice counts once, so Playwright's own list is repeated here.
const withoutFeatures = [
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'LensOverlay'],
  ...['HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning'],
  ...['AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled'],
  ...['PreconnectToSearch', 'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'],
];

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${withoutFeatures.join(',')}`,
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
