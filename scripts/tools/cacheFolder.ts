import { rmSync } from 'node:fs';
import { mkdtemp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { withLock } from './lock.js';
import type { Progress } from './progress.js';
import { errorCode, errorText, ToolError } from './toolError.js';

/**
 * The folder that keeps downloaded programs for every clone of this project.
 * @param env where to look: `ARBOR_TOOLS_DIR`, else `XDG_CACHE_HOME/arbor-dev`, else `~/.cache/arbor-dev`
 * @returns an absolute path; the folder may not exist yet
 */
export function toolsFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['ARBOR_TOOLS_DIR'];
  if (own) {
    return path.resolve(own);
  }
  return path.join(path.resolve(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache')), 'arbor-dev');
}

/** `linux-x64`, `darwin-arm64`, `win32-x64`, …: how npm and VS Code both name this machine. */
export function thisPlatform(): string {
  return `${process.platform}-${process.arch}`;
}

/** Whether anything exists at a path. An unreadable parent is an error. */
export async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') {
      return false;
    }
    throw error;
  }
}

/** What one folder of the cache holds and how it comes to be. */
export interface CacheEntry {
  /** Folder name; carries version, platform and the recipe's revision, because a folder that exists is never changed. */
  readonly name: string;
  /** Heading for the progress, e.g. `Installing Node 24.21.0`. */
  readonly title: string;
  /** Fills an empty folder. When it throws, nothing is kept. */
  readonly build: (folder: string) => Promise<void>;
}

const leftoverMs = 24 * 60 * 60 * 1000;

/**
 * The folder of an entry, built first when it is missing. It appears whole or not at all: built beside, then renamed.
 * Two processes at once are safe: one builds, the other waits for it.
 * @returns the folder's absolute path
 * @throws ToolError when the folder cannot be written or the build fails
 */
export async function cached(entry: CacheEntry, progress: Progress, root: string = toolsFolder()): Promise<string> {
  const target = path.join(root, entry.name);
  if (await exists(target)) {
    return target;
  }
  await makeRoot(root);
  const waiting = (): void => {
    progress.note(`Another run is at work on "${entry.title}"; waiting for it.`);
  };
  await withLock(path.join(root, `${entry.name}.lock`), waiting, async () => {
    if (!(await exists(target))) {
      await progress.step(entry.title, () => build(entry, root, target));
    }
  });
  return target;
}

async function makeRoot(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    throw new ToolError(
      `The folder for downloaded programs cannot be made: ${errorText(error)}.\nSet ARBOR_TOOLS_DIR to a folder that can be written.`,
    );
  }
}

async function build(entry: CacheEntry, root: string, target: string): Promise<void> {
  await sweep(root);
  const temporary = await mkdtemp(path.join(root, 'tmp-'));
  const removeAtExit = (): void => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    await entry.build(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Someone whose lock we could not see (another machine on a shared folder) was faster: theirs is as good.
    if (!(await exists(target))) {
      throw error;
    }
  } finally {
    process.off('exit', removeAtExit);
  }
}

/** Removes what a killed build left behind a day ago or more. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const folder = path.join(root, name);
    if (name.startsWith('tmp-') && Date.now() - (await stat(folder)).mtimeMs > leftoverMs) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
