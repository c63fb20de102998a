import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import { isAlive, processesMarked, signal } from '../../scripts/editor/processes.js';
import { errorCode } from '../../scripts/tools/toolError.js';
import type { ClientOptions } from './clientProgram.js';

/** What was left of a host's programs after it was killed. */
export interface Remains {
  /** Milliseconds until the program was gone; {@link lastLook} when it outlived that. */
  readonly goneAfter: number;
  /** Processes that the program had started or was, one second after. */
  readonly afterOne: number;
  /** The same after five seconds. */
  readonly afterFive: number;
}

const lastLook = 5000;
const pollMs = 20;
const markName = 'ARBOR_BENCH_HOST';

/**
 * Starts a host in which a program answers, kills it with SIGKILL in the middle of the answer, and looks what is left.
 * @throws Error when the host does not come that far
 */
export async function killHost(options: ClientOptions): Promise<Remains> {
  const mark = randomUUID();
  const { home, temporary, workspace, env } = options.environment;
  const environment = { home, temporary, workspace, env: { ...env, [markName]: mark } };
  const task = JSON.stringify({ ...options, environment });
  const host = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'killedHost.ts'), task], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(host, 'exit').then(() => '');
  const first = new Promise<string>((resolve) => createInterface({ input: host.stdout }).once('line', resolve));
  const program = Number(await Promise.race([first, ended]));
  if (!(program > 0)) throw new Error('The host did not start its program');
  host.kill('SIGKILL');
  const killed = performance.now();
  const gone = untilGone(program, killed);
  const left = async (at: number): Promise<number> => {
    await delay(killed + at - performance.now());
    return countLeft(program, mark);
  };
  const [goneAfter, afterOne, afterFive] = await Promise.all([gone, left(1000), left(lastLook)]);
  for (const { pid } of await processesMarked(markName, mark)) signal(pid, 'SIGKILL');
  signal(program, 'SIGKILL');
  return { goneAfter, afterOne, afterFive };
}

async function untilGone(program: number, since: number): Promise<number> {
  while ((await isRunning(program)) && performance.now() - since < lastLook) await delay(pollMs);
  return performance.now() - since;
}

/** Whether it lives. One that has ended and that its new parent has not taken notice of yet does not. */
async function isRunning(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return isAlive(pid);
  try {
    return !/\) Z /u.test(await readFile(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Everything that carries the mark; where the system does not show it, the program alone. */
async function countLeft(program: number, mark: string): Promise<number> {
  if (process.platform !== 'linux') return isAlive(program) ? 1 : 0;
  return (await processesMarked(markName, mark)).length;
}
