import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../../src/node/claude/cliLine.js';

describe('a line of output', () => {
  it.each([
    ['{"type":"a"}', ''],
    ['{"type":"a"}\r', ''],
    ['\u001b[?25h{"type":"a"}', '\u001b[?25h'],
    ['{"type":"a"}\u001b[?25h', '\u001b[?25h'],
    ['\u001b]0;title\u0007{"type":"a"}\u001b[0m', '\u001b]0;title\u0007\u001b[0m'],
    ['Warning: something {"type":"a"}', 'Warning: something'],
  ])('T4 is read with what is around it: %j', (text, noise) => {
    expect(parseLine(text)).toEqual({ line: { type: 'a' }, noise });
  });

  it.each([
    'plain words',
    '[{"type":"a"}]x',
    '[ {"type":"a"} ]',
    'Received: {"type":"a"}',
    '{"type":1}',
    '{"no":"type"}',
    'null',
    '"{\\"type\\":\\"a\\"}',
    '{"type":"assistant","message":{"type":"message","content":[]',
    'assistant","message":{"content":[]}}',
    '} {"',
  ])('T4 that is no object of the protocol is noise as a whole: %j', (text) => {
    expect(parseLine(text)).toEqual({ line: undefined, noise: text });
  });

  it('T4 that was cut off never passes as one of its inner objects', () => {
    const line = JSON.stringify({
      type: 'assistant',
      message: { type: 'message', content: [{ type: 'text', text: '}' }] },
    });
    for (let end = 1; end < line.length; end += 1) expect(parseLine(line.slice(0, end)).line).toBeUndefined();
  });

  it('T4 of nothing but white space is nothing', () => {
    expect(parseLine(' \r')).toEqual({ line: undefined, noise: '' });
  });
});
