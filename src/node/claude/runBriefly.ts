import { spawn } from 'node:child_process';
import { ByteTail } from './byteTail.js';
import type { ProgramCommand } from './program.js';
import { ProcessTree } from './processTree.js';

/** How a short run ended. */
export interface BriefRun {
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether it was ended because its time was up. */
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const keptBytes = 64 * 1024;

/**
 * Runs a program that should end by itself, without input. When its time is up it is killed with everything it started, and
 * nobody waits for what still holds its output open.
 * @param command what to run
 * @param args its arguments
 * @param environment the complete environment
 * @param limit how long it may take, in milliseconds
 * @throws Error of the system when it cannot be started
 */
export function runBriefly(
  command: ProgramCommand,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  limit: number,
): Promise<BriefRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args, ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      shell: false,
    });
    const stdout = new ByteTail(keptBytes);
    const stderr = new ByteTail(keptBytes);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      const close = (): void => {
        child.stdout.destroy();
        child.stderr.destroy();
      };
      new ProcessTree({ pid: child.pid ?? 0, platform: process.platform }).signal('SIGKILL').then(close, reject);
    }, limit);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, timedOut, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}
