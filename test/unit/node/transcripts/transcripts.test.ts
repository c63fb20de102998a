import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolderName } from '../../../../src/node/transcripts/locate.js';
import { createTranscripts, readConversation } from '../../../../src/node/transcripts/transcripts.js';
import { lived, outline, replayed, sessionFile } from './recording.js';

const id = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
let root: string;
let configFolder: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'arbor-transcripts-'));
  configFolder = join(root, 'config');
  folder = join(root, 'work');
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function transcripts(
  environment: Record<string, string> = { CLAUDE_CONFIG_DIR: configFolder },
): ReturnType<typeof createTranscripts> {
  return createTranscripts({ environment: () => environment, home: join(root, 'home') });
}

/** Puts a transcript where the program would. */
function put(workspace: string, recording = 'plain', config = configFolder): string {
  const project = join(config, 'projects', projectFolderName(workspace));
  mkdirSync(project, { recursive: true });
  const file = join(project, `${id}.jsonl`);
  copyFileSync(sessionFile(recording), file);
  return file;
}

describe('the place of a fork', () => {
  it.each([
    'plain',
    'fourTools',
    'steerNext',
    'steerLater',
    'compact',
    'autoCompact',
    'interruptTool',
    'forked',
    'denied',
    'error500',
    'local',
    'subagent',
  ])(
    'F1 every message that is shown live, and every one from the transcript, names a line that the program has (%s)',
    async (name) => {
      const file = put(folder, name);
      const lines = readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line) => /"uuid":"([^"]+)"/.exec(line)?.[1] ?? []);
      const shown = [...lived(name).messages, ...(await replayed(file)).messages];
      const uuids = shown.flatMap(({ uuid }) => (uuid === null ? [] : [uuid]));
      expect(uuids.length).toBeGreaterThan(1);
      for (const uuid of uuids) expect(lines).toContain((await transcripts().readUpTo(folder, id, uuid, 100)).at);
    },
  );

  it('F1 of a message that reached Claude in mid-turn is another line than the message: the program knows it by that', async () => {
    const file = put(folder, 'steerNext');
    const steering = (await replayed(file)).messages.findLast(({ role }) => role === 'user');
    const page = await transcripts().readUpTo(folder, id, steering?.uuid ?? '', 100);
    expect(page.at).not.toBe(steering?.uuid);
  });

  it('F1 in a transcript that is not there is none', async () => {
    await expect(transcripts().readUpTo(folder, id, id, 100)).rejects.toMatchObject({ code: 'transcriptMissing' });
  });
});

describe('where a transcript is', () => {
  // Each as the program itself named it (2.1.329).
  it.each([
    ['/sample/folder', '-sample-folder'],
    ['/sample/Größe café 日本 👋 x_y.z', '-sample-Gr--e-caf--------x-y-z'],
    [
      `/tmp/rec/cwd-BY0iC9/${'a'.repeat(100)}/${'b'.repeat(120)}/${'c'.repeat(60)}`,
      `-tmp-rec-cwd-BY0iC9-${'a'.repeat(100)}-${'b'.repeat(79)}-oxt4ue`,
    ],
  ])('S3 the program names the folder of %s', (path, name) => {
    expect(projectFolderName(path)).toBe(name);
  });

  it('S3 a transcript of the folder is found, and one that is not there is not', async () => {
    expect(await transcripts().exists(folder, id)).toBe(false);
    expect(await transcripts().read(folder, id)).toEqual({ events: [], unreadable: 0 });
    put(folder);
    expect(await transcripts().exists(folder, id)).toBe(true);
    expect((await transcripts().read(folder, id)).events.length).toBeGreaterThan(5);
  });

  it('S3 a folder that is reached through a symbolic link has the transcripts of the real one', async () => {
    put(folder);
    symlinkSync(folder, join(root, 'link'));
    expect(await transcripts().exists(join(root, 'link'), id)).toBe(true);
  });

  it('S3 a session that was begun in another folder is found', async () => {
    put('/somewhere/else');
    expect(await transcripts().exists(folder, id)).toBe(true);
    expect(await transcripts().exists(join(root, 'gone'), id)).toBe(true);
  });

  it("S3 without a folder named by the environment it is `.claude` in the user's home", async () => {
    put(folder, 'plain', join(root, 'home', '.claude'));
    put(folder, 'plain', join(root, 'other', '.claude'));
    expect(await transcripts({}).exists(folder, id)).toBe(true);
    expect(await transcripts({ HOME: join(root, 'other') }).exists(folder, id)).toBe(true);
    expect(await transcripts({ HOME: join(root, 'nowhere') }).exists(folder, id)).toBe(false);
  });

  it('S3 an id that is none never becomes a path', async () => {
    writeFileSync(join(root, 'outside.jsonl'), '{}');
    await expect(transcripts().exists(folder, '../../outside')).rejects.toThrow('not a session id');
  });
});

