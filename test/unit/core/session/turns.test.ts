import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import type { ErrorCode } from '../../../../src/base/errors.js';
import {
  answerLines,
  errorLine,
  initLine,
  messageEnd,
  messageStart,
  resultLine,
  streamLine,
  textPieces,
  toolLines,
  wholeLine,
} from '../../../support/fakes/cliLines.js';
import { clientError, type FakeProcess } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { outcomes } from '../../../support/fakes/world.js';
import { stage } from './stage.js';

const partial = [initLine(), messageStart('m1', 7), ...textPieces(0, 'Partial ', 'words')];

describe('A turn', () => {
  it('T1 journals the prompt, starts the process, sends, streams and settles, in this order', async () => {
    const { world, session, told } = stage();
    const { trace } = world;
    world.launcher.otherwise = {
      onSend: (message) => {
        trace.push(`send ${message.text}`);
      },
    };
    const launch = world.launcher.launch.bind(world.launcher);
    world.launcher.launch = (options) => {
      trace.push('launch');
      return launch(options);
    };
    session.send('Hello');
    expect(session.state).toBe('running');
    await settled();
    expect(trace).toEqual(['journal start', 'launch', 'send Hello']);
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(trace.at(-1)).toBe('journal complete');
    expect(told()).toEqual(['you: Hello', 'claude (complete): Hi.']);
    expect(session.state).toBe('ready');
  });

  it('T1 does not send before the journal has the prompt', async () => {
    const { world, session } = stage();
    const written = new Deferred<void>();
    world.journal.before = () => written.promise;
    session.send('Hello');
    await settled();
    expect(world.launcher.launches).toEqual([]);
    written.resolve();
    await settled();
    expect(world.launcher.last.sent).toMatchObject([{ text: 'Hello' }]);
  });

  it('T1 sends although the journal cannot be written, and says so once', async () => {
    const { world, session, told } = stage();
    world.journal.before = () => {
      throw clientError('diskFull');
    };
    session.send('Hello');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(told()).toEqual(['you: Hello', 'claude (complete): notice diskFull | Hi.']);
    expect(world.logger.errors.splice(0).length).toBeGreaterThan(1);
  });

  it('T1 begins one turn at a time on one process, which is kept warm', async () => {
    const { world, session, told } = stage();
    session.send('One');
    session.send('Two');
    await settled();
    const { last } = world.launcher;
    expect(last.sent.map(({ text }) => text)).toEqual(['One']);
    last.print(...answerLines('m1', 'First.'));
    await settled();
    expect(last.sent.map(({ text }) => text)).toEqual(['One', 'Two']);
    last.print(...answerLines('m2', 'Second.'));
    await settled();
    expect(world.launcher.launches).toHaveLength(1);
    expect(told()).toEqual(['you: One', 'claude (complete): First.', 'you: Two', 'claude (complete): Second.']);
  });

  it('T1 the head advances when a turn completed, and not when it failed or was stopped', async () => {
    const { world, session } = stage();
    session.send('One');
    await settled();
    world.launcher.last.print(...answerLines('m1', 'First.'));
    await settled();
    expect(session.record.head).toBe('line-m1');
    session.send('Two');
    await settled();
    world.launcher.last.print(
      ...partial,
      wholeLine('m2', [{ type: 'text', text: 'Partial words' }]),
      errorLine('Something broke'),
    );
    await settled();
    expect(session.record.head).toBe('line-m1');
    session.send('Three');
    await settled();
    world.launcher.last.print(
      messageStart('m3'),
      ...textPieces(0, 'x'),
      wholeLine('m3', [{ type: 'text', text: 'x' }]),
    );
    await settled();
    await session.stop();
    expect(session.record.head).toBe('line-m1');
  });

  it('S1 mints the session id and passes it on, with model, mode and system prompt', async () => {
    const { world, session } = stage({ model: 'opus', mode: 'plan', appendSystemPrompt: 'Be brief.' });
    session.send('Hello');
    await settled();
    expect(world.launcher.launches).toEqual([
      {
        folder: '/ws',
        sessionId: session.id,
        start: { kind: 'new' },
        model: 'opus',
        permissionMode: 'plan',
        appendSystemPrompt: 'Be brief.',
        persist: true,
      },
    ]);
    expect(world.launcher.last.sent[0]?.uuid).toBe(
      session.transcript.messages[0]?.role === 'user' ? session.transcript.messages[0].uuid : '',
    );
  });

  it('S1 an empty name becomes the first line of the first prompt', () => {
    const { session } = stage();
    session.send('\n  Fix the tests  \nand more');
    expect(session.record.name).toBe('Fix the tests');
    session.send('Another');
    expect(session.record.name).toBe('Fix the tests');
  });

  it.each([
    ['promptEmpty', ' \n\t'],
    ['promptTooLarge', 'x'.repeat(8_000_001)],
  ])('refuses a prompt that is %s, and changes nothing', (code, text) => {
    const { session, events } = stage();
    expect(() => {
      session.send(text);
    }).toThrow(expect.objectContaining({ code }));
    expect(events).toEqual([]);
    expect(session.state).toBe('idle');
  });

  it('T2 takes a prompt that starts with a dash, and one of 5 MB, as they are', async () => {
    const { world, session } = stage();
    const long = `--help ${'x'.repeat(5_000_000)}`;
    session.send(long);
    await settled();
    expect(world.launcher.last.sent[0]?.text).toBe(long);
  });
});

