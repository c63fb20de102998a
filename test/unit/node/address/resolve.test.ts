import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageMarkdown } from '../../../../src/core/address/messageMarkdown.js';
import { messageUri } from '../../../../src/core/address/messageUri.js';
import { AddressResolver, type Resolution } from '../../../../src/core/address/resolve.js';
import { createMessageSource } from '../../../../src/node/address/messageSource.js';
import { sessionFile } from '../transcripts/recording.js';

const id = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
const uuid = (end: string): string => `00000000-0000-4000-8000-${end.padStart(12, '0')}`;
let root: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(path.join(realpathSync(tmpdir()), 'arbor-address-'));
  file = path.join(root, `${id}.jsonl`);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(recording: string): void {
  cpSync(sessionFile(recording), file);
  const subagents = sessionFile(recording).replace(/\.jsonl$/, '');
  if (existsSync(subagents)) cpSync(subagents, file.replace(/\.jsonl$/, ''), { recursive: true });
}

function resolve(messageUuid: string, session = id): Promise<Resolution> {
  const source = createMessageSource((one) => Promise.resolve(one === id ? file : undefined));
  return new AddressResolver(source, () => 'A name').resolve(messageUri(session, messageUuid));
}

async function reason(messageUuid: string, session = id): Promise<string> {
  const resolution = await resolve(messageUuid, session);
  return resolution.kind === 'unresolved' ? resolution.reason : resolution.kind;
}

describe('what an address stands for', () => {
  beforeEach(() => {
    put('subagent');
  });

  it('T9 a prompt, with its session’s name', async () => {
    expect(await resolve(uuid('1'))).toEqual({
      kind: 'message',
      sessionId: id,
      id: uuid('1'),
      role: 'user',
      content: [{ type: 'text', text: 'delegate' }],
      model: null,
      name: 'A name',
      at: Date.parse('2026-11-21T08:27:21.895Z'),
    });
  });

  it('T9 a message of Claude’s is whole, whichever of its lines is asked for', async () => {
    const expected = [
      { type: 'text', text: 'Delegating.' },
      { type: 'toolUse', id: 'toolu_6', name: 'Task' },
    ];
    for (const line of [uuid('5'), uuid('7')]) {
      expect(await resolve(line)).toMatchObject({ role: 'assistant', model: 'claude-opus-5-5', content: expected });
    }
  });

  it('T9 a tool’s result and a subagent’s message', async () => {
    expect(await resolve(uuid('b'))).toMatchObject({ role: 'user', content: [{ type: 'toolResult', id: 'toolu_6' }] });
    const own = /"type":"assistant","uuid":"([^"]+)"/.exec(
      readFileSync(path.join(root, id, 'subagents/agent-agent10.jsonl'), 'utf8'),
    )?.[1];
    expect(await resolve(own ?? '')).toMatchObject({ kind: 'message', role: 'assistant' });
  });

  it('T9 as Markdown', async () => {
    expect(messageMarkdown(await resolve(uuid('5')))).toMatch(
      /^# Claude\n\n- Session: A name \(.*\)\n- Model: claude-opus-5-5\n- Time: .*Z\n\nDelegating\.\n\n\*\*Tool: Task\*\*\n\n```json\n/,
    );
  });
});

describe('why an address stands for nothing', () => {
  it('T9 no such session, no such message, a line that is no message', async () => {
    put('subagent');
    expect(await reason(uuid('1'), uuid('2'))).toBe('noSuchSession');
    expect(await reason(uuid('999'))).toBe('noSuchMessage');
    expect(await reason(uuid('22'))).toBe('noSuchMessage');
    rmSync(file);
    expect(await reason(uuid('1'))).toBe('noSuchSession');
  });

  it('T9 malformed', async () => {
    const resolver = new AddressResolver(
      createMessageSource(() => Promise.resolve(file)),
      () => '',
    );
    for (const text of ['', 'arbor-session:/x', `arbor-session:/${id}`]) {
      expect(await resolver.resolve(text)).toMatchObject({ kind: 'unresolved', reason: 'malformed' });
    }
  });

  it('T9 unreadable: the line is damaged, or the file cannot be opened', async () => {
    put('subagent');
    appendFileSync(file, `{"type":"user","uuid":"${uuid('777')}","message":\n`);
    expect(await reason(uuid('777'))).toBe('unreadable');
    const source = createMessageSource(() => Promise.resolve(root));
    const resolution = await new AddressResolver(source, () => '').resolve(messageUri(id, uuid('1')));
    expect(resolution).toMatchObject({
      reason: 'unreadable',
      explanation: { detail: expect.stringContaining('EISDIR') as unknown },
    });
    expect(messageMarkdown(resolution)).toMatch(/^# No Message\n\nThe message of this link cannot be read/);
  });

  it('T9 compacted: its lines are gone and a summary is there; what the program kept still resolves', async () => {
    put('compact');
    const first = /"type":"user","uuid":"([^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    expect(await reason(first)).toBe('message');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.slice(lines.findIndex((line) => line.includes('"compact_boundary"'))).join('\n'));
    expect(await reason(first)).toBe('compacted');
  });
});
