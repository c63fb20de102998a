import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { lineProgress } from '../../../../scripts/tools/progress.js';
import { claudeProgram } from '../../../../scripts/tools/claude.js';
import { wasCompactedAfter } from '../../../../src/node/transcripts/compaction.js';
import { createTranscripts } from '../../../../src/node/transcripts/transcripts.js';
import { createClaudeEnvironment, type ClaudeEnvironment } from '../../../support/claudeEnvironment.js';
import { startModelServer, type ModelServer } from '../../../support/model/server.js';

describe('a compaction by the real program', () => {
  let model: ModelServer;
  let environment: ClaudeEnvironment;
  let program: string;

  beforeAll(async () => {
    program = await claudeProgram(lineProgress());
    const answer = { blocks: [{ type: 'text' as const, text: 'An answer.' }] };
    model = await startModelServer({ script: { steps: [{ when: { text: '' }, times: 9, answer }] } });
    environment = createClaudeEnvironment({ baseUrl: model.url });
  }, 120_000);
  afterAll(async () => {
    await model.dispose();
    environment.dispose();
  });

  /** Runs the program once. @returns what it said on both outputs */
  async function run(prompt: string, ...args: readonly string[]): Promise<string> {
    const child = spawn(program, ['-p', prompt, ...args], {
      cwd: environment.workspace,
      env: { ...environment.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (data: Buffer) => (said += data.toString()));
    await once(child, 'close');
    return said;
  }

  it('F1 takes what was before out of what can be forked, which we know before the program refuses', async () => {
    const session = randomUUID();
    const { workspace, env, home } = environment;
    await run('First', '--session-id', session);
    const transcripts = createTranscripts({ environment: () => env, home });
    const uuids = async (): Promise<string[]> =>
      (await transcripts.readLast(workspace, session, 100)).events.flatMap((event) =>
        event.kind === 'message' && event.uuid !== null && event.model !== null ? [event.uuid] : [],
      );
    const [first = ''] = await uuids();
    expect(await transcripts.wasCompacted(workspace, session, first)).toBe(false);
    await run('/compact', '--resume', session);
    await run('Second', '--resume', session);
    const last = (await uuids()).at(-1) ?? '';
    expect(last).not.toBe(first);
    expect(await transcripts.wasCompacted(workspace, session, first)).toBe(true);
    expect(await transcripts.wasCompacted(workspace, session, last)).toBe(false);
    const fork = (at: string): Promise<string> =>
      run('Fork', '--resume', session, '--fork-session', '--session-id', randomUUID(), '--resume-session-at', at);
    expect(await fork(first)).toContain(`No message found with message.uuid of: ${first}`);
    expect(await fork(last)).toContain('An answer.');
    // It is still in the file, and still shown.
    expect(await uuids()).toContain(first);
  }, 120_000);
});

describe('what counts as a compaction', () => {
  const line = (uuid: string, more: object = {}): string =>
    JSON.stringify({ type: 'user', uuid, message: { role: 'user', content: 'x' }, ...more });
  const boundary = (more: object = {}): string =>
    line('b', { type: 'system', subtype: 'compact_boundary', logicalParentUuid: 'a', ...more });

  async function isCompacted(lines: readonly string[], uuid: string): Promise<boolean> {
    const folder = await mkdtemp(join(tmpdir(), 'arbor-compaction-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 's.jsonl');
    await writeFile(path, lines.map((one) => `${one}\n`).join(''));
    return wasCompactedAfter(path, uuid);
  }

  it.each([
    ['one behind the message', [line('a'), boundary(), line('c')], 'a', true],
    ['none before it', [line('a'), boundary(), line('c')], 'c', false],
    ['none in a message’s text', [line('a'), line('b', { text: '"compact_boundary"' })], 'a', false],
    ['none of a subagent', [line('a'), boundary({ isSidechain: true })], 'a', false],
    ['none that kept messages', [line('a'), boundary({ compactMetadata: { preservedSegment: {} } })], 'a', false],
    ['none where the message is not there', [line('a'), boundary()], 'z', false],
    ['none in a torn line', [line('a'), boundary().slice(0, -1), line('c')], 'a', false],
  ])('F1 %s', async (_, lines, uuid, expected) => {
    expect(await isCompacted(lines, uuid)).toBe(expected);
  });
});
