import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TranscriptFacts } from '../../../../src/node/transcriptIndex/facts.js';
import { readTranscript } from '../../../../src/node/transcriptIndex/readFacts.js';
import { firstTime, IndexStage, transcriptLines } from './indexStage.js';

const id = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
const cwd = '/sample/folder';
let stage: IndexStage;

beforeEach(() => {
  stage = new IndexStage();
});
afterEach(() => {
  stage.dispose();
});

async function facts(lines: readonly string[], before?: TranscriptFacts): Promise<TranscriptFacts | null> {
  return (await readTranscript(stage.write(join(stage.root, `${id}.jsonl`), lines), true, before)).facts;
}

const line = (members: object): string => JSON.stringify(members);
const title = (customTitle: string): string => line({ type: 'custom-title', customTitle, sessionId: id });
const aiTitle = (text: string): string => line({ type: 'ai-title', aiTitle: text, sessionId: id });
const said = (content: unknown, more: object = {}): string =>
  line({
    parentUuid: null,
    isSidechain: false,
    type: 'user',
    message: { role: 'user', content },
    uuid: 'u',
    cwd,
    ...more,
  });
/** A line such as the program's `prompt_snapshot`, which is as long as many turns. */
const long = (bytes: number, more: object = {}): string =>
  line({
    parentUuid: 'u',
    attachment: { type: 'prompt_snapshot', text: 'x'.repeat(bytes) },
    type: 'attachment',
    ...more,
  });

describe('what the ends of a transcript tell', () => {
  it('S3 a session has its folder, times, branch, prompt and first message', async () => {
    const lines = transcriptLines({ cwd, branch: 'größe', prompts: ['First\nline', 'second'], origin: 'first-uuid' });
    expect(await facts(lines)).toEqual({
      cwd,
      createdAt: firstTime,
      activeAt: firstTime + 3 * 60_000,
      title: 'First',
      titleSource: 'prompt',
      firstPrompt: 'First\nline',
      branch: 'größe',
      forkedFrom: null,
      origin: 'first-uuid',
    });
  });

  it('S3 the same is found beside lines that are longer than what is read', async () => {
    const own = { timestamp: '2026-11-21T09:00:00.000Z', gitBranch: 'topic' };
    const told = await facts([...transcriptLines({ cwd }), long(300_000), long(300_000, own)]);
    expect(told).toMatchObject({ title: 'Hello', activeAt: Date.parse(own.timestamp), branch: 'topic' });
    const late = [long(7000, { cwd }), long(40_000), long(200_000)];
    expect(await facts([...late, said('after much'), long(300_000)])).toMatchObject({ cwd, firstPrompt: 'after much' });
  });

  it('S3 a prompt with an image has its words', async () => {
    const image = { type: 'image', source: { type: 'base64', data: 'A'.repeat(800_000) } };
    const text = { type: 'text', text: 'Look "at" this:\nä' };
    expect(await facts([said([text, image])])).toMatchObject({ firstPrompt: text.text, title: 'Look "at" this:' });
  });

  it.each([
    ['a mark of the program', '<local-command-caveat>not said</local-command-caveat>', {}],
    ['an interruption', '[Request interrupted by user]', {}],
    ['a summary', 'This session is being continued', { isCompactSummary: true }],
    ['what is meta', 'not said', { isMeta: true }],
    ['a tool result', [{ type: 'tool_result', tool_use_id: 't', content: 'not said' }], {}],
  ])('S1 %s is not taken for the first prompt', async (_, content, more) => {
    expect(await facts([said(content, more), said('said')])).toMatchObject({ firstPrompt: 'said' });
  });

  it('S1 a command names the session only when nothing was said', async () => {
    const command = said('<command-name>/init</command-name><command-args>all of it</command-args>');
    expect(await facts([command])).toMatchObject({ title: '/init all of it', titleSource: 'prompt' });
    expect(await facts([command, said('said')])).toMatchObject({ title: 'said' });
  });

  it("S1 the user's name comes before the program's, and that before the prompt", async () => {
    const lines = transcriptLines({ cwd });
    expect(await facts([...lines, aiTitle('Made up')])).toMatchObject({ title: 'Made up', titleSource: 'generated' });
    const named = [title('Old'), ...lines, title('New\nname'), aiTitle('Made up')];
    expect(await facts(named)).toMatchObject({ title: 'New', titleSource: 'custom' });
    expect(await facts([...named, title('')])).toMatchObject({ title: 'Made up' });
    expect(await facts([line({ type: 'summary', summary: 'Sum' }), ...lines])).toMatchObject({ title: 'Sum' });
  });

  it('S1 a name that is far from both ends is read from the file beside the transcript', async () => {
    const timestamp = '2026-11-21T09:00:00.000Z';
    const lines = [...transcriptLines({ cwd }), long(100_000), title('Named'), long(100_000, { timestamp })];
    expect(await facts(lines)).toMatchObject({ title: 'Hello' });
    mkdirSync(join(stage.root, id));
    writeFileSync(join(stage.root, id, 'custom-title.json'), '{"customTitle":"Named"}');
    expect(await facts(lines)).toMatchObject({ title: 'Named', titleSource: 'custom' });
  });

  it('S1 what a tool printed is no title', async () => {
    const printed = [{ type: 'tool_result', content: title('Hostile') }];
    const lines = [
      ...transcriptLines({ cwd }),
      said(printed, { toolUseResult: { type: 'custom-title', customTitle: 'x' } }),
    ];
    expect(await facts(lines)).toMatchObject({ titleSource: 'prompt' });
  });

  it('S3 a session that was moved is where it was moved to', async () => {
    const moved = line({ type: 'relocated', sessionId: id, relocatedCwd: '/other' });
    expect(await facts([...transcriptLines({ cwd }), moved])).toMatchObject({ cwd: '/other' });
  });

  it('S3 files without a message of the session itself are none', async () => {
    expect(await facts([])).toBeNull();
    expect(await facts([title('Named'), line({ type: 'mode', mode: 'normal' }), 'no JSON'])).toBeNull();
    expect(await facts([said('a subagent', { isSidechain: true })])).toBeNull();
  });

  it('S3 a line that is still being written does not count yet', async () => {
    const path = join(stage.root, `${id}.jsonl`);
    writeFileSync(path, `${transcriptLines({ cwd }).join('\n')}\n{"type":"custom-title","customTitle":"Ha`);
    expect((await readTranscript(path, false)).facts).toMatchObject({ title: 'Hello' });
  });
});

describe('where a fork comes from', () => {
  const taken = (count: number, bytes: number): string[] =>
    Array.from({ length: count }, (_, index) =>
      said(`taken ${index} ${'x'.repeat(bytes)}`, { forkedFrom: { sessionId: 'parent', messageUuid: `m${index}` } }),
    );

  it.each([
    ['near the beginning', 3, 10, [said('own'), long(300_000)]],
    ['near the end', 300, 1000, [said('own')]],
    ['far from both', 300, 1000, [said('own'), long(300_000), long(300_000)]],
    ['when nothing was said since', 300, 1000, []],
  ])('F4 the last message that was taken over is found %s', async (_, count, bytes, own) => {
    const message = `m${String(count - 1)}`;
    expect((await facts([...taken(count, bytes), ...own]))?.forkedFrom).toEqual({ session: 'parent', message });
  });

  it('F4 a session that is no fork comes from nowhere, also when a tool prints such a mark', async () => {
    const printed = said([{ type: 'tool_result', content: taken(1, 1)[0] }]);
    expect((await facts([said('own'), printed]))?.forkedFrom).toBeNull();
  });
});
