import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CancellationSource, neverCancelled } from '../../../../src/base/cancellation.js';
import { createSessionSearch } from '../../../../src/node/search/sessionSearch.js';
import { locateRipgrep } from '../../../../src/node/search/locateRipgrep.js';
import {
  asciiJson,
  editorPlaces,
  editorRipgrep,
  line,
  noQuery,
  sessionId,
  TranscriptFolder,
} from './transcriptFolder.js';

let ripgrep: string;
let folder: TranscriptFolder;
const file = `${sessionId(1)}.jsonl`;

beforeAll(async () => {
  ripgrep = await editorRipgrep();
}, 120_000);
beforeEach(() => {
  folder = new TranscriptFolder(ripgrep);
});
afterEach(() => {
  folder.dispose();
});

const json = (value: unknown): string => JSON.stringify(value);
const text = (value: string): unknown => [{ type: 'text', text: value }];
const use = (name: string, input: unknown, id = 'toolu_1'): unknown => [{ type: 'tool_use', id, name, input }];
const result = (content: unknown, id = 'toolu_1'): unknown => [{ type: 'tool_result', tool_use_id: id, content }];

describe('what is found', () => {
  it('U3 a prompt, an answer, a tool’s input and its result, each with its place', async () => {
    folder.write(file, [
      json(line(1, 'user', 'where is the needle')),
      json(line(2, 'assistant', text('The NEEDLE is in the hay.'))),
      json(line(3, 'assistant', use('Bash', { command: 'grep needle', description: 'x' }))),
      json(line(4, 'user', result([{ type: 'text', text: 'hay:1:needle' }]))),
    ]);
    const { hits, skipped, truncated } = await folder.find({ text: 'needle' });
    expect(hits.map(({ role, tool, messageUuid, excerpt }) => [role, tool, messageUuid, excerpt])).toEqual([
      ['user', null, sessionId(900_001), 'where is the needle'],
      ['assistant', null, sessionId(900_002), 'The NEEDLE is in the hay.'],
      ['assistant', 'Bash', sessionId(900_003), 'grep needle'],
      ['tool', 'Bash', sessionId(900_004), 'hay:1:needle'],
    ]);
    expect(hits[0]).toMatchObject({
      sessionId: sessionId(1),
      path: path.join(folder.path, file),
      subagent: null,
      at: Date.UTC(2026, 0, 2),
      ranges: [{ start: 13, end: 19 }],
    });
    expect({ skipped, truncated }).toEqual({ skipped: 0, truncated: false });
  });

  it('U3 not what the program keeps beside the messages, nor the names and folders in its lines', async () => {
    const attachment = { type: 'prompt_snapshot', prompt: 'needle' };
    folder.write(file, [
      json({ type: 'queue-operation', operation: 'enqueue', content: 'needle' }),
      json({ type: 'api-request-shape', shape: 'needle' }),
      json({ type: 'last-prompt', lastPrompt: 'needle' }),
      json({ ...line(1, 'user', ''), type: 'attachment', message: null, attachment }),
      json(line(2, 'user', 'needle', { isMeta: true })),
      json(line(3, 'user', 'needle', { isCompactSummary: true })),
      json(line(4, 'assistant', [{ type: 'thinking', thinking: 'needle' }])),
      json(line(5, 'user', 'no such word here')),
    ]);
    expect((await folder.find({ text: 'needle' })).hits).toEqual([]);
    expect((await folder.find({ text: 'uuid' })).hits).toEqual([]);
  });

  it('U3 a message that was sent while a turn ran, by its own address', async () => {
    const attachment = { type: 'queued_command', prompt: 'steer to the needle', source_uuid: sessionId(77) };
    folder.write(file, [
      json({ parentUuid: null, isSidechain: false, attachment, type: 'attachment', uuid: sessionId(5) }),
    ]);
    expect((await folder.find({ text: 'needle' })).hits).toMatchObject([{ role: 'user', messageUuid: sessionId(77) }]);
  });

  it('U3 a subagent’s words count for its session, wherever the program keeps its file', async () => {
    folder.write(`${sessionId(1)}/subagents/agent-a1.jsonl`, [json(line(1, 'assistant', text('needle')))]);
    folder.write('agent-b2.jsonl', [json(line(2, 'assistant', text('needle'), { sessionId: sessionId(2) }))]);
    folder.write('notes.jsonl', [json(line(3, 'assistant', text('needle')))]);
    folder.write(`${sessionId(3)}/tool-results/x.txt`, [json(line(4, 'assistant', text('needle')))]);
    const { hits } = await folder.find({ text: 'needle' });
    expect(hits.map((hit) => [hit.sessionId, hit.subagent]).sort()).toEqual([
      [sessionId(1), 'a1'],
      [sessionId(2), 'b2'],
    ]);
  });

  it('U3 filters: tool, file and day, alone and with a text', async () => {
    folder.write(file, [
      json(line(1, 'assistant', use('Read', { file_path: '/home/me/src/Main.ts' }, 'toolu_1'))),
      json(line(2, 'user', result('export const needle = 1;', 'toolu_1'))),
      json(line(3, 'assistant', use('Read', { file_path: 'C:\\work\\src\\main.ts' }, 'toolu_2'))),
      json(line(4, 'assistant', use('mcp__files__read', { path: 'b.ts', text: 'needle' }, 'toolu_3'))),
      json(line(5, 'user', result('needle again', 'toolu_3'))),
      json(line(6, 'user', 'needle')),
    ]);
    const found = async (query: Parameters<TranscriptFolder['find']>[0]): Promise<number[]> =>
      (await folder.find(query)).hits.map(({ messageUuid }) => Number(messageUuid.slice(-2)));
    expect(await found({ tool: 'read' })).toEqual([1, 3]);
    expect(await found({ tool: 'mcp__*' })).toEqual([4]);
    expect(await found({ file: 'src/main.ts' })).toEqual([1, 3]);
    expect(await found({ file: 'src\\main.ts', text: 'needle' })).toEqual([2]);
    expect(await found({ tool: 'Read', text: 'needle' })).toEqual([2]);
    expect(await found({ tool: 'mcp__*', text: 'needle' })).toEqual([4, 5]);
    expect(await found({ text: 'needle', from: Date.UTC(2026, 0, 6), until: Date.UTC(2026, 0, 7) })).toEqual([5]);
  });

  it.each([['-e'], ['--pre=x'], ['-needle'], ['.*'], ['(?i'], ['a\\'], ['"}'], ['<b>'], ['a\nb'], ['a\tb']])(
    'U3 a query is data, whatever it is: %j',
    async (query) => {
      folder.write(file, [json(line(1, 'user', `see ${query} there`)), json(line(2, 'user', 'nothing of it'))]);
      expect((await folder.find({ text: query })).hits.map(({ messageUuid }) => messageUuid)).toEqual([
        sessionId(900_001),
      ]);
    },
  );

  it('U3 bad lines and a line of 40 MB are skipped and counted, and the rest is found', async () => {
    const at = folder.write(file, ['{"type":"user","message":{"content":"needle"', json(line(1, 'user', 'needle'))]);
    appendFileSync(at, `${json(line(2, 'user', `needle ${'x'.repeat(40_000_000)}`))}\n`);
    appendFileSync(at, Buffer.from([0xff, 0xfe, ...Buffer.from(' needle \0'), 0x0a]));
    appendFileSync(at, `${json(line(3, 'user', 'the last needle'))}\n`);
    const { hits, skipped } = await folder.find({ text: 'needle' });
    expect(hits.map(({ excerpt }) => excerpt)).toEqual(['needle', 'the last needle']);
    expect(skipped).toBe(3);
  });
});

