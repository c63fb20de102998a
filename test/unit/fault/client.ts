import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import type { ClaudeProcess, IncomingPermission, ProcessItem } from '../../../src/core/ports.js';
import { createLauncher } from '../../../src/node/claude/launcher.js';
import type { ProcessLimits } from '../../../src/node/claude/limits.js';
import { systemClock } from '../../../src/node/systemClock.js';
import type { CliLine } from '../../../src/protocol/cli/lines.js';
import { createFakeProgram, type FakeBehaviour, type FakeProgram } from '../../support/fakeProgram/fakeProgram.js';

/**
 * The limits of the fault suite: those that a program runs into are short, those that it must not run into on a busy machine
 * are long.
 */
function limitsFor(behaviour: FakeBehaviour): Partial<ProcessLimits> {
  return {
    start: behaviour === 'hangAtStart' ? 1_000 : 15_000,
    request: 5_000,
    interrupt: behaviour === 'hangMidTurn' ? 400 : 5_000,
    endOfInput: behaviour.startsWith('ignore') || behaviour === 'garbageForEver' ? 300 : 2_000,
    terminate: 300,
    kill: 4_000,
    ...(behaviour === 'lastWords' ? { unreadBytes: 20_000 } : {}),
  };
}

/** Both transports where there are two. */
export const transports: readonly ('pty' | 'pipe')[] = process.platform === 'win32' ? ['pipe'] : ['pipe', 'pty'];

/** A started fake program and what it said so far. */
export interface Subject {
  readonly fake: FakeProgram;
  readonly claude: ClaudeProcess;
  readonly items: readonly ProcessItem[];
  /** Settles when the output has ended. */
  readonly outputEnded: Promise<void>;
  /** The text that was streamed. */
  text(): string;
  lines(type: string): CliLine[];
  noise(): string[];
  /** Settles with the first item, past or to come, for which the predicate holds; rejects when the output ends before. */
  until(predicate: (item: ProcessItem) => boolean): Promise<ProcessItem>;
  /** Sends a prompt and waits for its partial text. */
  promptToPartialText(): Promise<void>;
  /** Waits for the result of the turn. */
  result(): Promise<CliLine>;
  /** Takes nothing more from the process, until the result is called. */
  stopReading(): () => void;
  /** Waits for a permission request. */
  permission(): Promise<IncomingPermission>;
}

/** Installs a fake program for one test and removes it, with everything it started, at the test's end. */
export function fakeFor(behaviour: FakeBehaviour): FakeProgram {
  const fake = createFakeProgram(behaviour);
  onTestFinished(() => {
    for (const pid of fake.alive()) process.kill(pid, 'SIGKILL');
    fake.dispose();
  });
  return fake;
}

/** Starts a fake program and reads what it says. @throws ArborError what `launch` throws */
export async function start(behaviour: FakeBehaviour, transport: 'pty' | 'pipe'): Promise<Subject> {
  const fake = fakeFor(behaviour);
  const launcher = createLauncher({
    settings: () => ({ path: fake.path, environment: fake.variables, transport }),
    isTrusted: () => true,
    environment: { PATH: process.env['PATH'], TMPDIR: fake.folder },
    home: fake.folder,
    platform: process.platform,
    temporary: fake.folder,
    clock: systemClock,
    logger: silentLogger,
    limits: limitsFor(behaviour),
  });
  const claude = await launcher.launch({
    folder: fake.folder,
    sessionId: randomUUID(),
    start: { kind: 'new' },
    persist: true,
  });
  return new RunningSubject(fake, claude);
}

class RunningSubject implements Subject {
  readonly items: ProcessItem[] = [];
  readonly outputEnded: Promise<void>;
  #ended = false;
  #reading: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(
    readonly fake: FakeProgram,
    readonly claude: ClaudeProcess,
  ) {
    this.outputEnded = this.#read();
  }

  text(): string {
    return this.lines('stream_event')
      .map((line) => /"text_delta","text":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(line))?.[1])
      .map((quoted) => (quoted === undefined ? '' : String(JSON.parse(quoted))))
      .join('');
  }

  lines(type: string): CliLine[] {
    return this.items.flatMap((item) => (item.type === 'line' && item.line.type === type ? [item.line] : []));
  }

  noise(): string[] {
    return this.items.flatMap((item) => (item.type === 'noise' ? [item.text] : []));
  }

  async until(predicate: (item: ProcessItem) => boolean): Promise<ProcessItem> {
    for (let from = 0; ;) {
      for (; from < this.items.length; from += 1) {
        const item = this.items[from];
        if (item && predicate(item)) return item;
      }
      if (this.#ended) throw new Error('The output ended before');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async promptToPartialText(): Promise<void> {
    await this.claude.send({ uuid: randomUUID(), text: 'hello' });
    await this.until(() => this.text().startsWith('Partial text'));
  }

  async result(): Promise<CliLine> {
    const item = await this.until((candidate) => candidate.type === 'line' && candidate.line.type === 'result');
    if (item.type !== 'line') throw new Error('not a line');
    return item.line;
  }

  stopReading(): () => void {
    let goOn: () => void = () => undefined;
    this.#reading = new Promise((resolve) => (goOn = resolve));
    return goOn;
  }

  async permission(): Promise<IncomingPermission> {
    const item = await this.until((candidate) => candidate.type === 'permission');
    if (item.type !== 'permission') throw new Error('not a permission');
    return item.permission;
  }

  async #read(): Promise<void> {
    for await (const batch of this.claude.items) {
      this.items.push(...batch);
      this.#wake();
      await this.#reading;
    }
    this.#ended = true;
    this.#wake();
  }
}
