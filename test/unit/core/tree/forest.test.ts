import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../../src/core/tree/filter.js';
import { Forest } from '../../../../src/core/tree/forest.js';
import type { SessionContent } from '../../../../src/core/tree/nodes.js';
import type { SectionFolder, SessionSummary } from '../../../../src/core/tree/summary.js';
import { lines } from './pictures.js';
import { folder, fork, start, summary } from './summaries.js';

function grow(summaries: readonly SessionSummary[], folders: readonly SectionFolder[] = [folder('/work/one')]): Forest {
  const forest = new Forest();
  forest.setFolders(folders);
  forest.replace(summaries);
  return forest;
}

function session(forest: Forest, id: string): SessionContent {
  const node = forest.node(id);
  const content = node && forest.content(node);
  if (content?.kind !== 'session') throw new Error(`${id} is not there`);
  return content;
}

function keys(nodes: readonly { readonly key: string }[]): string[] {
  return nodes.map(({ key }) => key).sort();
}

describe('The tree of sessions', () => {
  it('S2 lists sessions newest activity first', () => {
    const forest = grow([summary('a', { activeAt: 1 }), summary('b', { activeAt: 3 }), summary('c', { activeAt: 2 })]);
    expect(lines(forest)).toEqual(['b', 'c', 'a']);
  });

  it('F3 shows forks under the message they left from, in the order of the conversation, to any depth', () => {
    const forest = grow([
      summary('a'),
      fork('whole', 'a', null),
      fork('late', 'a', 12),
      fork('early', 'a', 3, { activeAt: start + 1 }),
      fork('early too', 'a', 3, { activeAt: start + 2 }),
      fork('deep', 'early', 2),
      fork('deeper', 'deep', 2),
    ]);
    expect(lines(forest)).toEqual([
      'a',
      '  @ Message 3',
      '    early too',
      '    early',
      '      @ Message 2',
      '        deep',
      '          @ Message 2',
      '            deeper',
      '  @ Message 12',
      '    late',
      '  @ whole',
      '    whole',
    ]);
  });

  it('F3 brings a tree whose fork was just used to the top', () => {
    const forest = grow([
      summary('old', { activeAt: 1 }),
      summary('new', { activeAt: 5 }),
      fork('f', 'old', 1, { activeAt: 9 }),
    ]);
    expect(forest.roots.map(({ key }) => key)).toEqual(['session:old', 'session:new']);
  });

  it('F4 puts a fork whose parent is gone at the top, and under it again when it comes back', () => {
    const forest = grow([fork('f', 'a', 1)]);
    expect(lines(forest)).toEqual(['f parentGone']);
    forest.update([['a', summary('a')]]);
    expect(lines(forest)).toEqual(['a', '  @ Message 1', '    f']);
    forest.update([['a', undefined]]);
    expect(lines(forest)).toEqual(['f parentGone']);
  });

  it('F4 opens a lineage that goes in a circle at its oldest session', () => {
    const circle = [
      fork('b', 'a', 1, { createdAt: 2 }),
      fork('a', 'c', 1, { createdAt: 1 }),
      fork('c', 'b', 1, { createdAt: 3 }),
      fork('self', 'self', 1),
    ];
    const forest = grow(circle);
    expect(lines(forest)).toEqual(
      ['self cycle', 'a cycle', '  @ Message 1', '    b', '      @ Message 1', '        c'].sort(
        (x, y) => lines(forest).indexOf(x) - lines(forest).indexOf(y),
      ),
    );
    forest.update([['a', summary('a', { createdAt: 1 })]]);
    expect(lines(forest)).toContain('a');
    expect(session(forest, 'a').note).toBeNull();
  });

  it('S9 has a section for each folder of the workspace, with its branch, and keeps their order', () => {
    const folders = [folder('/work/two', { branch: 'main' }), folder('/work/one', { worktrees: ['/work/tree'] })];
    const forest = grow(
      [summary('a'), summary('w', { folder: '/work/tree', activeAt: 1 }), summary('x', { folder: 'C:\\other\\' })],
      folders,
    );
    expect(lines(forest)).toEqual(['[two]', '[one]', '  a', '  w', '[other]', '  x']);
    const [two] = forest.roots;
    expect(two && forest.content(two)).toMatchObject({ branch: 'main', sessions: 0 });
    expect(session(forest, 'w').otherFolder).toBe('/work/tree');
    expect(session(forest, 'a').otherFolder).toBeNull();
  });

  it('S9 shows no section for a single folder', () => {
    expect(lines(grow([summary('a')]))).toEqual(['a']);
    expect(lines(grow([]))).toEqual([]);
  });

  it('S9 follows folders that come and go', () => {
    const forest = grow([summary('a'), summary('b', { folder: '/work/two' })]);
    expect(lines(forest)).toEqual(['[one]', '  a', '[two]', '  b']);
    forest.setFolders([folder('/work/two'), folder('/work/one')]);
    expect(lines(forest)).toEqual(['[two]', '  b', '[one]', '  a']);
    expect(forest.setFolders([folder('/work/two', { worktrees: ['/work/one'] })]).roots).toBe(true);
    expect(lines(forest)).toEqual(['b', 'a'].sort());
  });

  it('F3 M1 sums the cost of a session and its forks, and counts those that wait for the user', () => {
    const forest = grow([
      summary('a', { costUsd: 0.1 }),
      fork('f', 'a', 1, { costUsd: 0.2, waiting: true }),
      fork('g', 'f', 1, { costUsd: 0.3, state: 'waiting', archived: true }),
    ]);
    expect(session(forest, 'a').totals).toMatchObject({ costMicros: 600_000, waiting: 2, visible: 2 });
    expect(forest.waiting).toBe(2);
  });

  it('F3 names just what changed', () => {
    const forest = grow([summary('a'), summary('b'), fork('f', 'a', 1), fork('g', 'a', 2), fork('h', 'f', 1)]);
    const renamed = forest.update([['h', fork('h', 'f', 1, { name: 'New' })]]);
    expect({ ...renamed, nodes: keys(renamed.nodes) }).toEqual({ roots: false, nodes: ['session:h'] });
    const spent = forest.update([['h', fork('h', 'f', 1, { name: 'New', costUsd: 1 })]]);
    expect(keys(spent.nodes)).toEqual(['session:a', 'session:f', 'session:h']);
    expect(forest.update([['b', summary('b')]])).toEqual({ roots: false, nodes: [] });
    expect(forest.update([['b', summary('b', { activeAt: start + 1 })]]).roots).toBe(true);
  });

  it('F3 keeps the nodes, so that a view can hold on to them', () => {
    const forest = grow([summary('a'), fork('f', 'a', 1)]);
    const before = forest.node('f');
    forest.replace([summary('a', { name: 'x' }), summary('f')]);
    expect(forest.node('f')).toBe(before);
    expect(forest.owns(before)).toBe(true);
    expect(forest.owns({ ...before })).toBe(false);
  });

  it('S2 shows a long list in pages, and as far as a session that is to be seen', () => {
    const many = Array.from({ length: 450 }, (_, index) => summary(String(index), { activeAt: index }));
    const forest = grow(many);
    expect(forest.roots).toHaveLength(201);
    expect(lines(forest).at(-1)).toBe('250 more');
    const diff = forest.showMore('/work/one');
    expect(diff.roots).toBe(true);
    expect(lines(forest).at(-1)).toBe('50 more');
    expect(forest.showUntil('449')).toEqual({ roots: false, nodes: [] });
    expect(forest.showUntil('0')?.roots).toBe(true);
    expect(forest.roots).toHaveLength(450);
    expect(forest.showUntil('none')).toBeNull();
  });

  it('F3 shows what a filter finds, with what it stands under', () => {
    const forest = grow([
      summary('a', { name: 'Parser' }),
      fork('f', 'a', 1, { name: 'Try tabs', tags: ['To Do'] }),
      fork('g', 'a', 2, { starred: true, failed: true }),
      summary('b', { archived: true, name: 'tabs' }),
    ]);
    const found = (text: string): string[] => {
      forest.setFilter(parseFilter(text).filter);
      return lines(forest);
    };
    expect(found('TABS try')).toEqual(['a', '  @ Message 1', '    f']);
    expect(found('tag:"to do"')).toEqual(['a', '  @ Message 1', '    f']);
    expect(found('is:starred is:failed')).toEqual(['a', '  @ Message 2', '    g']);
    expect(found('is:archived')).toEqual(['b']);
    expect(found('"message 2"')).toEqual(['a', '  @ Message 2', '    g']);
    expect(found('nothing like it')).toEqual([]);
    expect(found('')).not.toContain('b');
    forest.setFilter(parseFilter('', 'show').filter);
    expect(lines(forest)).toContain('b');
    expect(parseFilter('is:green x is:').unknown).toEqual(['is:green']);
  });

  it('S2 orders by name as people do, by creation, and by cost with the forks', () => {
    const forest = grow([
      summary('x', { name: 'Part 10', createdAt: 1, costUsd: 1 }),
      summary('y', { name: 'part 9', createdAt: 3 }),
      summary('z', { name: 'Über', createdAt: 2, costUsd: 0.5 }),
      fork('f', 'z', 1, { costUsd: 2 }),
    ]);
    const top = (): string[] => lines(forest).filter((line) => !line.startsWith(' '));
    forest.setOrder('name');
    expect(top()).toEqual(['y', 'x', 'z']);
    forest.setOrder('created');
    expect(top()).toEqual(['y', 'z', 'x']);
    forest.setOrder('cost');
    expect(top()).toEqual(['z', 'x', 'y']);
  });
});