describe('a transcript that is not as it should be', () => {
  it('S6 lines that cannot be read are skipped and counted; the conversation before and after them stays', async () => {
    const file = put(folder);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const broken = lines.findIndex((line) => line.includes('"type":"attachment"'));
    lines[broken] = '{"type":"attachment","uu';
    lines.splice(3, 0, 'no JSON at all', '[]', '');
    writeFileSync(file, `${lines.join('\n')}\n`);
    expect((await readConversation(file)).unreadable).toBe(3);
    expect(outline(await replayed(file))).toEqual(outline(await replayed(sessionFile('plain'))));
  });

  it('S6 a last line that is still being written is not counted as broken', async () => {
    const file = put(folder);
    const before = await readConversation(file);
    appendFileSync(file, '{"type":"assistant","uuid":"half');
    expect(await readConversation(file)).toEqual(before);
  });

  it('S6 a last line that is whole but for its line feed counts', async () => {
    const file = put(folder);
    const text = readFileSync(file, 'utf8').trimEnd();
    writeFileSync(file, text);
    expect(outline(await replayed(file))).toEqual(outline(await replayed(sessionFile('plain'))));
  });

  it('S6 kinds of lines that nobody knows yet are no part of the conversation', async () => {
    const file = put(folder);
    appendFileSync(file, '{"type":"next-year","content":"?"}\n{"no":"type"}\n');
    expect((await readConversation(file)).unreadable).toBe(0);
    expect(outline(await replayed(file))).toEqual(outline(await replayed(sessionFile('plain'))));
  });

  it('S6 an empty file is an empty conversation', async () => {
    const file = put(folder);
    writeFileSync(file, '');
    expect(await readConversation(file)).toEqual({ events: [], unreadable: 0 });
  });

  it('T5 a turn that was cut off in the middle of a tool ends as canceled, with its tool', async () => {
    const file = put(folder, 'fourTools');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const result = lines.findIndex((line) => line.includes('"tool_result"'));
    writeFileSync(file, `${lines.slice(0, result + 1).join('\n')}\n`);
    expect(outline(await replayed(file))).toEqual([
      '> four',
      'Claude: canceled',
      '  Running four.',
      '  Bash done: 1',
      '  Bash canceled:',
      '  Bash canceled:',
      '  Bash canceled:',
    ]);
  });

  it('T5 a prompt that was never answered ends as canceled', async () => {
    const file = put(folder);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const answer = lines.findIndex((line) => line.includes('"type":"assistant"'));
    writeFileSync(file, `${lines.slice(0, answer).join('\n')}\n`);
    expect(outline(await replayed(file))).toEqual(['> Hi\nsecond line', 'Claude: canceled']);
  });
});

describe("lines of the program's own terminal", () => {
  function write(...lines: readonly object[]): string {
    const file = put(folder);
    const linked = lines.map((line, index) => ({
      uuid: `u${String(index)}`,
      parentUuid: index === 0 ? null : `u${String(index - 1)}`,
      timestamp: '2026-01-02T03:04:05.000Z',
      ...line,
    }));
    writeFileSync(file, `${linked.map((line) => JSON.stringify(line)).join('\n')}\n`);
    return file;
  }
  const user = (content: unknown, more: object = {}): object => ({ type: 'user', message: { content }, ...more });
  const claude = (text: string, more: object = {}): object => ({
    type: 'assistant',
    message: { id: text, model: 'claude-sample', content: [{ type: 'text', text }] },
    ...more,
  });

  it('S3 commands, shell commands and notes to Claude are shown as what they are', async () => {
    const file = write(
      user('<local-command-caveat>Caveat: …</local-command-caveat>', { isMeta: true }),
      user(
        '<command-message>review</command-message>\n<command-name>/review</command-name>\n<command-args>a b</command-args>',
      ),
      user('The long text behind the command', { isMeta: true }),
      claude('Reviewed.'),
      user('<bash-input>ls</bash-input>'),
      user('<bash-stdout>a.txt</bash-stdout><bash-stderr></bash-stderr>'),
      user(
        '<command-name>/clear</command-name>\n<command-message>clear</command-message>\n<command-args></command-args>',
      ),
    );
    expect(outline(await replayed(file))).toEqual([
      '> /review a b',
      'Claude: complete',
      '  Reviewed.',
      '> !ls',
      'Claude: complete',
      '  a.txt',
      '> /clear',
    ]);
  });

  it('S3 what the program puts in to fill a gap is not shown', async () => {
    const filler = { message: { model: '<synthetic>', content: [{ type: 'text', text: 'No response requested.' }] } };
    const file = write(user('hello'), claude('', filler), user('again'), claude('Yes.'));
    expect(outline(await replayed(file)).at(-1)).toBe('  Yes.');
    expect(outline(await replayed(file)).join()).not.toContain('No response');
  });

  it('M1 tokens are those of the messages, each message once; costs are never made up', async () => {
    const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 3, cache_creation_input_tokens: 2 };
    const part = (text: string): object => ({
      type: 'assistant',
      message: { id: 'm', model: 'claude-sample', usage, content: [{ type: 'text', text }] },
    });
    const file = write(user('hello'), part('one'), part('two'));
    const { total } = await replayed(file);
    expect(total).toEqual({
      tokens: { input: 10, output: 5, cacheRead: 3, cacheWrite: 2 },
      costUsd: 0,
      durationMs: 0,
    });
  });
});
