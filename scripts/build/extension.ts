import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { thisPlatform } from '../tools/cacheFolder.js';
import { withLock } from '../tools/lock.js';
import type { Progress } from '../tools/progress.js';
import { buildHost, hostBundles } from './host.js';
import { packageFile, packExtension } from './pack.js';
import { projectRoot } from './projectRoot.js';
import { buildWebview } from './webview.js';

const mode = { dev: false, watch: false };

/**
 * The extension's package for a platform, built and packed as far as something changed since the last time.
 * @returns the path of the `.vsix`
 */
export async function extensionPackage(progress: Progress, target: string = thisPlatform()): Promise<string> {
  await alone(progress, 'Building and packing the extension', async () => {
    if (await buildHost(mode)) {
      for (const file of hostBundles) await rm(path.join(projectRoot, `${file}.map`), { force: true });
    }
    await buildWebview(mode);
    if (!(await packExtension(target))) {
      progress.note('  nothing changed');
    }
  });
  return packageFile(target);
}

/**
 * The chat view's front end as it goes into the package, built when something changed since the last time.
 * @returns the folder that it lies in
 */
export async function chatViewBundle(progress: Progress): Promise<string> {
  await alone(progress, 'Building the chat view', async () => {
    if (!(await buildWebview(mode))) {
      progress.note('  nothing changed');
    }
  });
  return path.join(projectRoot, 'dist/webview');
}

/** A step that no other process does in this clone at the same time. */
async function alone(progress: Progress, title: string, work: () => Promise<void>): Promise<void> {
  const waiting = (): void => {
    progress.note('Another run is building this clone; waiting for it.');
  };
  await mkdir(path.join(projectRoot, 'out'), { recursive: true });
  await withLock(path.join(projectRoot, 'out/build.lock'), waiting, () => progress.step(title, work));
}
