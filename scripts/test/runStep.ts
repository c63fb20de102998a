import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../build/projectRoot.js';
import { errorText } from '../tools/toolError.js';
import { countTests } from './countTests.js';
import type { Step } from './steps.js';

/** How a step went. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What it printed, when it was not shown at once. */
  readonly output: string;
  readonly seconds: number;
}

/**
 * Runs a step to its end.
 * @param live show its output at once, or keep it for {@link Outcome.output}
 * @param filters for a suite: run only the test files whose path holds one of these
 */
export async function runStep(step: Step, live: boolean, filters: readonly string[]): Promise<Outcome> {
  const start = Date.now();
  const report = path.join(projectRoot, 'out/test', `${step.name}.json`);
  await mkdir(path.dirname(report), { recursive: true });
  await rm(report, { force: true });
  const extra =
    step.kind === 'suite' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters] : [];
  const { code, output } = await spawnNode([...step.command, ...extra], live);
  const seconds = (Date.now() - start) / 1000;
  if (step.kind === 'check') {
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output, seconds };
  }
  const counts = await readCounts(report);
  // Whatever the report says: a suite that ran nothing, or that ended badly without a failed test, has failed.
  const nothing = counts.passed + counts.failed === 0;
  const failed = counts.failed === 0 && (nothing || code !== 0) ? 1 : counts.failed;
  return { passed: counts.passed, failed, output, seconds };
}

async function readCounts(report: string): Promise<{ passed: number; failed: number }> {
  try {
    return countTests(JSON.parse(await readFile(report, 'utf8')));
  } catch (error) {
    process.stderr.write(`The suite left no report: ${errorText(error)}\n`);
    return { passed: 0, failed: 0 };
  }
}

/** The tests' programs get environments of their own; this keeps a mistake from reaching the user's account. */
function testEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(ANTHROPIC_|CLAUDE)/.test(name));
  return { ...Object.fromEntries(entries), ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) };
}

function spawnNode(args: readonly string[], live: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: projectRoot,
      env: testEnvironment(),
      stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    const endWithUs = (): void => void child.kill('SIGTERM');
    process.once('exit', endWithUs);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        output += piece;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', endWithUs);
      resolve({ code: code ?? 128, output });
    });
  });
}
