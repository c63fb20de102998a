import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { ArborError } from '../../base/errors.js';

/** Where ripgrep is looked for. */
export interface RipgrepPlaces {
  /** The editor's own folder (`vscode.env.appRoot`). */
  readonly appRoot: string;
  readonly platform: NodeJS.Platform;
  /** The processor, as Node names it. */
  readonly arch: string;
  /** The variable PATH; empty when there is none. */
  readonly searchPath: string;
}

/**
 * Where editors keep ripgrep below their folder: `@vscode/ripgrep` up to 1.17 with the program in itself and later with
 * a package per platform, `@vscode/ripgrep-universal` with all platforms (VS Code 1.139), `vscode-ripgrep` before 2021;
 * each beside an archive of the modules or not.
 */
function editorPlaces({ appRoot, platform, arch }: RipgrepPlaces): readonly string[] {
  const name = platform === 'win32' ? 'rg.exe' : 'rg';
  const machine = `${platform}-${arch}`;
  return ['node_modules', 'node_modules.asar.unpacked'].flatMap((modules) => [
    join(appRoot, modules, '@vscode', 'ripgrep', 'bin', name),
    join(appRoot, modules, '@vscode', 'ripgrep-universal', 'bin', machine, name),
    join(appRoot, modules, '@vscode', `ripgrep-${machine}`, 'bin', name),
    join(appRoot, modules, 'vscode-ripgrep', 'bin', name),
  ]);
}

/** On PATH; folders that are no absolute paths are left out, since they would be the workspace's. */
function pathPlaces({ platform, searchPath }: RipgrepPlaces): readonly string[] {
  return searchPath
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, platform === 'win32' ? 'rg.exe' : 'rg'));
}

/**
 * Finds ripgrep: the editor's own, else one on PATH.
 * @returns its absolute path
 * @throws ArborError `ripgrepNotFound`
 */
export async function locateRipgrep(places: RipgrepPlaces): Promise<string> {
  for (const path of [...editorPlaces(places), ...pathPlaces(places)]) {
    if (await isProgram(path)) return path;
  }
  throw new ArborError({
    code: 'ripgrepNotFound',
    what: 'The sessions cannot be searched: ripgrep, which this editor should come with, was not found.',
    next: 'Install ripgrep (the program “rg”) so that it is on the PATH, then start the editor again.',
    actions: ['showLog'],
  });
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not to be run: the next place is tried, and when there is none the user is told.
    return false;
  }
}
