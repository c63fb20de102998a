import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../tools/cacheFolder.js';
import { errorCode } from '../tools/toolError.js';
import { projectRoot } from './projectRoot.js';

/** A step that may be skipped: what it reads and what it makes. Paths are relative to the project; folders count whole. */
export interface Step {
  /** Names the stamp file. */
  readonly name: string;
  /** Files and folders that the result depends on; missing ones count as empty. */
  readonly inputs: readonly string[];
  /** What else the result depends on, e.g. the target platform. */
  readonly extra?: string;
  /** Files that exist when the step has been done. */
  readonly outputs: readonly string[];
}

/**
 * Runs `work` unless its inputs are the same as when it last succeeded and its outputs are there.
 * @returns whether it ran
 */
export async function unlessUnchanged(step: Step, work: () => Promise<void>): Promise<boolean> {
  const file = stampFile(step.name);
  const before = await hashOf(step);
  if ((await readStamp(file)) === before && (await allExist(step.outputs))) {
    return false;
  }
  await work();
  await mkdir(path.dirname(file), { recursive: true });
  // The hash from before the work: an edit made meanwhile leads to another run.
  await writeFile(file, before);
  return true;
}

/** Makes a step run the next time: something else is about to write its outputs. */
export async function forgetStamp(name: string): Promise<void> {
  await rm(stampFile(name), { force: true });
}

function stampFile(name: string): string {
  return path.join(projectRoot, 'out/stamps', name);
}

async function readStamp(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return '';
    }
    throw error;
  }
}

async function allExist(outputs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(outputs.map((each) => exists(path.join(projectRoot, each))));
  return found.every(Boolean);
}

async function hashOf(step: Step): Promise<string> {
  const hash = createHash('sha256').update(step.extra ?? '');
  for (const input of step.inputs) {
    for (const file of await filesUnder(input)) {
      hash.update(`\0${file}\0`).update(await readFile(path.join(projectRoot, file)));
    }
  }
  return hash.digest('hex');
}

async function filesUnder(input: string): Promise<string[]> {
  try {
    const entries = await readdir(path.join(projectRoot, input), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(projectRoot, path.join(entry.parentPath, entry.name)))
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') {
      return [input];
    }
    if (errorCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