/** How a turn can end without the user, and what it ends as. */
const endings: readonly (readonly [string, ErrorCode | 'complete', (process: FakeProcess) => void])[] = [
  ['a result', 'complete', (process) => process.print(...messageEnd(9, 7), resultLine())],
  ['an error result', 'executionError', (process) => process.print(errorLine('Something broke'))],
  [
    'is_error with subtype success, signed out',
    'signInRequired',
    (process) => process.print(resultLine({ is_error: true, result: 'Invalid API key · Please run /login' })),
  ],
  [
    'a limit of turns',
    'limitReached',
    (process) => process.print(resultLine({ subtype: 'error_max_turns', is_error: true })),
  ],
  [
    'a limit of money',
    'limitReached',
    (process) => process.print(resultLine({ subtype: 'error_max_budget_usd', is_error: true })),
  ],
  [
    'a rate limit',
    'rateLimited',
    (process) => process.print(resultLine({ is_error: true, result: 'API Error: 429 {"type":"error"}' })),
  ],
  ['an exit code', 'processExited', (process) => process.exit({ code: 3, stderr: 'Segmentation' })],
  ['a signal', 'processKilled', (process) => process.exit({ code: null, signal: 'SIGSEGV' })],
  ['the end of its output without a result', 'noResult', (process) => process.exit({ code: 0 })],
  ['an end that nobody knows', 'noResult', (process) => process.exit({ code: null, signal: null })],
];

