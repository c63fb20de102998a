import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationSource, neverCancelled } from '../../../../src/base/cancellation.js';
import { isObject, type JsonObject } from '../../../../src/base/json.js';
import { Exporter } from '../../../../src/core/export/exporter.js';
import type { ExportHead } from '../../../../src/core/export/sessionToExport.js';
import { createExportSource } from '../../../../src/node/export/exportSource.js';
import { createExportTarget } from '../../../../src/node/export/exportTarget.js';
import { createImporter } from '../../../../src/node/export/importer.js';
import { projectFolderName } from '../../../../src/node/transcripts/locate.js';
import { readConversation } from '../../../../src/node/transcripts/transcripts.js';
import { sessionExportSchema } from '../../../../src/protocol/export/sessionExport.js';
import { sessionFile } from '../transcripts/recording.js';

const id = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
const freshId = (number: number): string => `00000000-0000-4000-8000-00000000000${String(number)}`;
let root: string;
let config: string;
let folder: string;
let ids: number;
let known: string[];

beforeEach(() => {
  root = mkdtempSync(path.join(realpathSync(tmpdir()), 'arbor-import-'));
  config = path.join(root, 'config');
  folder = path.join(root, 'work');
  mkdirSync(folder);
  ids = 0;
  known = [];
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const newUuid = (): string => {
  ids += 1;
  return freshId(ids);
};
const project = (): string => path.join(config, 'projects', projectFolderName(folder));
const importer = (): ReturnType<typeof createImporter> =>
  createImporter({ configFolder: () => config, newUuid, isKnown: (one) => known.includes(one) });

/** A transcript of the real program outside of its folder, with an id in every line as the program has it. */
function transcriptFile(recording = 'subagent', sessionId = id): string {
  const at = path.join(root, `${recording}.jsonl`);
  const own = (file: string): string =>
    lines(file)
      .map((line) => `${JSON.stringify({ ...line, sessionId })}\n`)
      .join('');
  writeFileSync(at, own(sessionFile(recording)));
  const subagents = sessionFile(recording).replace(/\.jsonl$/, '');
  if (existsSync(subagents)) {
    cpSync(subagents, at.replace(/\.jsonl$/, ''), { recursive: true });
    for (const name of readdirSync(path.join(subagents, 'subagents'))) {
      if (name.endsWith('.jsonl')) {
        writeFileSync(path.join(root, recording, 'subagents', name), own(path.join(subagents, 'subagents', name)));
      }
    }
  }
  return at;
}

function lines(file: string): JsonObject[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
    .filter(isObject);
}

const head: ExportHead = { id, name: 'A name', folder: '', model: null, costUsd: 0.25, exportedAt: 1_700_000_000_000 };

function exporter(file: string): Exporter {
  return new Exporter(
    createExportSource((_, sessionId) => Promise.resolve(sessionId === id ? file : undefined)),
    createExportTarget(newUuid),
  );
}

describe('export', () => {
  it('S5 a session as JSON follows its schema and holds each of the program’s lines', async () => {
    const file = transcriptFile();
    const whole = lines(file);
    appendFileSync(file, 'no line at all\n');
    const to = path.join(root, 'out.json');
    const shares: number[] = [];
    await exporter(file).export({ ...head, folder }, 'json', to, neverCancelled, (share) => shares.push(share));
    const parsed = v.parse(sessionExportSchema, JSON.parse(readFileSync(to, 'utf8')));
    expect(parsed.session).toEqual({ id, name: 'A name', folder, model: 'claude-opus-5-5', costUsd: 0.25 });
    expect(parsed.lines).toEqual(whole);
    expect(parsed.unreadable).toBe(1);
    expect(parsed.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'assistant']);
    const subagent = path.join(root, 'subagent/subagents/agent-agent10.jsonl');
    expect(parsed.subagents).toMatchObject([{ name: 'agent-agent10', lines: lines(subagent) }]);
    expect(shares.at(-1)).toBe(1);
    expect(readdirSync(root).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('S5 a session as Markdown holds what was said', async () => {
    const to = path.join(root, 'out.md');
    await exporter(transcriptFile('files')).export(
      { ...head, folder },
      'markdown',
      to,
      neverCancelled,
      () => undefined,
    );
    const text = readFileSync(to, 'utf8');
    expect(text).toMatch(/^# A name\n/);
    expect(text).toMatch(/\n## 1\. You · /);
    expect(text).toMatch(/\n\*\*Tool: \w+\*\* \(done\)\n/);
  });

  it('S5 what cannot be written says so and leaves the file that was there', async () => {
    const file = transcriptFile();
    await expect(
      exporter(file).export(
        { ...head, folder },
        'json',
        path.join(root, 'none', 'x.json'),
        neverCancelled,
        () => undefined,
      ),
    ).rejects.toMatchObject({ code: 'exportFailed' });
    await expect(
      exporter(file).export(
        { ...head, id: freshId(9), folder },
        'json',
        path.join(root, 'x.json'),
        neverCancelled,
        () => undefined,
      ),
    ).rejects.toMatchObject({
      code: 'exportFailed',
      explanation: { what: expect.stringContaining('no transcript') as unknown },
    });
    const to = path.join(root, 'old.json');
    writeFileSync(to, 'old');
    const source = new CancellationSource();
    source.cancel();
    await expect(
      exporter(file).export({ ...head, folder }, 'json', to, source.token, () => undefined),
    ).rejects.toMatchObject({ name: 'CancellationError' });
    expect(readFileSync(to, 'utf8')).toBe('old');
    expect(readdirSync(root).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});

describe('import', () => {
  it('S5 a transcript keeps its id and every line, also its subagents’', async () => {
    const file = transcriptFile();
    const result = await importer().import(file, folder);
    expect(result).toEqual({ sessionId: id, folder, name: '', messages: 8, skipped: 0, hasNewId: false });
    const imported = path.join(project(), `${id}.jsonl`);
    expect(readFileSync(imported, 'utf8')).toBe(readFileSync(file, 'utf8'));
    expect((await readConversation(imported)).events).toEqual((await readConversation(file)).events);
    expect(readdirSync(project()).sort()).toEqual([id, `${id}.jsonl`]);
  });

  it('S5 an export and its import give the same transcript', async () => {
    const file = transcriptFile();
    const to = path.join(root, 'out.json');
    await exporter(file).export({ ...head, folder }, 'json', to, neverCancelled, () => undefined);
    expect(await importer().import(to, folder)).toMatchObject({ sessionId: id, name: 'A name', hasNewId: false });
    const imported = path.join(project(), `${id}.jsonl`);
    expect(lines(imported)).toEqual(lines(file));
    const subagent = 'subagents/agent-agent10';
    expect(lines(path.join(project(), id, `${subagent}.jsonl`))).toEqual(
      lines(path.join(root, 'subagent', `${subagent}.jsonl`)),
    );
    expect(lines(path.join(project(), id, `${subagent}.meta.json`))).toEqual(
      lines(path.join(root, 'subagent', `${subagent}.meta.json`)),
    );
  });

  it('S5 an id that is taken is replaced in every line, and what is there stays', async () => {
    const file = transcriptFile();
    const elsewhere = path.join(config, 'projects', '-somewhere-else');
    mkdirSync(elsewhere, { recursive: true });
    writeFileSync(path.join(elsewhere, `${id}.jsonl`), 'theirs');
    const result = await importer().import(file, folder);
    expect(result.hasNewId).toBe(true);
    expect(result.sessionId).not.toBe(id);
    const all = [
      ...lines(path.join(project(), `${result.sessionId}.jsonl`)),
      ...lines(path.join(project(), result.sessionId, 'subagents/agent-agent10.jsonl')),
    ];
    expect(new Set(all.map((line) => line['sessionId']))).toEqual(new Set([result.sessionId]));
    expect(readFileSync(path.join(elsewhere, `${id}.jsonl`), 'utf8')).toBe('theirs');
    const again = await importer().import(file, folder);
    expect(again.sessionId).not.toBe(result.sessionId);
    known.push(id);
    rmSync(path.join(elsewhere, `${id}.jsonl`));
    expect((await importer().import(file, folder)).hasNewId).toBe(true);
  });

  it('S5 lines that cannot be read are skipped and counted, wherever they are', async () => {
    const file = transcriptFile('plain');
    const [first = '', ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, ['{"type":', first, '[1]', '', 'x'.repeat(1000), ...rest, '{"type":"user","mess'].join('\n'));
    const result = await importer().import(file, folder);
    expect(result.skipped).toBe(4);
    expect(lines(path.join(project(), `${id}.jsonl`))).toHaveLength(rest.length + 1);
  });

  it.each([
    ['', 'holds no conversation'],
    ['not a transcript\n', 'holds no conversation'],
    ['{"type":"summary"}\n', 'holds no conversation'],
    ['{"format":"arbor-session","version":1}', 'damaged'],
    ['{"format":"arbor-session",', 'damaged'],
    ['{"format":"arbor-session","version":2}', 'newer release'],
  ])('S5 a file that is no session is refused and nothing is written: %j', async (content, what) => {
    const file = path.join(root, 'odd.jsonl');
    writeFileSync(file, content);
    await expect(importer().import(file, folder)).rejects.toMatchObject({
      code: 'importFailed',
      explanation: { what: expect.stringContaining(what) as unknown },
    });
    expect(existsSync(config)).toBe(false);
  });

  it('S5 a hostile export writes nowhere but into the program’s folder', async () => {
    const file = transcriptFile();
    const to = path.join(root, 'out.json');
    await exporter(file).export({ ...head, folder }, 'json', to, neverCancelled, () => undefined);
    const good = readFileSync(to, 'utf8');
    for (const bad of [good.replace('agent-agent10', 'agent-../../../../evil'), good.replaceAll(id, '../../evil')]) {
      writeFileSync(to, bad);
      await expect(importer().import(to, folder)).rejects.toMatchObject({ code: 'importFailed' });
    }
    expect(readdirSync(root).filter((name) => name.includes('evil'))).toEqual([]);
  });

  it('S5 a file that is not there, and a folder that cannot be written, are told', async () => {
    await expect(importer().import(path.join(root, 'none.jsonl'), folder)).rejects.toMatchObject({
      code: 'importFailed',
      explanation: { what: expect.stringContaining('ENOENT') as unknown },
    });
    writeFileSync(config, 'a file where a folder should be');
    await expect(importer().import(transcriptFile(), folder)).rejects.toMatchObject({ code: 'importFailed' });
  });
});
