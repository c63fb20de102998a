import { describe, expect, it } from 'vitest';
import { sessionChoices } from '../../../../src/core/tree/sessionChoices.js';
import type { SessionSummary } from '../../../../src/core/tree/summary.js';
import { start, summary } from './summaries.js';

const sessions: readonly SessionSummary[] = [
  summary('aa11', { name: 'Parser', activeAt: start + 1 }),
  summary('aa22', { name: 'Parser and lexer', activeAt: start + 3 }),
  summary('bb33', { name: 'aa', activeAt: start + 2, folder: '/work/two' }),
  summary('cc44', { name: '', activeAt: start + 4 }),
];

function ids(query: string, limit = 10): readonly string[] {
  const folderName = (path: string): string => (path === '/work/two' ? 'Backend' : 'Frontend');
  return sessionChoices(sessions, query, folderName, limit).sessions.map(({ id }) => id);
}

describe('The sessions offered for what was typed', () => {
  it('S2 are all without anything, the newest activity first', () => {
    expect(ids('')).toEqual(['cc44', 'aa22', 'bb33', 'aa11']);
    expect(ids('  ')).toEqual(['cc44', 'aa22', 'bb33', 'aa11']);
  });

  it('S2 begin with the exact id, the exact name, or what begins so, though others are newer', () => {
    expect(ids('aa11')).toEqual(['aa11']);
    expect(ids('Parser')).toEqual(['aa11', 'aa22']);
    expect(ids('aa')).toEqual(['bb33', 'aa22', 'aa11']);
    expect(ids('Par')).toEqual(['aa22', 'aa11']);
  });

  it('S2 are those that hold every word, in the name, the folder or the id', () => {
    expect(ids('lexer parser')).toEqual(['aa22']);
    expect(ids('backend')).toEqual(['bb33']);
    expect(ids('frontend PARSER')).toEqual(['aa22', 'aa11']);
    expect(ids('/work/two')).toEqual(['bb33']);
    expect(ids('nothing')).toEqual([]);
  });

  it('S2 are so many at most, and it is said how many more there are', () => {
    expect(ids('', 3)).toEqual(['cc44', 'aa22', 'bb33']);
    expect(sessionChoices(sessions, '', (path) => path, 3).more).toBe(1);
    expect(sessionChoices(sessions, '', (path) => path, 4).more).toBe(0);
  });
});
