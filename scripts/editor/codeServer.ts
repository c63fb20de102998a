import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { EditorProgram } from '../tools/editor.js';
import { ToolError } from '../tools/toolError.js';
import type { ProcessInfo } from './processes.js';
import { descendantsOf, listProcesses, processesMarked, signal, untilNone } from './processes.js';
import { searchPath } from './searchPath.js';

/** Every process of a code-server run carries this variable with the run's own value. */
const markerVariable = 'ARBOR_EDITOR_RUN';

/** Where a code-server keeps its things and what it allows. */
export interface CodeServerOptions {
  readonly program: EditorProgram;
  /** Holds everything of this run: `home`, `data` (user data) and `extensions`. Made when missing. */
  readonly root: string;
  /** Port on loopback; 0 picks a free one. */
  readonly port: number;
  /** Whether every folder is trusted without asking. */
  readonly trusted: boolean;
  /** Seconds that an extension host waits for a window that vanished without saying so. */
  readonly graceSeconds: number;
  /** An environment to take over, the user's own; without it the editor has a complete one of its own. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** A code-server that answers. */
export interface CodeServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly pid: number;
  /** The variable, with its value, that the environment of all of its processes has. */
  readonly marker: Readonly<Record<string, string>>;
  /** Settles with its exit code when it ends, wanted or not. */
  readonly exited: Promise<number>;
  /** The last of what it printed. */
  readonly output: () => string;
  /** Every process of it that is alive: itself, its descendants, and what still carries the marker. */
  readonly processes: () => Promise<ProcessInfo[]>;
  /** Ends it with all of its processes. May be called again; a second call waits for the first. */
  readonly stop: () => Promise<void>;
}

/** The folders below {@link CodeServerOptions.root}. */
export function codeServerFolders(root: string): { home: string; data: string; extensions: string } {
  return { home: path.join(root, 'home'), data: path.join(root, 'data'), extensions: path.join(root, 'extensions') };
}

const startTimeoutMs = 30_000;
const graceMs = 3000;
const keptOutput = 256 * 1024;

/**
 * Starts code-server on loopback with a complete environment of its own.
 * @throws ToolError when it does not come up: port taken, or its own last words
 */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  const marker = randomUUID();
  const child = await launch(options, marker);
  const { pid } = child;
  if (pid === undefined) {
    throw new ToolError(`${options.program.node} cannot be started.`);
  }
  // The last resort when we go without `stop`: its group, the extension hosts included.
  const endWithUs = (): void => signal(-pid, 'SIGKILL');
  process.once('exit', endWithUs);
  const output = collect(child);
  const exited = new Promise<number>((resolve) => {
    child.on('exit', (code) => {
      process.off('exit', endWithUs);
      resolve(code ?? 128);
    });
  });
  const processes = async (): Promise<ProcessInfo[]> => {
    const all = await listProcesses();
    const found = new Map<number, ProcessInfo>();
    const own = all.filter((each) => each.pid === pid);
    for (const each of [...own, ...descendantsOf(pid, all), ...(await processesMarked(markerVariable, marker))]) {
      found.set(each.pid, each);
    }
    return [...found.values()];
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= endAll(pid, processes));
  try {
    const url = await untilListening(output, exited, options.port);
    return { url, pid, marker: { [markerVariable]: marker }, exited, output: output.text, processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function launch(options: CodeServerOptions, marker: string): Promise<ChildProcess> {
  const { home, data, extensions } = codeServerFolders(options.root);
  for (const folder of [home, data, extensions]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const args = [
    options.program.entry,
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${String(options.port)}`],
    ...['--config', path.join(options.root, 'config.yaml'), '--user-data-dir', data, '--extensions-dir', extensions],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--disable-proxy'],
    ...['--reconnection-grace-time', String(options.graceSeconds)],
    ...(options.trusted ? ['--disable-workspace-trust'] : []),
  ];
  return spawn(options.program.node, args, {
    cwd: home,
    env: { ...editorEnvironment(home, options), [markerVariable]: marker },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we end it in order.
    detached: true,
  });
}

// code-server and VS Code take orders from these: the port, a password, another editor's socket.
const editorVariables = /^(PORT|PASSWORD|HASHED_PASSWORD|VSCODE_.*|CODE_SERVER_.*|CS_.*|ELECTRON_.*)$/;

/** Without a given environment nothing of the caller's but PATH: no key, no setting, no home. */
function editorEnvironment(home: string, options: CodeServerOptions): NodeJS.ProcessEnv {
  const given = options.environment;
  const base = given
    ? Object.fromEntries(Object.entries(given).filter(([name]) => !editorVariables.test(name)))
    : { HOME: home, LANG: 'C.UTF-8', SHELL: '/bin/sh' };
  const system = searchPath();
  return {
    ...base,
    PATH: given ? system : `${path.dirname(options.program.node)}${path.delimiter}${system}`,
    // An address that nobody listens on instead of the extension gallery on the internet.
    EXTENSIONS_GALLERY: '{"serviceUrl":"http://127.0.0.1:9","itemUrl":"http://127.0.0.1:9"}',
  };
}

interface Output {
  readonly text: () => string;
  readonly onLine: (listener: (line: string) => void) => void;
}

function collect(child: ChildProcess): Output {
  let text = '';
  const listeners: ((line: string) => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text = (text + piece).slice(-keptOutput);
      for (const line of piece.split('\n')) {
        listeners.forEach((listener) => listener(line));
      }
    });
  }
  return { text: () => text, onLine: (listener) => void listeners.push(listener) };
}

function untilListening(output: Output, exited: Promise<number>, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new ToolError(`code-server did not come up within ${String(startTimeoutMs / 1000)} s:\n${output.text()}`));
    }, startTimeoutMs);
    output.onLine(() => {
      const url = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output.text())?.[1];
      if (url) {
        clearTimeout(timer);
        resolve(url);
      }
    });
    exited
      .then((code) => {
        clearTimeout(timer);
        const taken = output.text().includes('EADDRINUSE');
        const why = taken
          ? `Port ${String(port)} is taken by another program. Choose another one with --port.`
          : `code-server ended with exit code ${String(code)}:\n${output.text()}`;
        reject(new ToolError(why));
      })
      .catch(reject);
  });
}

/** Asks it to end, then ends what is left, and what appears meanwhile. */
async function endAll(pid: number, processes: () => Promise<ProcessInfo[]>): Promise<void> {
  signal(pid, 'SIGTERM');
  for (const left of await untilNone(processes, graceMs)) {
    signal(left.pid, 'SIGTERM');
  }
  for (let round = 0; round < 5; round++) {
    const left = await untilNone(processes, 500);
    if (left.length === 0) {
      return;
    }
    left.forEach((each) => signal(each.pid, 'SIGKILL'));
  }
  const left = await processes();
  throw new ToolError(
    `Processes that could not be ended: ${left.map((each) => `${each.pid} ${each.command}`).join('; ')}`,
  );
}
