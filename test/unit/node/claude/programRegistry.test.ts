import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lineProgress } from '../../../../scripts/tools/progress.js';
import { claudeProgram } from '../../../../scripts/tools/claude.js';
import { createProgramRegistry } from '../../../../src/node/claude/programRegistry.js';
import { startOf } from '../../../../src/node/store/processIdentity.js';
import type { OtherProgram } from '../../../../src/core/ports.js';
import { createClaudeEnvironment } from '../../../support/claudeEnvironment.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';
import { startModelServer } from '../../../support/model/server.js';

const { platform } = process;
const session = randomUUID();
const logger = new RecordingLogger();

/** The registry of another window than the one that this test's processes belong to, or of that one. */
function others(configDir: string, ownPid = 2 ** 30, own: number | null = null): Promise<readonly OtherProgram[]> {
  return createProgramRegistry({ configFolder: () => configDir, platform, ownPid, logger }).othersOn(session, own);
}

describe.skipIf(platform === 'win32')('what the real program says of itself', () => {
  it('S8 tells who is at a session while the program runs, and nothing of it when it was killed', async () => {
    const program = await claudeProgram(lineProgress());
    const model = await startModelServer({
      script: { steps: [{ when: { text: '' }, answer: { blocks: [{ type: 'gate', name: 'held' }] } }] },
    });
    const environment = createClaudeEnvironment({ baseUrl: model.url });
    const child = spawn(program, ['-p', 'Hello', '--session-id', session], {
      cwd: environment.workspace,
      env: { ...environment.env },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
      await model.dispose();
      environment.dispose();
    });
    expect(await others(environment.configDir)).toEqual([]);
    await model.reached('held');
    const expected = [{ pid: child.pid, isTerminal: false, isBusy: true }];
    await vi.waitFor(async () => expect(await others(environment.configDir)).toEqual(expected), 5000);
    // Our own window's are no others.
    expect(await others(environment.configDir, process.pid)).toEqual([]);
    child.kill('SIGKILL');
    await ended;
    // It could not take away what it wrote.
    expect(await readFile(join(environment.configDir, 'sessions', `${String(child.pid)}.json`), 'utf8')).toContain(
      session,
    );
    expect(await others(environment.configDir)).toEqual([]);
  }, 60_000);
});

describe.skipIf(platform !== 'linux')('what is written in the registry', () => {
  let configDir: string;
  let sleeper: ChildProcess;
  let started: string | undefined;

  beforeEach(async () => {
    configDir = await mkdtemp(join(tmpdir(), 'arbor-registry-'));
    await mkdir(join(configDir, 'sessions'));
    sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(sleeper, 'spawn');
    started = await startOf(sleeper.pid ?? 0, platform);
    onTestFinished(async () => {
      sleeper.kill('SIGKILL');
      await rm(configDir, { recursive: true });
      expect(logger.errors).toEqual([]);
    });
  });

  async function put(entry: unknown, name = `${String(sleeper.pid)}.json`): Promise<void> {
    await writeFile(join(configDir, 'sessions', name), typeof entry === 'string' ? entry : JSON.stringify(entry));
  }

  it('S8 a terminal and its state are told', async () => {
    const { pid } = sleeper;
    const entry = { pid, sessionId: session, procStart: started, entrypoint: 'cli', status: 'idle', more: [1] };
    await put(entry);
    expect(await others(configDir)).toEqual([{ pid, isTerminal: true, isBusy: false }]);
    expect(await others(configDir, undefined, pid ?? null)).toEqual([]);
    await put({ ...entry, status: 'busy' });
    expect(await others(configDir)).toMatchObject([{ isBusy: true }]);
  });

  it('S8 one that has ended and whose number another process has now is none', async () => {
    await put({ pid: sleeper.pid, sessionId: session, procStart: `${started ?? ''}1`, entrypoint: 'cli' });
    expect(await others(configDir)).toEqual([]);
  });

  it('S8 what is no entry is left out, whatever it is', async () => {
    const { pid } = sleeper;
    await put({ pid, sessionId: randomUUID(), entrypoint: 'cli' });
    await put('{"pid":', '7.json');
    await put('', '8.json');
    await put({ pid: -1, sessionId: session }, '9.json');
    await put({ pid: 1, sessionId: session }, '10.json');
    await put({ pid: String(pid), sessionId: session }, '11.json');
    await put({ pid, sessionId: session }, 'evil.key');
    await mkdir(join(configDir, 'sessions', '12.json'));
    expect(await others(configDir)).toEqual([]);
  });

  it('S8 a registry that cannot be read says nothing, and the log why', async () => {
    await rm(join(configDir, 'sessions'), { recursive: true });
    await writeFile(join(configDir, 'sessions'), 'no folder');
    expect(await others(configDir)).toEqual([]);
    expect(logger.others.some((line) => line.includes('who else'))).toBe(true);
  });
});
