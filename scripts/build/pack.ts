import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { exists } from '../tools/cacheFolder.js';
import { run } from '../tools/run.js';
import { ToolError } from '../tools/toolError.js';
import { packageListFile, thirdPartyNotices } from './notices.js';
import { projectRoot } from './projectRoot.js';
import { unlessUnchanged } from './stamp.js';

/** Where the extension's package for a platform lies, e.g. `out/arbor-linux-x64.vsix`. */
export function packageFile(target: string): string {
  return path.join(projectRoot, `out/arbor-${target}.vsix`);
}

// What goes into the package besides the manifest; `.vscodeignore` has the last word on single files.
const shipped = ['dist', 'media', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore'];

/**
 * Packages what `dist` holds, which must be built and without source maps, for one platform.
 * @param target one of `vsce`'s targets that node-pty has a build for, e.g. `linux-x64`
 * @returns whether there was anything to do
 * @throws ToolError for a target that cannot be packaged
 */
export async function packExtension(target: string): Promise<boolean> {
  const pty = path.dirname(createRequire(import.meta.url).resolve('node-pty/package.json'));
  await checkTarget(target, pty);
  const step = {
    name: `package-${target}`,
    inputs: [
      ...shipped,
      ...['package.json', 'package-lock.json', 'scripts/build/pack.ts', 'scripts/build/notices.ts'],
      ...[packageListFile('host'), packageListFile('webview')],
    ],
    extra: target,
    outputs: [`out/arbor-${target}.vsix`],
  };
  return unlessUnchanged(step, async () => {
    const stage = path.join(projectRoot, 'out/stage', target);
    await rm(stage, { recursive: true, force: true });
    await mkdir(stage, { recursive: true });
    for (const name of shipped) {
      if (await exists(path.join(projectRoot, name))) {
        await cp(path.join(projectRoot, name), path.join(stage, name), { recursive: true });
      }
    }
    await writeManifest(stage);
    await writeFile(path.join(stage, 'dist/THIRD-PARTY-NOTICES.txt'), await thirdPartyNotices());
    await copyNodePty(pty, path.join(stage, 'dist/node_modules/node-pty'), target);
    await createPackage(stage, target);
  });
}

async function checkTarget(target: string, pty: string): Promise<void> {
  const known = await readdir(path.join(pty, 'prebuilds'));
  if (!known.includes(target)) {
    throw new ToolError(`There is no package for "${target}": node-pty has builds for ${known.join(', ')}.`);
  }
}

/** The project's manifest without what only its developers need. */
async function writeManifest(stage: string): Promise<void> {
  const manifest: unknown = JSON.parse(await readFile(path.join(projectRoot, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null) {
    throw new ToolError('package.json is not an object.');
  }
  const own = new Set(['scripts', 'devDependencies', 'dependencies', 'allowScripts', 'private', 'overrides']);
  const kept = Object.fromEntries(Object.entries(manifest).filter(([key]) => !own.has(key)));
  await writeFile(path.join(stage, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`);
}

/** `require('node-pty')` in `dist/extension.cjs` finds it beside itself: its JavaScript and one platform's binaries. */
async function copyNodePty(pty: string, folder: string, target: string): Promise<void> {
  const wanted = (file: string): boolean => !/\.(map|pdb|d\.ts)$|\.test\.js$/.test(file);
  for (const name of ['package.json', 'LICENSE', 'lib', `prebuilds/${target}`]) {
    await cp(path.join(pty, name), path.join(folder, name), { recursive: true, filter: wanted });
  }
}

async function createPackage(stage: string, target: string): Promise<void> {
  const vsce = path.join(projectRoot, 'node_modules/@vscode/vsce/vsce');
  const args = [vsce, 'package', '--target', target, '--no-dependencies', '--out', packageFile(target)];
  // Without a terminal vsce asks nobody for a newer vsce.
  const result = await run(process.execPath, args, { cwd: stage, env: process.env });
  if (result.code !== 0) {
    throw new ToolError(`vsce could not make the package:\n${result.output}`);
  }
}
