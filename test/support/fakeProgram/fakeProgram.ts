import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the fake program does wrong. Unless said otherwise it does so in a turn, after the text `Partial text` was printed. */
export type FakeBehaviour =
  /** Answers `Partial text and the rest.` and nothing goes wrong. */
  | 'answer'
  /** `--version` never returns. */
  | 'versionHangs'
  /** `--version` ends with an error. */
  | 'versionFails'
  /** `--version` prints 1.0.3. */
  | 'tooOld'
  /** Never answers `initialize`. */
  | 'hangAtStart'
  /** Ends at once with exit code 127 and a message on stderr. */
  | 'crashAtStart'
  /** Ends with exit code 1 in the middle of a line. */
  | 'dieMidLine'
  /** Ends with exit code 70 and `fatal: something broke` on stderr. */
  | 'crash'
  /** Ends by SIGKILL. */
  | 'killed'
  /** Prints nothing more and does not answer an interrupt; ends with its input or by SIGTERM. */
  | 'hangMidTurn'
  /** The same, but answers an interrupt, and ends neither with its input nor by SIGTERM, SIGHUP or SIGINT. */
  | 'ignoreSigterm'
  /** Ends by SIGTERM only; the turn itself is fine. */
  | 'ignoreEndOfInput'
  /** Writes 32 MB to stderr, then finishes the turn. */
  | 'floodStderr'
  /** Ends with exit code 0 and without a result. */
  | 'exitZero'
  /** Prints lines that are no JSON, no objects, no text, then finishes the turn; the next line has a terminal escape before it. */
  | 'garbage'
  /** Prints garbage without end and reads nothing any more. */
  | 'garbageForEver'
  /** Prints a line of 50 MB, type `huge`, then finishes the turn. */
  | 'hugeLine'
  /** Prints a thousand numbered lines, 100 KB, and ends at once with exit code 0. */
  | 'lastWords'
  /** Starts a process in a session of its own that holds the output open, then finishes the turn. */
  | 'leaveGrandchild'
  /** Starts such a process, then hangs and ignores the end of its input, SIGTERM, SIGHUP and SIGINT. */
  | 'grandchildThenHang'
  /** Starts such a process, then ends with exit code 70. */
  | 'crashWithGrandchild'
  /** Closes its input and goes on living. */
  | 'closeInput'
  /** Closes its output and goes on living. */
  | 'closeOutput'
  /** Writes every byte of the turn by itself, with multi-byte characters in every line. */
  | 'splitBytes'
  /** Asks to run `touch it`, waits, and puts the answer it got into `answered` of the result. */
  | 'permission'
  /** The same with a request that names no tool. */
  | 'malformedPermission'
  /** The same with a request that no client knows. */
  | 'strangeRequest'
  /** Asks and ends. */
  | 'permissionThenDie'
  /** Asks, takes it back at once and finishes the turn. */
  | 'permissionTakenBack';

/** An installed fake program. */
export interface FakeProgram {
  /** For the setting `arbor.claude.path`. */
  readonly path: string;
  /** For the setting `arbor.claude.environment`, or to be merged into the environment that programs are started from. */
  readonly variables: Readonly<Record<string, string>>;
  /** An empty folder, for instance to work in. */
  readonly folder: string;
  /** The numbers of every process that it started, itself included, dead or alive. */
  pids(): readonly number[];
  /** Those of them that are alive. */
  alive(): readonly number[];
  /** Removes its folder. */
  dispose(): void;
}

/**
 * Prepares a fake program with one behaviour. It needs `node` on the PATH of the environment it is started with.
 * @param behaviour what it does
 */
export function createFakeProgram(behaviour: FakeBehaviour): FakeProgram {
  const folder = mkdtempSync(join(tmpdir(), 'arbor-fake-'));
  const pidFile = join(folder, 'pids');
  const script = fileURLToPath(new URL('fakeClaude.mjs', import.meta.url));
  const pids = (): number[] =>
    existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim().split('\n').filter(Boolean).map(Number) : [];
  return {
    path: process.platform === 'win32' ? windowsShim(folder, script) : posixScript(script),
    variables: { FAKE_CLAUDE: behaviour, FAKE_CLAUDE_PIDS: pidFile },
    folder,
    pids,
    alive: () => pids().filter(isAlive),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A checkout without file modes leaves it not executable. */
function posixScript(script: string): string {
  chmodSync(script, 0o755);
  return script;
}

/** What npm would put there. */
function windowsShim(folder: string, script: string): string {
  const copy = join(folder, 'fakeClaude.mjs');
  writeFileSync(copy, `import ${JSON.stringify(new URL(`file:///${script.replaceAll('\\', '/')}`).href)};\n`);
  const shim = join(folder, 'claude.cmd');
  writeFileSync(shim, '@"node.exe"  "%~dp0\\fakeClaude.mjs" %*\r\n');
  return shim;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A process that has ended but was not noticed by its parent yet is as good as gone.
  return !(process.platform === 'linux' && /^\d+ \(.*\) Z /s.test(statOf(pid)));
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return `${pid} (gone) Z `;
  }
}
