import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/base/logger.js';
import type { ClaudeProcess, ProcessItem } from '../../../../src/core/ports.js';
import { startClaudeProcess } from '../../../../src/node/claude/claudeProcess.js';
import { defaultLimits } from '../../../../src/node/claude/limits.js';
import { ProcessTree } from '../../../../src/node/claude/processTree.js';
import type { TransportSink } from '../../../../src/node/claude/transport.js';
import { systemClock } from '../../../../src/node/systemClock.js';

interface Started {
  readonly claude: ClaudeProcess;
  readonly sink: TransportSink;
  readonly pauses: boolean[];
  readonly written: string[];
  output(text: string): void;
}

/** A process over a transport that is in the test's hand. Its number is none that exists. */
async function started(): Promise<Started> {
  const pauses: boolean[] = [];
  const written: string[] = [];
  let sink: TransportSink | undefined;
  const claude = await startClaudeProcess({
    launch: { folder: '/w', sessionId: 's', start: { kind: 'new' }, persist: true },
    spec: { file: '/f', args: [], folder: '/w', environment: {} },
    watch: () => ({ dispose: () => undefined }),
    version: '2.1.200',
    limits: { ...defaultLimits, unreadBytes: 10_000 },
    clock: systemClock,
    logger: silentLogger,
    tree: (pid) => new ProcessTree({ pid, platform: process.platform }),
    open: (_spec, given) => {
      sink = given;
      return Promise.resolve({
        kind: 'pipe',
        pid: 2 ** 30,
        write: (text: string) => {
          written.push(text);
          return Promise.resolve();
        },
        endInput: () => undefined,
        setPaused: (paused: boolean) => pauses.push(paused),
        dispose: () => undefined,
      });
    },
  });
  if (!sink) throw new Error('not opened');
  const given = sink;
  return { claude, sink: given, pauses, written, output: (text) => given.output(Buffer.from(text)) };
}

async function all(claude: ClaudeProcess): Promise<ProcessItem[]> {
  const items: ProcessItem[] = [];
  for await (const batch of claude.items) items.push(...batch);
  return items;
}

describe('a process', () => {
  it('T1 asks for initialize first and reads older answers as well', async () => {
    const { claude, written, output } = await started();
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ type: 'control_request', request: { subtype: 'initialize' } });
    output(
      '{"type":"control_response","response":{"subtype":"success","request_id":"arbor-1","response":{"models":[{"value":"m"},7]}}}\n',
    );
    expect(await claude.ready).toEqual({
      version: '2.1.200',
      models: [{ value: 'm', label: 'm', description: '' }],
      commands: 0,
    });
  });

  it('T2 gives lines, noise and permissions in their order, numbered as they were printed', async () => {
    const { claude, sink, output } = await started();
    output('{"type":"a"}\nnoise\n\n{"type":"control_response"}\n{"type":"control_request","request_id":"r","request":');
    output('{"subtype":"can_use_tool","tool_name":"T","tool_use_id":"u","input":{}}}\n\u001b[?25h{"type":"b"}');
    sink.ended({ code: 0, signal: null });
    const items = await all(claude);
    expect(items.map((item) => (item.type === 'permission' ? item.permission.request.tool : item))).toEqual([
      { type: 'line', line: { type: 'a' }, number: 0 },
      { type: 'noise', text: 'noise', number: 1 },
      'T',
      { type: 'noise', text: '\u001b[?25h', number: 4 },
      { type: 'line', line: { type: 'b' }, number: 4 },
    ]);
  });

  it('T4 pauses reading while too much is unread, and goes on when it was taken', async () => {
    const { claude, sink, pauses, output } = await started();
    for (let sent = 0; sent < 20; sent += 1) output(`{"type":"a","text":"${'x'.repeat(1000)}"}\n`);
    expect(pauses).toEqual([true]);
    const iterator = claude.items[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toHaveLength(20);
    expect(pauses).toEqual([true, false]);
    for (let sent = 0; sent < 100; sent += 1) output('n\n');
    expect(pauses).toEqual([true, false, true]);
    sink.ended({ code: 0, signal: null });
  });

  it('T4 cuts noise and lines that are too long', async () => {
    const { claude, sink, output } = await started();
    output(`${'n'.repeat(10_000)}\n`);
    sink.ended({ code: 0, signal: null });
    expect(await all(claude)).toEqual([{ type: 'noise', text: 'n'.repeat(4096), number: 0 }]);
  });

  it('T10 tells that there is no such conversation from every other failed start', async () => {
    const missing = await started();
    missing.output('{"type":"result","errors":["No conversation found with session ID: s"]}\n');
    missing.sink.ended({ code: 1, signal: null });
    await expect(missing.claude.ready).rejects.toMatchObject({ code: 'conversationNotFound' });
    for (const [stderr, code] of [
      ['Error: Session ID 5e179365-e780-4dae-92a8-b8d1ef5d34cd is already in use.\n', 'sessionInUse'],
      ['No message found with message.uuid of: e58f319a-66ab-4ca4-b6ac-abf04db67a6c', 'messageMissing'],
      ['error: unknown option --x\nNo conversation found with session ID: in a quotation', 'programBroken'],
    ] as const) {
      const broken = await started();
      broken.sink.errorOutput(Buffer.from(stderr));
      broken.sink.ended({ code: 1, signal: null });
      await expect(broken.claude.ready).rejects.toMatchObject({ code, explanation: { detail: stderr.trim() } });
    }
  });

  it('T7 writes a message as one line with its id and priority', async () => {
    const { claude, written } = await started();
    await claude.send({ uuid: 'u', text: 'a\nb', priority: 'later' });
    expect(written[1]?.indexOf('\n')).toBe((written[1]?.length ?? 0) - 1);
    expect(JSON.parse(written[1] ?? '')).toEqual({
      type: 'user',
      message: { role: 'user', content: 'a\nb' },
      parent_tool_use_id: null,
      session_id: 's',
      uuid: 'u',
      priority: 'later',
    });
  });
});
