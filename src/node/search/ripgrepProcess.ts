import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { AsyncQueue } from '../../base/asyncQueue.js';
import type { Disposable } from '../../base/disposable.js';
import { ArborError } from '../../base/errors.js';
import { ByteTail } from '../claude/byteTail.js';
import { LineSplitter } from '../claude/framing.js';

/** What ripgrep printed: a line, or that one was too long to be looked at. */
export type PrintedLine = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'tooLong' };

/** What ripgrep is run with. */
export interface RipgrepRun {
  /** Its absolute path. */
  readonly program: string;
  /** What a line must match, at least one of them; none holds a line feed. */
  readonly patterns: readonly string[];
  /** Absolute paths of the folders, at least one. */
  readonly folders: readonly string[];
}

/** Longest line of its output, in bytes: JSON within JSON, hence up to twice that of a transcript. */
const longestLine = 32 * 1024 * 1024;
const highWaterBytes = 1024 * 1024;
const keptErrorBytes = 8 * 1024;

/*
 * The patterns go through the input, not the arguments: others on the machine can read those, and one that begins with
 * `-` is a pattern all the same. No configuration file and no ignore file is followed.
 */
const options = [
  '--json',
  '--no-config',
  '--no-ignore',
  '--hidden',
  '--text',
  '--encoding',
  'none',
  '--case-sensitive',
  '--line-buffered',
  '--glob',
  '*.jsonl',
  '--file',
  '-',
  '--',
];

/** A run of ripgrep. Disposing it ends the process. */
export class RipgrepProcess implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncQueue<PrintedLine>;
  #disposed = false;

  /** @param run what to run */
  constructor(run: RipgrepRun) {
    this.#child = spawn(run.program, [...options, ...run.folders], {
      env: {},
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      shell: false,
    });
    const { stdin, stdout } = this.#child;
    this.#lines = new AsyncQueue(highWaterBytes, (pressed) => {
      if (pressed) stdout.pause();
      else stdout.resume();
    });
    this.#listen();
    // It may end before it has read all of its input; its exit code says why.
    stdin.on('error', () => undefined);
    stdin.end(`${run.patterns.join('\n')}\n`);
  }

  /**
   * What it prints, in batches, for one reader.
   * @throws ArborError `searchFailed`, from the iteration
   */
  get lines(): AsyncIterable<readonly PrintedLine[]> {
    return this.#lines;
  }

  #listen(): void {
    const { stdout, stderr } = this.#child;
    const errors = new ByteTail(keptErrorBytes);
    const splitter = new LineSplitter(
      {
        line: (text) => {
          this.#lines.push({ kind: 'line', text }, text.length);
        },
        tooLong: () => {
          this.#lines.push({ kind: 'tooLong' });
        },
      },
      longestLine,
    );
    stdout.on('data', (chunk: Buffer) => {
      if (!this.#disposed) splitter.push(chunk);
    });
    stderr.on('data', (chunk: Buffer) => {
      errors.push(chunk);
    });
    this.#child.on('error', (error) => {
      this.#lines.fail(failure(error.message, error));
    });
    this.#child.once('close', (code, signal) => {
      if (this.#lines.hasEnded) return;
      splitter.end();
      // 1: nothing found. 2 with output: some file could not be read, such as one that was just deleted.
      const isFine = this.#disposed || code === 0 || code === 1 || (code === 2 && isAboutFiles(errors.text()));
      if (isFine) this.#lines.end();
      else this.#lines.fail(failure(errors.text() || `ended with ${String(code ?? signal)}`));
    });
  }

  /** Ends the process; what was printed and not read yet is lost, and the lines end. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#child.kill('SIGKILL');
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#lines.end();
  }
}

/** Whether every line of ripgrep's error output is about a file, `rg: <path>: <the system's error> (os error N)`. */
function isAboutFiles(errors: string): boolean {
  const lines = errors.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => /\(os error \d+\)\s*$/.test(line));
}

function failure(detail: string, cause?: unknown): ArborError {
  return new ArborError(
    {
      code: 'searchFailed',
      what: 'The sessions could not be searched: ripgrep ended with an error.',
      kept: 'No session was changed.',
      next: 'Search for something else, or see the detail.',
      detail: detail.trim().slice(0, 2000),
      actions: ['showLog'],
    },
    cause,
  );
}
