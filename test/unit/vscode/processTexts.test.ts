import { describe, expect, it } from 'vitest';
import { processList, type ProcessFacts } from '../../../src/core/lifecycle/processRows.js';
import {
  actionDetail,
  ageText,
  listTitle,
  memoryText,
  rowLabel,
  rowText,
} from '../../../src/vscode/processes/processTexts.js';

function facts(given: Partial<ProcessFacts> = {}): ProcessFacts {
  return { id: 'a', name: 'Fix it', folder: '/ws', state: 'ready', pid: 7, startedAt: 0, usedAt: 0, ...given };
}

const minute = 60_000;

describe('The list of processes in words', () => {
  it('P8 U4 says state, age, memory and number, so that nothing is in the icon alone', () => {
    const list = processList([facts({ state: 'waiting' })], new Map([[7, 217 * 2 ** 20]]), 12 * minute);
    const [row] = list.rows;
    expect(row && rowText(row)).toEqual({
      icon: 'shield',
      label: 'Fix it',
      description: 'waiting for your permission · for 12 min · 217 MB · process 7',
      detail: '/ws',
    });
    expect(listTitle(list)).toBe('Arbor: 1 process, 217 MB');
  });

  it('P8 leaves out what is not known, and invents nothing', () => {
    const asleep = facts({ state: 'asleep', pid: null, startedAt: null });
    const list = processList([asleep, facts({ id: 'b', state: 'spare', name: '' })], new Map(), minute);
    expect(list.rows.map((row) => rowText(row).description)).toEqual([
      'for the next new session · for 1 min · process 7',
      'asleep',
    ]);
    expect(list.rows.map(rowLabel)).toEqual(['Spare process', 'Fix it']);
    expect(listTitle(list)).toBe('Arbor: 1 process');
  });

  it('P8 U5 shows a name as text: no icon, no hidden character', () => {
    const [row] = processList([facts({ name: 'a $(trash) \u202Eb\u0007' })], new Map(), 0).rows;
    const label = row ? rowLabel(row) : '';
    expect(label).toContain('\\$(trash)');
    expect(label).not.toMatch(/[\u202e\u0007]/);
    expect(processList([facts({ name: '' })], new Map(), 0).rows.map(rowLabel)).toEqual(['New session']);
  });

  it('P8 says ages and sizes as a person would', () => {
    expect([0, 59_999, minute, 59 * minute, 61 * minute, 72 * 60 * minute].map(ageText)).toEqual([
      ...['for less than a minute', 'for less than a minute', 'for 1 min', 'for 59 min', 'for 1 h 1 min'],
      'for 3 days',
    ]);
    expect([0, 207.4 * 2 ** 20, 1.5 * 2 ** 30].map(memoryText)).toEqual(['0 MB', '207 MB', '1.5 GB']);
  });

  it('P8 says that a running turn is stopped, and only then', () => {
    const [running, ready] = processList([facts({ state: 'running' }), facts()], new Map(), 0).rows;
    expect(running && actionDetail('stop', running)).toMatch(/^The running turn is stopped\. The conversation stays/);
    expect(ready && actionDetail('stop', ready)).toMatch(/^The conversation stays/);
  });
});