describe('Every way a turn can end', () => {
  it.each(endings)('T5 %s: keeps the partial text, the session id and the usage', async (_, ending, end) => {
    const { world, session, events } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(...partial);
    await settled();
    end(world.launcher.last);
    await settled();
    const [outcome, ...more] = outcomes(events);
    expect(more).toEqual([]);
    expect(outcome?.kind === 'error' ? outcome.error.code : outcome?.kind).toBe(ending);
    expect(outcome?.usage.tokens.input).toBeGreaterThan(0);
    const message = session.transcript.messages[1];
    expect(message?.role === 'assistant' ? message.blocks[0] : null).toMatchObject({
      text: 'Partial words',
      streaming: false,
    });
    expect(session.transcript.turn).toBeNull();
    expect(session.record.name).toBe('Hello');
    expect(session.record.total).toEqual(session.transcript.total);
    expect(session.record.total.tokens.input).toBeGreaterThan(0);
    expect(session.state).toBe(world.launcher.last.hasEnded ? 'idle' : 'ready');
    // And the session goes on.
    session.send('Again');
    await settled();
    expect(world.launcher.last.sent.at(-1)?.text).toBe('Again');
    expect(world.launcher.last.sessionId).toBe(session.id);
  });

  const codes: readonly ErrorCode[] = [
    'programNotFound',
    'programNotExecutable',
    'programTooOld',
    'programBroken',
    'folderMissing',
    'folderUnreadable',
    'workspaceUntrusted',
    'signInRequired',
    'startTimeout',
  ];

  it.each(codes)(
    'T5 a start that fails with %s: the turn fails with it, and the next one starts anew',
    async (code) => {
      const { world, session, events, told } = stage();
      world.launcher.script.push(clientError(code));
      session.send('Hello');
      await settled();
      expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code } }]);
      expect(told()).toEqual(['you: Hello', `claude (failed): error ${code}`]);
      session.send('Again');
      await settled();
      expect(world.launcher.last.sent).toMatchObject([{ text: 'Again' }]);
    },
  );

  it.each(codes)('T5 a program that ends before it is ready (%s): the turn fails at once', async (code) => {
    const { world, session, events } = stage();
    world.launcher.script.push({ isReady: false });
    session.send('Hello');
    await settled();
    expect(session.state).toBe('running');
    world.launcher.last.failToStart(clientError(code));
    await settled();
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code } }]);
    expect(session.state).toBe('idle');
    session.send('Again');
    await settled();
    expect(world.launcher.processes).toHaveLength(2);
    expect(world.launcher.last.sent).toMatchObject([{ text: 'Again' }]);
  });

  it('T5 an error that nobody foresaw is a failed turn too', async () => {
    const { world, session, events } = stage();
    world.launcher.script.push(new Error('EMFILE'));
    session.send('Hello');
    await settled();
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'programBroken', detail: 'EMFILE' } }]);
  });

  it('T5 a program that does not take the message: the turn fails, and the program is ended', async () => {
    const { world, session, events } = stage();
    world.launcher.script.push({
      onSend: () => {
        throw clientError('protocolError');
      },
      onInterrupt: () => undefined,
    });
    session.send('Hello');
    await settled();
    expect(session.state).toBe('stopping');
    world.clock.advance(3000);
    await settled();
    expect(outcomes(events)).toMatchObject([{ kind: 'error', error: { code: 'protocolError' } }]);
    expect(world.launcher.last.stops).toBe(1);
  });

  it('T5 stderr is shown with the failure', async () => {
    const { world, session, events } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.exit({ code: 1, stderr: ' out of memory \n' });
    await settled();
    expect(outcomes(events)).toMatchObject([{ error: { code: 'processExited', detail: 'out of memory' } }]);
  });

  it('T5 the tools that are open when the program dies are closed', async () => {
    const { world, session, told } = stage();
    session.send('Hello');
    await settled();
    world.launcher.last.print(messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'sleep 9' }));
    await settled();
    world.launcher.last.exit({ code: 1 });
    await settled();
    expect(told()).toEqual(['you: Hello', 'claude (failed): Bash canceled | error processExited']);
  });

  it('T4 lines that nobody knows, and noise, are kept, passed through and end nothing', async () => {
    const { world, session, events, told } = stage();
    session.send('Hello');
    await settled();
    const { last } = world.launcher;
    last.print({ type: 'brand_new', subtype: 'thing', value: 1 });
    last.printNoise('not JSON');
    last.print(streamLine({ type: 'unheard_of' }), ...answerLines('m1', 'Hi.'));
    await settled();
    const passed = events.filter((event) => event.kind === 'passthrough');
    expect(passed).toEqual([
      { kind: 'passthrough', handle: 0, type: 'brand_new/thing' },
      { kind: 'passthrough', handle: 1, type: 'noise' },
      { kind: 'passthrough', handle: 2, type: 'stream_event' },
    ]);
    expect(session.rawEvents.entries.map(({ handle, text }) => [handle, text])).toEqual([
      [0, '{"type":"brand_new","subtype":"thing","value":1}'],
      [1, 'not JSON'],
      [2, JSON.stringify(streamLine({ type: 'unheard_of' }))],
    ]);
    expect(told()).toEqual(['you: Hello', 'claude (complete): Hi.']);
  });

  it('T4 raw lines are bounded in number and length', async () => {
    const { world, session } = stage();
    session.send('Hello');
    await settled();
    for (let line = 0; line < 3000; line += 1) world.launcher.last.print({ type: 'x', text: 'y'.repeat(10_000) });
    await settled();
    const { entries, dropped } = session.rawEvents;
    expect(entries.length).toBeLessThanOrEqual(1000);
    expect(entries.length + dropped).toBe(3000);
    expect(Math.max(...entries.map(({ text }) => text.length))).toBeLessThanOrEqual(4096);
    expect(entries.at(-1)?.handle).toBe(2999);
  });
});
