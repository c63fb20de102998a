import { describe, expect, it } from 'vitest';
import { daysOf } from '../../../../src/core/usage/days.js';
import { costText, countText, nameText, timeText } from '../../../../src/core/usage/texts.js';
import { usageMarkdown, type UsageDocument } from '../../../../src/core/usage/usageMarkdown.js';
import { noSum } from '../../../../src/core/usage/sums.js';
import type { UsageEntry } from '../../../../src/protocol/usage/usageEntry.js';
import { day, turn, used } from './anyUsage.js';

const now = Date.UTC(2026, 0, 31, 12);
const hour = 60 * 60_000;

function document(entries: readonly UsageEntry[], given: Partial<UsageDocument> = {}): string {
  return usageMarkdown({
    history: { entries, unreadable: 0 },
    now,
    days: daysOf('UTC'),
    session: (id) => ({ name: `Name of ${id}`, parent: null }),
    ...given,
  });
}

/** A table's cells, by the heading that it stands under; the first table stands under `Usage`. */
function rowsUnder(text: string, heading: string): readonly (readonly string[])[] {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim()));
}

describe('The document of usage', () => {
  it('M1 sums up today, the last seven days and everything, wherever the clock was', () => {
    const entries = [
      turn('today', { at: now - hour }),
      turn('yesterday', { at: now - 24 * hour }),
      turn('six days ago', { at: Date.UTC(2026, 0, 25, 0, 0) }),
      turn('seven days ago', { at: Date.UTC(2026, 0, 24, 23, 59, 59, 999) }),
      turn('the clock was ahead', { at: now + 48 * hour }),
      day(),
    ];
    const turns = rowsUnder(document(entries), 'Usage').map((cells) => cells.slice(0, 2));
    expect(turns.slice(2)).toEqual([
      ['Today', '1'],
      ['Last 7 days', '3'],
      ['All', '8'],
    ]);
  });

  it('M1 tells tokens, costs and time by model, folder, session with its forks, and day', () => {
    const entries = [
      turn('1', { session: 'root', models: [used('opus', 1234567, 1.25), used('haiku', 5, 0.00077251)] }),
      turn('2', { session: 'fork', folder: '/work/two', durationMs: 65_000, models: [used('opus', 3, 0.5)] }),
    ];
    const text = document(entries, {
      session: (id) => ({ name: id === 'fork' ? 'The fork' : 'The root', parent: id === 'fork' ? 'root' : null }),
    });
    expect(rowsUnder(text, 'By model').slice(2)).toEqual([
      ['opus', '1,234,570', '0', '0', '0', '$1.750'],
      ['haiku', '5', '0', '0', '0', '$0.0007725'],
    ]);
    expect(rowsUnder(text, 'By folder').slice(2)).toEqual([
      ['/work/one', '1', '1,234,572', '0', '0', '0', '$1.251', '1.0 s'],
      ['/work/two', '1', '3', '0', '0', '0', '$0.5000', '1 min 5 s'],
    ]);
    expect(rowsUnder(text, 'By session').slice(2)).toEqual([
      ['The root', '1', '1,234,572', '0', '0', '0', '$1.251', '1.0 s', '$1.751'],
      ['↳ The fork', '1', '3', '0', '0', '0', '$0.5000', '1 min 5 s', '$0.5000'],
    ]);
    expect(rowsUnder(text, 'By day').slice(2)).toEqual([
      ['2026-01-31', '2', '1,234,575', '0', '0', '0', '$1.751', '1 min 6 s'],
    ]);
  });

  it('M1 invents no costs', () => {
    const text = document([turn('1', { models: [used('', 10)] })]);
    expect(text).toContain('No costs known: Claude Code told none.');
    expect(rowsUnder(text, 'By model').at(-1)).toEqual(['(model not known)', '10', '0', '0', '0', 'no costs known']);
    expect(document([])).toContain('Nothing was used yet.');
  });

  it('M1 says how much of the record could not be read', () => {
    const history = { entries: [turn('1')], unreadable: 2 };
    expect(document([], { history })).toContain('2 lines of the record could not be read');
  });

  it('U5 a name changes nothing of the document around it', () => {
    const hostile = '| a\n# b <img src=x> [c](http://d) `e` **f** \u202e https://g';
    const entries = [turn('1', { folder: hostile, models: [used(hostile, 1, 1)] })];
    const text = document(entries, { session: () => ({ name: hostile, parent: null }) });
    const name = String.raw`\| a⟨U+000A⟩\# b \<img src=x\> \[c\](http\://d) \`e\` \*\*f\*\* ⟨U+202E⟩ https\://g`;
    for (const heading of ['By model', 'By folder', 'By session']) {
      const rows = rowsUnder(text, heading);
      expect(rows).toHaveLength(3);
      expect(rows[2]?.[0]).toBe(name);
      expect(new Set(rows.map((cells) => cells.length)).size).toBe(1);
    }
  });

  it('M1 columns are as wide in every line', () => {
    const text = document([turn('1', { models: [used('opus', 1_000_000, 3)] }), turn('2', { session: 'b' })]);
    for (const section of text.split(/\n\n/)) {
      const lines = section.split('\n').filter((line) => line.startsWith('|'));
      expect(new Set(lines.map((line) => Array.from(line).length)).size).toBeLessThanOrEqual(1);
    }
  });

  it('M1 of very many sessions and days those that are not shown are summed up', () => {
    const entries = Array.from({ length: 250 }, (_, index) =>
      turn(String(index), { session: `s${String(index)}`, at: now - index * 24 * hour }),
    );
    const text = document(entries);
    expect(rowsUnder(text, 'By session').at(-1)?.slice(0, 2)).toEqual(['50 more sessions', '50']);
    expect(rowsUnder(text, 'By day').at(-1)?.slice(0, 2)).toEqual(['Earlier', '219']);
  });

  it('M1 a session that is gone is called by the beginning of its id', () => {
    const text = document([turn('1', { session: '5f0c1d2e-3b4a' })], { session: () => undefined });
    expect(rowsUnder(text, 'By session').at(-1)?.[0]).toBe('Session 5f0c1d2e (not there any more)');
  });
});

it('M1 numbers have separators, costs four digits that count', () => {
  const cost = (costUsd: number): string => costText({ ...noSum, costUsd });
  expect([0, 0.00012344, 0.5, 12.345678, 1234.56].map(cost)).toEqual([
    '$0',
    '$0.0001234',
    '$0.5000',
    '$12.35',
    '$1,235',
  ]);
  expect([0, 999, 1000, 1234567].map(countText)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 9_940, 9_960, 59_499, 59_600, 3_600_000, 100_000_000].map(timeText)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '1 h 0 min',
    '27 h 46 min',
  ]);
  expect(nameText('x'.repeat(500))).toBe(`${'x'.repeat(79)}…`);
});