/** Letters whose cases are plain, what JSON escapes, what patterns give a meaning to, and what needs several bytes. */
const oddText = fc.string({
  unit: fc.constantFrom(
    ...Array.from('aAbBeéÉöÖдДß日👋𐐨𐐀"\\/\n\t\r\b\f\u0001\u001f\u007f\u0080\u2028\u00a0 -.*+?^$|()[]{}<>&~#,n1u0'),
  ),
  maxLength: 12,
});

/** The same character in both cases, one by one, with nothing of the code that is tested. */
function folded(value: string): string {
  return value
    .replaceAll(/[AB]/g, (letter) => letter.toLowerCase())
    .replaceAll('É', 'é')
    .replaceAll('Ö', 'ö')
    .replaceAll('Д', 'д')
    .replaceAll('𐐀', '𐐨');
}

describe('found exactly when the text holds it', () => {
  const write = (texts: readonly string[], ascii: boolean): void => {
    folder.write(
      file,
      texts.map((value, index) =>
        (ascii ? asciiJson : json)(line(index, index % 2 === 0 ? 'user' : 'assistant', value)),
      ),
    );
  };
  const found = async (query: string): Promise<number[]> =>
    (await folder.find({ text: query })).hits.map(({ messageUuid }) => Number(messageUuid.slice(-3)));
  const indexes = (texts: readonly string[], holds: (value: string) => boolean): number[] =>
    texts.flatMap((value, index) => (holds(value) ? [index] : []));

  it('U3 with any characters, in either way of writing JSON, in any case unless the query has capitals', async () => {
    const texts = fc.array(oddText, { minLength: 1, maxLength: 12 });
    const cut = fc.tuple(fc.nat(), fc.nat({ max: 10 }), fc.integer({ min: 2, max: 6 }));
    await fc.assert(
      fc.asyncProperty(
        texts,
        cut,
        oddText,
        fc.boolean(),
        fc.boolean(),
        async (all, [which, from, length], other, own, ascii) => {
          const characters = Array.from(all[which % all.length] ?? '')
            .slice(from, from + length)
            .join('');
          const query = own && Array.from(characters).length >= 2 ? characters : other;
          if (Array.from(query).length < 2) return;
          write(all, ascii);
          const fold = folded(query) === query || !/\p{Lu}/u.test(query) ? folded : (value: string) => value;
          expect(await found(query)).toEqual(indexes(all, (value) => fold(value).includes(fold(query))));
        },
      ),
      { numRuns: 80 },
    );
  }, 120_000);

  it('U3 with any Unicode text at all', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: 1, maxLength: 12 });
    const cut = fc.tuple(fc.nat(), fc.nat({ max: 20 }), fc.integer({ min: 2, max: 9 }));
    await fc.assert(
      fc.asyncProperty(texts, cut, fc.boolean(), async (all, [which, from, length], ascii) => {
        const query = Array.from(all[which % all.length] ?? '')
          .slice(from, from + length)
          .join('');
        if (Array.from(query).length < 2) return;
        write(all, ascii);
        // Without the case, which only may make it more.
        expect(await found(query)).toEqual(expect.arrayContaining(indexes(all, (value) => value.includes(query))));
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});

describe('how it runs', () => {
  it('U3 hits come before the search is over, no more than asked for, and more are announced', async () => {
    for (let session = 1; session <= 40; session += 1) {
      const many = Array.from({ length: 500 }, (_, index) => json(line(index, 'user', `needle ${'x'.repeat(500)}`)));
      folder.write(`${sessionId(session)}.jsonl`, many);
    }
    const { hits, truncated } = await folder.find({ text: 'needle' }, { limit: 250 });
    expect(hits).toHaveLength(250);
    expect(truncated).toBe(true);
    expect((await folder.find({ text: 'needle' }, { limit: 20_000 })).truncated).toBe(false);
  });

  it('U3 a search that is cancelled ends at once, without an end', async () => {
    for (let session = 1; session <= 20; session += 1) {
      folder.write(
        `${sessionId(session)}.jsonl`,
        Array.from({ length: 2000 }, (_, index) => json(line(index, 'user', 'needle'))),
      );
    }
    const source = new CancellationSource();
    const kinds: string[] = [];
    for await (const item of folder.search.search({ ...noQuery, text: 'needle' }, source.token, 100_000)) {
      kinds.push(item.kind);
      source.cancel();
    }
    expect(kinds).toEqual(['hits']);
  });

  it('P9 in a workspace that is not trusted no process is started', async () => {
    folder.trusted = false;
    await expect(folder.find({ text: 'needle' })).rejects.toMatchObject({ code: 'workspaceUntrusted' });
  });

  it('U3 no folder, or one that is not there, holds nothing', async () => {
    const search = createSessionSearch({
      isTrusted: () => true,
      ripgrep: () => Promise.resolve(ripgrep),
      folders: () => Promise.resolve([path.join(folder.path, 'none')]),
    });
    const items = [];
    for await (const item of search.search({ ...noQuery, text: 'needle' }, neverCancelled, 10)) items.push(item);
    expect(items).toEqual([{ kind: 'end', skipped: 0, truncated: false }]);
  });

  it('U3 a ripgrep that cannot be run, or that fails, is an error with its reason', async () => {
    folder.write(file, [json(line(1, 'user', 'needle'))]);
    const fails = path.join(folder.path, 'rg');
    writeFileSync(fails, '#!/bin/sh\ncat >/dev/null\necho "rg: regex parse error" >&2\nexit 2\n');
    chmodSync(fails, 0o755);
    for (const [program, detail] of [
      [fails, 'regex parse error'],
      [path.join(folder.path, 'no-such-program'), 'ENOENT'],
    ] as const) {
      const search = createSessionSearch({
        isTrusted: () => true,
        ripgrep: () => Promise.resolve(program),
        folders: () => Promise.resolve([folder.path]),
      });
      const items = search.search({ ...noQuery, text: 'needle' }, neverCancelled, 10)[Symbol.asyncIterator]();
      await expect(items.next()).rejects.toMatchObject({
        code: 'searchFailed',
        explanation: { detail: expect.stringContaining(detail) as unknown },
      });
    }
  });
});

describe('where ripgrep is', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'arbor-rg-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const put = (...parts: string[]): string => {
    const at = path.join(root, ...parts);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, '', { mode: 0o755 });
    return at;
  };

  it('U3 the real editor has one', async () => {
    expect(await locateRipgrep({ ...(await editorPlaces()), searchPath: '' })).toContain('ripgrep');
  });

  it.each([
    [['node_modules', '@vscode', 'ripgrep', 'bin', 'rg']],
    [['node_modules.asar.unpacked', '@vscode', 'ripgrep', 'bin', 'rg']],
    [['node_modules', '@vscode', 'ripgrep-universal', 'bin', 'linux-arm64', 'rg']],
    [['node_modules', '@vscode', 'ripgrep-linux-arm64', 'bin', 'rg']],
  ])('U3 it is found in %j', async (parts) => {
    const at = put(...parts);
    expect(await locateRipgrep({ appRoot: root, platform: 'linux', arch: 'arm64', searchPath: '' })).toBe(at);
  });

  it('U3 else on PATH, but never in a folder that depends on where we are', async () => {
    const at = put('bin', 'rg');
    const places = { appRoot: path.join(root, 'none'), platform: 'linux', arch: 'x64' } as const;
    expect(await locateRipgrep({ ...places, searchPath: `.:${path.dirname(at)}` })).toBe(at);
    await expect(locateRipgrep({ ...places, searchPath: '.:' })).rejects.toMatchObject({ code: 'ripgrepNotFound' });
  });
});
