import { describe, expect, it } from 'vitest';
import { linkTarget, looksLikeFile } from '../../../webview-ui/src/markdown/links.js';
import { lastSentenceEnd } from '../../../webview-ui/src/state/announcer.js';
import { compactCount, dollars, duration, usageDetail } from '../../../webview-ui/src/text/format.js';
import { lineDiff } from '../../../webview-ui/src/text/lineDiff.js';
import { pathInFolder } from '../../../webview-ui/src/text/paths.js';
import { plainOutput, visibleParts } from '../../../webview-ui/src/text/visible.js';
import { describeFailure } from '../../../webview-ui/src/view/trouble.js';
import { seeded } from './samples.js';

describe('where links lead', () => {
  it.each([
    ['https://example.com/a?b#c', { kind: 'web', href: 'https://example.com/a?b#c' }],
    ['HTTP://Example.com', { kind: 'web', href: 'http://example.com/' }],
    ['mailto:a@example.com', { kind: 'web', href: 'mailto:a@example.com' }],
    ['src/main.ts', { kind: 'file', path: 'src/main.ts' }],
    ['./a%20b.md', { kind: 'file', path: './a b.md' }],
    ['main.ts:12', { kind: 'file', path: 'main.ts:12' }],
    ['src/main.ts#L12-L20', { kind: 'file', path: 'src/main.ts:12' }],
    ['/home/ada/a.ts', { kind: 'file', path: '/home/ada/a.ts' }],
    ['C:\\work\\a.ts', { kind: 'file', path: 'C:\\work\\a.ts' }],
    ['file:///home/ada/a.ts', { kind: 'file', path: '/home/ada/a.ts' }],
  ])('U5 %s', (href, target) => {
    expect(linkTarget(href)).toEqual(target);
  });

  it.each([
    'javascript:alert(1)',
    'command:arbor.newSession',
    'vscode://x/y',
    'data:text/html,x',
    'file://server/share',
    '//example.com/a',
    '\\\\server\\share',
    '%2f%2fexample.com',
    '#anchor',
    'https://',
    'https:///',
    'a\u202eb.ts',
    'a%00b.ts',
    '',
    ' ',
    'x'.repeat(5000),
  ])('U5 not followed: %s', (href) => {
    expect(linkTarget(href)).toBeNull();
  });

  it('U2 knows names of files in code', () => {
    for (const name of ['src/main.ts', 'main.py:12', '../a/b.test.tsx:3:4', 'package.json', '/etc/app.conf']) {
      expect(looksLikeFile(name), name).toBe(true);
    }
    for (const name of ['npm test', 'foo.bar()', 'a', 'https://example.com/a.ts', 'object.key', '.ts', 'a/b']) {
      expect(looksLikeFile(name), name).toBe(false);
    }
  });
});

describe('the difference of two texts', () => {
  it('D1 has both texts in it, whatever they are', () => {
    const random = seeded(5);
    const lines = (): string => Array.from({ length: 1 + random(12) }, () => 'abc'.charAt(random(3))).join('\n');
    for (let round = 0; round < 500; round++) {
      const before = lines();
      const after = lines();
      const diff = lineDiff(before, after);
      const side = (sign: string): string =>
        diff
          .filter((line) => line.sign === ' ' || line.sign === sign)
          .map(({ text }) => text)
          .join('\n');
      expect(side('-')).toBe(before);
      expect(side('+')).toBe(after);
    }
  });

  it('D1 keeps what did not change', () => {
    expect(lineDiff('a\nb\nc', 'a\nx\nc')).toEqual([
      { sign: ' ', text: 'a' },
      { sign: '-', text: 'b' },
      { sign: '+', text: 'x' },
      { sign: ' ', text: 'c' },
    ]);
    expect(lineDiff('', 'new')).toEqual([{ sign: '+', text: 'new' }]);
    expect(lineDiff('same', 'same')).toEqual([{ sign: ' ', text: 'same' }]);
  });

  it('D1 of long texts takes no square of their length', () => {
    const before = Array.from({ length: 20_000 }, (_, line) => `a${String(line)}`).join('\n');
    const started = performance.now();
    expect(lineDiff(before, before.replaceAll('a', 'b')).length).toBe(40_000);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('texts of the view', () => {
  it('A1 marks what cannot be seen', () => {
    expect(visibleParts('a\u202eb')).toEqual(['a', { mark: '⟨U+202E⟩', name: 'right-to-left override' }, 'b']);
    expect(visibleParts('plain\n\ttext')).toEqual(['plain\n\ttext']);
  });

  it('U2 shows output without colour codes and with plain line breaks', () => {
    expect(plainOutput('\u001b[1;31mred\u001b[0m\r\nnext\rlast')).toBe('red\nnext\nlast');
  });

  it('A1 shows paths relative to the folder, and others whole', () => {
    expect(pathInFolder('/work/app/src/a.ts', '/work/app')).toBe('src/a.ts');
    expect(pathInFolder('C:\\app\\a.ts', 'C:\\app')).toBe('a.ts');
    expect(pathInFolder('/work/application/a.ts', '/work/app')).toBe('/work/application/a.ts');
    expect(pathInFolder('/etc/passwd', '/work/app')).toBe('/etc/passwd');
    expect(pathInFolder('/work/app', '/work/app')).toBe('/work/app');
  });

  it('M1 has short forms of numbers', () => {
    expect([0, 999, 1000, 12_345, 999_499, 999_500, 1_250_000].map(compactCount)).toEqual([
      '0',
      '999',
      '1k',
      '12k',
      '999k',
      '1M',
      '1.3M',
    ]);
    expect([0, 0.00021, 0.5, 12].map(dollars)).toEqual(['$0', '$0.0002', '$0.50', '$12.00']);
    expect([400, 9_960, 65_000, 3_725_000].map(duration)).toEqual(['0.4 s', '10 s', '1 min 5 s', '1 h 2 min']);
  });

  it('M1 what was used is told by model where there is more than one', () => {
    const tokens = { input: 1200, output: 30, cacheRead: 0, cacheWrite: 5 };
    const opus = { model: 'claude-opus', tokens: { ...tokens, input: 1000, output: 20 }, costUsd: 0.5 };
    const haiku = {
      model: 'haiku\u202e',
      tokens: { ...tokens, input: 200, output: 10, cacheWrite: 0 },
      costUsd: 0.002,
    };
    const whole = { tokens, costUsd: 0.502, durationMs: 1000 };
    expect(usageDetail({ ...whole, models: [opus] })).toBe(usageDetail(whole));
    expect(
      usageDetail({ ...whole, models: [opus, haiku] })
        .split('\n')
        .slice(-3),
    ).toEqual(['Time: 1.0 s', 'claude-opus: 1k in · 20 out · $0.50', 'haiku⟨U+202E⟩: 200 in · 10 out · $0.0020']);
  });

  it('U4 finds the end of the last whole sentence', () => {
    expect(lastSentenceEnd('One. Two! And')).toBe('One. Two! '.length);
    expect(lastSentenceEnd('version 1.5 of it')).toBe(0);
    expect(lastSentenceEnd('a line\nnext')).toBe('a line\n'.length);
  });

  it('P6 a failure is described without its message', () => {
    const error = new RangeError('secret');
    error.stack = 'RangeError: secret\n at f (https://host/dist/webview/chat.js:12:34)\n at /home/ada/secret.txt';
    expect(describeFailure(error)).toBe('RangeError chat.js:12:34');
    expect(describeFailure('secret')).toBe('A string was thrown');
  });
});
