import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from '../build/projectRoot.js';
import { cached } from '../tools/cacheFolder.js';
import type { EditorProgram } from '../tools/editor.js';
import type { Progress } from '../tools/progress.js';
import { run } from '../tools/run.js';
import { ToolError } from '../tools/toolError.js';
import { codeServerFolders } from './codeServer.js';

/**
 * Installs a package into an editor that does not run yet. The editor itself unpacks it, once for each content of the
 * file; after that the result is copied.
 * @param root the editor's root folder, as given to `startCodeServer`
 * @param vsix path of the package
 * @throws ToolError with the editor's words when it refuses the package
 */
export async function installExtension(
  program: EditorProgram,
  root: string,
  vsix: string,
  progress: Progress,
): Promise<void> {
  const hash = createHash('sha256')
    .update(await readFile(vsix))
    .digest('hex')
    .slice(0, 16);
  const installed = await cached(
    {
      name: `${path.basename(program.name)}-${hash}`.replaceAll(' ', '-'),
      title: `Installing ${path.basename(vsix)} into ${program.name}`,
      build: (folder) => install(program, folder, vsix),
    },
    progress,
    path.join(projectRoot, 'out/installed'),
  );
  await forgetOlder(installed);
  await cp(path.join(installed, 'extensions'), codeServerFolders(root).extensions, { recursive: true });
}

const keptInstallations = 3;

/** Every change of the extension makes another folder; the newest few stay. */
async function forgetOlder(installed: string): Promise<void> {
  const parent = path.dirname(installed);
  const folders = (await readdir(parent)).filter((name) => !name.startsWith('tmp-') && !name.endsWith('.lock'));
  const dated = await Promise.all(
    folders.map(async (name) => ({ name, time: (await stat(path.join(parent, name))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.time - a.time).slice(keptInstallations);
  for (const { name } of old.filter((each) => each.name !== path.basename(installed))) {
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

async function install(program: EditorProgram, folder: string, vsix: string): Promise<void> {
  const { home, data, extensions } = codeServerFolders(folder);
  await mkdir(home, { recursive: true });
  const args = [program.entry, '--user-data-dir', data, '--extensions-dir', extensions, '--install-extension', vsix];
  const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: tmpdir() };
  const result = await run(program.node, args, { cwd: home, env });
  if (result.code !== 0 || !/successfully installed/i.test(result.output)) {
    throw new ToolError(`${program.name} did not install ${vsix}:\n${result.output}`);
  }
}
