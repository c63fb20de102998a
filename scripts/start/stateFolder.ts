import { createHash } from 'node:crypto';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../build/projectRoot.js';
import { exists, toolsFolder } from '../tools/cacheFolder.js';
import { tryLock } from '../tools/lock.js';

/** The folder that keeps the editor's state from one start to the next. */
export interface StateFolder {
  readonly path: string;
  /** Gives it back to later starts. */
  readonly release: () => Promise<void>;
}

const most = 20;

/**
 * Takes this clone's state folder, outside the clone: a program that works in the sample must not find the clone's own
 * files above it. `ARBOR_STATE_DIR` names another place for it. Starts that run at once get one each.
 * @param kind demo and own sign-in never share anything
 * @param fresh empty it first
 */
export async function takeStateFolder(kind: 'demo' | 'own', fresh: boolean): Promise<StateFolder> {
  const clone = createHash('sha256').update(projectRoot).digest('hex').slice(0, 8);
  const parent = path.join(process.env['ARBOR_STATE_DIR'] ?? path.join(toolsFolder(), 'start'), clone);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (let number = 1; number <= most; number++) {
    const folder = path.join(parent, number === 1 ? kind : `${kind}-${String(number)}`);
    const release = await tryLock(`${folder}.lock`);
    if (release) {
      if (fresh) {
        await rm(folder, { recursive: true, force: true });
      }
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return { path: folder, release };
    }
  }
  throw new Error(`${String(most)} starts of this clone run already.`);
}

/** The sample workspace's copy in a state folder, made when it is missing: edits never reach the clone. */
export async function sampleWorkspace(state: StateFolder): Promise<string> {
  const folder = path.join(state.path, 'sample-workspace');
  if (!(await exists(folder))) {
    await cp(path.join(projectRoot, 'scripts/sample-workspace'), folder, { recursive: true });
  }
  return folder;
}
