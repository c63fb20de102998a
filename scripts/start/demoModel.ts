import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { projectRoot } from '../build/projectRoot.js';
import { ToolError } from '../tools/toolError.js';

/** The scripted model as a process of its own. */
export interface DemoModel {
  /** What `ANTHROPIC_BASE_URL` is set to. */
  readonly url: string;
  /** Settles when it ends, wanted or not. */
  readonly exited: Promise<void>;
  /** Ends it; resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the scripted model on a free port of loopback. It ends by itself when we do: it watches its standard input.
 * @param script path of a JSON file with a script; without it, it is the demo model
 * @throws ToolError when it does not say where it listens
 */
export async function startDemoModel(script?: string): Promise<DemoModel> {
  const scripted = script === undefined ? [] : ['--script', script];
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/model/main.ts', ...scripted], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] },
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C in the terminal is for us alone; we end it in order.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.on('exit', () => {
      resolve();
    });
    child.on('error', () => {
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    child.kill('SIGTERM');
    await exited;
  };
  const first = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
    exited.then(() => ''),
  ]);
  const url = /"url":"(http:\/\/127\.0\.0\.1:\d+)"/.exec(first)?.[1];
  if (url === undefined) {
    await stop();
    throw new ToolError(`The demo model did not start: ${first}`);
  }
  return { url, exited, stop };
}
