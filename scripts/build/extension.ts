import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { thisPlatform } from '../tools/cacheFolder.js';
import { withLock } from '../tools/lock.js';
import type { Progress } from '../tools/progress.js';
import { buildHost } from './host.js';
import { packageFile, packExtension } from './pack.js';
import { projectRoot } from './projectRoot.js';
import { buildWebview } from './webview.js';

/**
 * The extension's package for a platform, built and packed as far as something changed since the last time.
 * @returns the path of the `.vsix`
 */
export async function extensionPackage(progress: Progress, target: string = thisPlatform()): Promise<string> {
  const mode = { dev: false, watch: false };
  const waiting = (): void => {
    progress.note('Another run is building this clone; waiting for it.');
  };
  const build = async (): Promise<void> => {
    if (await buildHost(mode)) {
      await rm(path.join(projectRoot, 'dist/extension.cjs.map'), { force: true });
    }
    await buildWebview(mode);
    if (!(await packExtension(target))) {
      progress.note('  nothing changed');
    }
  };
  await mkdir(path.join(projectRoot, 'out'), { recursive: true });
  await withLock(path.join(projectRoot, 'out/build.lock'), waiting, () =>
    progress.step('Building and packing the extension', build),
  );
  return packageFile(target);
}
