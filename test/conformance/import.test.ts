import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claudeProgram } from '../../scripts/tools/claude.js';
import { lineProgress } from '../../scripts/tools/progress.js';
import { neverCancelled } from '../../src/base/cancellation.js';
import { Exporter } from '../../src/core/export/exporter.js';
import { createExportSource } from '../../src/node/export/exportSource.js';
import { createExportTarget } from '../../src/node/export/exportTarget.js';
import { createImporter } from '../../src/node/export/importer.js';
import { projectFolderName } from '../../src/node/transcripts/locate.js';
import { createClaudeEnvironment, type ClaudeEnvironment } from '../support/claudeEnvironment.js';
import { startModelServer, type ModelServer } from '../support/model/server.js';

const run = promisify(execFile);
const secret = 'The word to remember is "Wörterbuch".';
let program: string;
let model: ModelServer;
let environment: ClaudeEnvironment;

beforeEach(async () => {
  program = await claudeProgram(lineProgress());
  const answer = { blocks: [{ type: 'text', text: 'I will remember it.' }] } as const;
  model = await startModelServer({ script: { steps: [{ times: 100, answer }], otherwise: 'fail' } });
  environment = createClaudeEnvironment({ baseUrl: model.url });
});
afterEach(async () => {
  await model.dispose();
  environment.dispose();
});

/** Says something to the program in a folder. */
async function say(folder: string, text: string, session: readonly string[]): Promise<void> {
  const talk = run(program, ['-p', text, '--output-format', 'json', ...session], { cwd: folder, env: environment.env });
  talk.child.stdin?.end();
  await talk;
}

function projectFolder(folder: string): string {
  return path.join(environment.configDir, 'projects', projectFolderName(realpathSync(folder)));
}

describe('the program goes on with what was imported', () => {
  it.each(['jsonl', 'json'] as const)('S5 a %s file, in another folder and under another id', async (kind) => {
    const id = randomUUID();
    await say(environment.workspace, secret, ['--session-id', id]);
    const original = path.join(projectFolder(environment.workspace), `${id}.jsonl`);
    const before = readFileSync(original, 'utf8');
    let file = original;
    if (kind === 'json') {
      file = path.join(environment.root, 'session.json');
      const source = createExportSource(() => Promise.resolve(original));
      const head = { id, name: '', folder: environment.workspace, model: null, costUsd: null, exportedAt: 0 };
      await new Exporter(source, createExportTarget(randomUUID)).export(
        head,
        'json',
        file,
        neverCancelled,
        () => undefined,
      );
    }
    const other = path.join(environment.root, 'other folder');
    mkdirSync(other);
    const importer = createImporter({
      configFolder: () => environment.configDir,
      newUuid: randomUUID,
      isKnown: () => false,
    });
    const { sessionId, hasNewId } = await importer.import(file, other);
    expect(hasNewId).toBe(true);
    await say(other, 'What is the word?', ['--resume', sessionId]);
    const asked = model.requests.findLast(({ turn }) =>
      turn?.prompts.some((text) => text.includes('What is the word?')),
    );
    expect(asked?.turn?.prompts.some((text) => text.includes(secret))).toBe(true);
    // It went on in the imported file, and the original is as it was.
    expect(readFileSync(path.join(projectFolder(other), `${sessionId}.jsonl`), 'utf8')).toContain('What is the word?');
    expect(readdirSync(projectFolder(other)).filter((name) => name.endsWith('.jsonl'))).toEqual([`${sessionId}.jsonl`]);
    expect(readFileSync(original, 'utf8')).toBe(before);
  });

  it('S5 a transcript that comes back after it was deleted, under its own id', async () => {
    const id = randomUUID();
    await say(environment.workspace, secret, ['--session-id', id]);
    const original = path.join(projectFolder(environment.workspace), `${id}.jsonl`);
    const file = path.join(environment.root, 'kept.json');
    const source = createExportSource(() => Promise.resolve(original));
    const head = { id, name: '', folder: environment.workspace, model: null, costUsd: null, exportedAt: 0 };
    await new Exporter(source, createExportTarget(randomUUID)).export(
      head,
      'json',
      file,
      neverCancelled,
      () => undefined,
    );
    rmSync(projectFolder(environment.workspace), { recursive: true });
    const importer = createImporter({
      configFolder: () => environment.configDir,
      newUuid: randomUUID,
      isKnown: () => false,
    });
    expect(await importer.import(file, environment.workspace)).toMatchObject({ sessionId: id, hasNewId: false });
    await say(environment.workspace, 'What is the word?', ['--resume', id]);
    const asked = model.requests.findLast(({ turn }) =>
      turn?.prompts.some((text) => text.includes('What is the word?')),
    );
    expect(asked?.turn?.prompts.some((text) => text.includes(secret))).toBe(true);
  });
});
