import { spawn } from 'node:child_process';
import { ToolError } from './toolError.js';

/** How {@link run} starts a program. */
export interface RunOptions {
  /** Working folder. */
  readonly cwd: string;
  /** The complete environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** What a program that came to an end left. */
export interface RunResult {
  /** Exit code; 128 when a signal ended it. */
  readonly code: number;
  /** Standard output and standard error as they came, the last megabyte. */
  readonly output: string;
}

const keptOutput = 1024 * 1024;

/**
 * Runs a program to its end and keeps what it printed.
 * @throws ToolError when it cannot be started
 */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Whoever ends us in the middle must not leave it behind.
    const endWithUs = (): void => void child.kill('SIGTERM');
    process.once('exit', endWithUs);
    let output = '';
    const keep = (piece: string): void => {
      output = (output + piece).slice(-keptOutput);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => {
      reject(new ToolError(`${program} cannot be started: ${error.message}`));
    });
    child.on('close', (code) => {
      process.off('exit', endWithUs);
      resolve({ code: code ?? 128, output });
    });
  });
}
