import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lineProgress } from '../../../../scripts/tools/progress.js';
import { claudeProgram } from '../../../../scripts/tools/claude.js';
import { createClaudeEnvironment, type ClaudeEnvironment } from '../../../support/claudeEnvironment.js';
import { startModelServer, type ModelServer } from '../../../support/model/server.js';
import { IndexStage, until } from './indexStage.js';

let model: ModelServer;
let environment: ClaudeEnvironment;
let stage: IndexStage;
let program: string;

beforeAll(async () => {
  program = await claudeProgram(lineProgress());
  const answer = { blocks: [{ type: 'text' as const, text: 'An answer.' }] };
  const held = { blocks: [{ type: 'gate' as const, name: 'held' }, ...answer.blocks] };
  const steps = [
    { name: 'held', when: { text: 'Hold' }, answer: held },
    { name: 'any', when: { text: '' }, times: 9, answer },
  ];
  model = await startModelServer({ script: { steps } });
  environment = createClaudeEnvironment({ baseUrl: model.url });
  stage = new IndexStage();
}, 120_000);
afterAll(async () => {
  stage.dispose();
  await model.dispose();
  environment.dispose();
});

/** Runs one turn, as somebody does in a terminal. */
async function turn(prompt: string, ...args: readonly string[]): Promise<void> {
  const started = promisify(execFile)(program, ['-p', prompt, ...args], {
    cwd: environment.workspace,
    env: { ...environment.env },
  });
  started.child.stdin?.end();
  await started;
}

describe('what the real program writes', () => {
  it('S3 F4 a session made in a terminal appears, and its fork shares its first message', async () => {
    const { workspace, configDir } = environment;
    const index = await stage.started({ configFolder: () => configDir }, [workspace]);
    const [session, fork] = [randomUUID(), randomUUID()];
    const began = Date.now();
    await turn('First words\nand more', '--session-id', session, '--name', 'Named by me');
    await until(index, () => index.get(session) !== undefined);
    await index.refresh();
    const first = index.get(session);
    expect(first).toMatchObject({
      folder: workspace,
      cwd: workspace,
      firstPrompt: 'First words\nand more',
      title: 'Named by me',
      titleSource: 'custom',
      branch: null,
      forkedFrom: null,
      also: [],
    });
    expect(first?.origin).toMatch(/^[0-9a-f-]{36}$/);
    expect(first?.createdAt).toBeGreaterThanOrEqual(began);
    expect(first?.activeAt).toBeGreaterThanOrEqual(first?.createdAt ?? Infinity);

    await turn('Second words', '--session-id', fork, '--resume', session, '--fork-session');
    await until(index, () => index.get(fork) !== undefined);
    await index.refresh();
    expect(index.get(fork)).toMatchObject({ firstPrompt: 'First words\nand more', origin: first?.origin });
    expect(index.entries().map(({ id }) => id)).toEqual([fork, session]);
    expect(stage.logger.errors).toEqual([]);
  }, 60_000);

  it('S3 a session begun in a terminal appears within a second, before Claude has answered', async () => {
    const { workspace, configDir, env } = environment;
    const index = await stage.started({ configFolder: () => configDir }, [workspace]);
    const session = randomUUID();
    const child = spawn(program, ['-p', 'Hold the answer', '--session-id', session], {
      cwd: workspace,
      env: { ...env },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    onTestFinished(() => void child.kill('SIGKILL'));
    await model.reached('held');
    await vi.waitFor(() => expect(index.get(session)).toMatchObject({ title: 'Hold the answer', cwd: workspace }), {
      timeout: 1000,
      interval: 20,
    });
    // What was seen is no more than the program has written so far, and what follows is seen, too.
    const { size } = index.get(session) ?? {};
    model.release('held');
    await ended;
    await vi.waitFor(() => expect(index.get(session)?.size).toBeGreaterThan(size ?? Infinity), {
      timeout: 1000,
      interval: 20,
    });
  }, 60_000);
});
