import { describe, expect, it } from 'vitest';
import { LineTranslator } from '../../../src/core/session/translate/translator.js';
import { slashCommand } from '../../../src/core/session/translate/userLines.js';
import type { CliLine } from '../../../src/protocol/cli/lines.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';

const prompt = { uuid: 'p1', text: 'hello' };

/** What a turn's lines become. */
function translate(...lines: readonly CliLine[]): SessionEvent[] {
  const translator = new LineTranslator();
  translator.begin('turn', prompt);
  const events: SessionEvent[] = [];
  for (const [number, line] of lines.entries()) {
    translator.translate(line, number, (event) => {
      events.push(event);
    });
  }
  return events;
}

function assistant(content: readonly unknown[], more: object = {}): CliLine {
  const message = { id: 'm1', model: 'claude-sample', content, ...more };
  return { type: 'assistant', uuid: 'a1', parent_tool_use_id: null, message };
}

function user(content: unknown, more: object = {}): CliLine {
  return { type: 'user', uuid: 'u1', parent_tool_use_id: null, message: { role: 'user', content }, ...more };
}

const interrupted: CliLine = {
  type: 'result',
  subtype: 'error_during_execution',
  is_error: true,
  usage: {},
  errors: ['diagnostic'],
};

describe('lines of a turn', () => {
  it('T2 a sign of life without news belongs to the tool, not to an id of its own', () => {
    const line = { type: 'tool_progress', tool_use_id: 'toolu_1-heartbeat-2', elapsed_time_seconds: 90 };
    expect(translate(line)).toEqual([{ kind: 'toolProgress', id: 'toolu_1', elapsedSeconds: 90 }]);
  });

  it('T2 a message that the program made up has no model', () => {
    const text = { type: 'text', text: '## Context Usage' };
    expect(translate(assistant([text], { model: '<synthetic>' })).at(-1)).toMatchObject({
      kind: 'message',
      uuid: 'a1',
      model: null,
    });
  });

  it('T4 a whole message with a block that nobody knows yet shows what is known and passes the line through', () => {
    const events = translate(assistant([{ type: 'text', text: 'Known.' }, { type: 'hologram' }]));
    expect(events.map(({ kind }) => kind)).toEqual(['text', 'message', 'passthrough']);
  });

  it('T4 hidden thinking is no unknown block', () => {
    const events = translate(assistant([{ type: 'redacted_thinking', data: 'x' }]));
    expect(events.map(({ kind }) => kind)).toEqual(['message']);
  });

  it('T3 broken input of a tool that was not streamed is shown as it came, and flagged', () => {
    const input = { __unparsedToolInput: { raw: '{"command": "ec', len: 15 } };
    const events = translate(assistant([{ type: 'tool_use', id: 't1', name: 'Bash', input }]));
    expect(events).toMatchObject([
      { kind: 'toolUse', phase: 'open', id: 't1', name: 'Bash' },
      { kind: 'toolUse', phase: 'input', id: 't1', json: '{"command": "ec' },
      { kind: 'toolUse', phase: 'ready', id: 't1', input: {}, invalid: true },
      { kind: 'message' },
    ]);
  });

  it('T6 words of the user that look like the mark of an interrupt are words', () => {
    const text = '[Request interrupted by user] what does that mean?';
    const events = translate(user(text, { uuid: 'p1', isReplay: true }), interrupted);
    expect(events).toMatchObject([{ kind: 'error' }]);
  });

  it('T6 the mark of an interrupt makes the failed result a stop', () => {
    const mark = user([{ type: 'text', text: '[Request interrupted by user for tool use]' }]);
    expect(translate(mark, interrupted)).toMatchObject([{ kind: 'canceled', by: 'user' }]);
  });

  it('T7 the echo of the own prompt is no message that was delivered meanwhile, that of another is', () => {
    const events = translate(
      user('hello', { uuid: 'p1', isReplay: true }),
      user('and this', { uuid: 'p2', isReplay: true }),
    );
    expect(events).toEqual([{ kind: 'steeringDelivered', prompt: { uuid: 'p2', text: 'and this' } }]);
  });

  it('C2 what a local command prints is text, what it prints nothing of is nothing', () => {
    const output = (text: string): CliLine => user(`<local-command-stdout>${text}</local-command-stdout>`);
    expect(translate(output('Compacted '), output(' '))).toMatchObject([{ kind: 'text', text: 'Compacted ' }]);
  });
});

describe('slash commands as the program keeps them', () => {
  it.each([
    ['<command-name>/compact</command-name>\n  <command-message>compact</command-message>', '/compact'],
    [
      '<command-message>x</command-message>\n<command-name>/x</command-name>\n<command-args> a  b </command-args>',
      '/x a  b',
    ],
    ['what does <command-name>/compact</command-name> do?', undefined],
    ['<command-name></command-name>', undefined],
    ['/compact', undefined],
  ])('C2 %j', (text, typed) => {
    expect(slashCommand(text)).toBe(typed);
  });
});
