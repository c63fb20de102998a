import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectFolderName } from '../../src/node/transcripts/locate.js';
import { prompts } from './modelScript.js';
import { RawProgram } from './rawProgram.js';
import type { BenchStage } from './stage.js';

/** A configuration folder of the program with thousands of sessions of one workspace folder. */
export interface ManySessions {
  readonly root: string;
  readonly configFolder: string;
  readonly workspace: string;
  /** All bytes of the transcripts. */
  readonly bytes: number;
  remove(): Promise<void>;
}

const turns = 5;

/**
 * Makes them of one that the real program makes, each with an id and a first prompt of its own.
 * @param count how many
 */
export async function makeSessions(stage: BenchStage, count: number): Promise<ManySessions> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'arbor-bench-sessions-')));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true, maxRetries: 5 });
  try {
    const [configFolder, workspace] = [path.join(root, 'config'), path.join(root, 'work')];
    const project = path.join(configFolder, 'projects', projectFolderName(workspace));
    await mkdir(project, { recursive: true });
    await mkdir(workspace);
    const { sessionId, text } = await record(stage, workspace);
    let bytes = 0;
    for (let number = 0; number < count; number++) {
      const id = randomUUID();
      const own = text.replaceAll(sessionId, id).replaceAll(prompts.page, `Prompt ${number}`);
      bytes += own.length;
      await writeFile(path.join(project, `${id}.jsonl`), own, 'latin1');
    }
    // The disk takes seconds for them, and does so now rather than while something is measured.
    if (process.platform !== 'win32') await promisify(execFile)('sync');
    return { root, configFolder, workspace, bytes, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A session's transcript, one character a byte, as if it had run in that folder. */
async function record(
  { program, environment }: BenchStage,
  workspace: string,
): Promise<{ readonly sessionId: string; readonly text: string }> {
  const raw = await RawProgram.start(program, environment);
  try {
    for (let turn = 0; turn < turns; turn++) await raw.turn(prompts.page);
  } finally {
    await raw.stop();
  }
  const projects = path.join(environment.configDir, 'projects');
  const name = (await readdir(projects, { recursive: true })).find((each) => each.endsWith(`${raw.sessionId}.jsonl`));
  if (name === undefined) throw new Error('The program left no transcript');
  const text = (await readFile(path.join(projects, name), 'latin1')).replaceAll(environment.workspace, workspace);
  // Without the largest of its lines for itself the file has the size that sessions have on average.
  const lines = text.split('\n').filter((line) => !line.startsWith('{"type":"api-request-shape"'));
  return { sessionId: raw.sessionId, text: lines.join('\n') };
}
