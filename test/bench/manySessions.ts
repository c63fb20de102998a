import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Progress } from '../../scripts/tools/progress.js';
import { isObject, parseJson, stringAt } from '../../src/base/json.js';
import { projectFolderName } from '../../src/node/transcripts/locate.js';
import { needRoom } from './diskRoom.js';
import { prompts } from './modelScript.js';
import { RawProgram } from './rawProgram.js';
import type { BenchStage } from './stage.js';

/** How many sessions there are; with 130 KB each they are 650 MB. */
export const sessionCount = 5000;

/** What can be searched for in them. */
export const sought = {
  /** In one message of each {@link rareEvery}th session. */
  rare: 'a needle in the haystack',
  /** In every session. */
  common: 'a bit of everything',
  /** In every line, but hardly in a message: part of the name of the folder that each line holds. */
  meta: 'arbor-bench-sessions',
} as const;

/** Every so many sessions there is one that holds the rare text. */
export const rareEvery = 100;

/** A configuration folder of the program with thousands of sessions of one workspace folder. */
export interface ManySessions {
  readonly root: string;
  readonly configFolder: string;
  readonly workspace: string;
  /** The folder that the transcripts are in. */
  readonly project: string;
  /** All bytes of the transcripts. */
  readonly bytes: number;
  remove(): Promise<void>;
}

const sessionBytes = 130_000;
const pageTurns = 6;
/** Every so many sessions there is one that the program copied from the one before: their first messages are one. */
const copyEvery = 50;
/** Times do not come from the clock, so that they are the same each time. */
const newestAt = Date.UTC(2026, 0, 1);
const apartMs = 10 * 60_000;
const writtenAtOnce = 8;
const noteEvery = 1000;

/**
 * Makes them of one that the real program makes, each with an id, a first message and a first prompt of its own. Ids come
 * from numbers, so that they are the same each time.
 * @throws ToolError when the disk has no room for them
 */
export async function makeSessions(stage: BenchStage, progress: Progress): Promise<ManySessions> {
  await needRoom(tmpdir(), sessionCount * sessionBytes);
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'arbor-bench-sessions-')));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true, maxRetries: 5 });
  try {
    const [configFolder, workspace] = [path.join(root, 'config'), path.join(root, 'work')];
    const project = path.join(configFolder, 'projects', projectFolderName(workspace));
    await mkdir(project, { recursive: true });
    await mkdir(workspace);
    const model = await record(stage, workspace);
    let bytes = 0;
    for (let from = 0; from < sessionCount; from += writtenAtOnce) {
      if (from % noteEvery === 0) progress.note(`  writing transcripts: ${from} of ${sessionCount}`);
      const some = Array.from({ length: Math.min(writtenAtOnce, sessionCount - from) }, (_, index) => from + index);
      await Promise.all(
        some.map(async (number) => {
          const text = copyOf(model, number);
          bytes += text.length;
          await writeFile(path.join(project, `${uuidOf('session', number)}.jsonl`), text, 'latin1');
        }),
      );
    }
    // The disk takes seconds for them, and does so now rather than while something is measured.
    if (process.platform !== 'win32') await promisify(execFile)('sync');
    return { root, configFolder, workspace, project, bytes, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The id of one of the sessions. @param number from 0 on */
export function sessionIdAt(number: number): string {
  return uuidOf('session', number);
}

/** A session's transcript, one character a byte. */
interface Model {
  readonly sessionId: string;
  /** The uuid of its first message. */
  readonly first: string;
  readonly text: string;
}

/** When one of the sessions was last active, in milliseconds since 1970: each some minutes before the one before. */
export function activeAt(number: number): number {
  return newestAt - number * apartMs;
}

function copyOf({ sessionId, first, text }: Model, number: number): string {
  const origin = number % copyEvery === 1 ? number - 1 : number;
  const rare = number % rareEvery === 0 ? ` ${sought.rare}` : '';
  const said = `"role":"user","content":"Session ${String(number)}: ${sought.common}${rare}`;
  // To the minute, so that the lines of a session keep their order.
  const minute = new Date(activeAt(number)).toISOString().slice(0, 16);
  return text
    .replaceAll(/"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d/gu, `"timestamp":"${minute}`)
    .replaceAll(sessionId, uuidOf('session', number))
    .replaceAll(first, uuidOf('first', origin))
    .replace(`"role":"user","content":"${prompts.mixed}`, said);
}

function uuidOf(what: string, number: number): string {
  const hex = createHash('sha256')
    .update(`${what} ${String(number)}`)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Has a conversation with the real program, and takes it as if it had run in that folder. */
async function record({ program, environment }: BenchStage, workspace: string): Promise<Model> {
  const raw = await RawProgram.start(program, environment);
  try {
    await raw.turn(prompts.mixed);
    for (let turn = 0; turn < pageTurns; turn++) await raw.turn(prompts.page);
  } finally {
    await raw.stop();
  }
  const projects = path.join(environment.configDir, 'projects');
  const name = (await readdir(projects, { recursive: true })).find((each) => each.endsWith(`${raw.sessionId}.jsonl`));
  if (name === undefined) throw new Error('The program left no transcript');
  const all = (await readFile(path.join(projects, name), 'latin1')).replaceAll(environment.workspace, workspace);
  const lines = withinSize(all.trimEnd().split('\n'));
  const { sessionId } = raw;
  return { sessionId, first: firstMessage(lines), text: `${lines.join('\n')}\n` };
}

/**
 * Leaves out records of the program's own until the file has the size that sessions have on average: the smallest that is
 * enough by itself, else the largest. What was said stays.
 */
function withinSize(all: readonly string[]): readonly string[] {
  const isSaid = (line: string): boolean =>
    line.startsWith('{"parentUuid"') && /"type":"(?:user|assistant)"/u.test(line);
  let lines = all;
  for (;;) {
    const excess = lines.reduce((sum, line) => sum + line.length + 1, 0) - sessionBytes;
    const records = lines.filter((line) => !isSaid(line)).sort((a, b) => a.length - b.length);
    const left = records.find((line) => line.length >= excess) ?? records.at(-1);
    if (excess <= 0 || left === undefined) return lines;
    lines = lines.filter((line) => line !== left);
  }
}

function firstMessage(lines: readonly string[]): string {
  for (const line of lines) {
    const value = parseJson(line);
    if (!isObject(value) || value['type'] !== 'user') continue;
    const uuid = stringAt(value, 'uuid');
    if (uuid !== undefined) return uuid;
  }
  throw new Error('The transcript has no message');
}
