import { describe, expect, it } from 'vitest';
import { Forest } from '../../../../src/core/tree/forest.js';
import { present, type Presentation } from '../../../../src/core/tree/presentation.js';
import type { SectionFolder, SessionSummary, TreeState } from '../../../../src/core/tree/summary.js';
import { money, shortAge, spokenAge } from '../../../../src/core/tree/words.js';
import { folder, fork, start, summary } from './summaries.js';

const minute = 60_000;

function forest(
  summaries: readonly SessionSummary[],
  folders: readonly SectionFolder[] = [folder('/work/one')],
): Forest {
  const grown = new Forest();
  grown.setFolders(folders);
  grown.replace(summaries);
  return grown;
}

function first(grown: Forest, now = start + 5 * minute): Presentation {
  const [node] = grown.roots;
  const content = node && grown.content(node);
  if (!content) throw new Error('The tree is empty');
  return present(content, now);
}

describe('What is shown of a session', () => {
  it('F3 gives each state an icon of its own and says it in words', () => {
    const states: readonly TreeState[] = ['idle', 'starting', 'ready', 'running', 'waiting', 'stopping', 'foreign'];
    const shown = [
      ...states.map((state) => summary('a', { state })),
      summary('a', { failed: true }),
      summary('a', { unread: true }),
    ].map((one) => first(forest([one])));
    expect(new Set(shown.map(({ look }) => look.icon)).size).toBe(shown.length);
    const words = [
      'asleep',
      'starting',
      'ready',
      'running',
      'waiting for you',
      'stopping',
      'outside',
      'failed',
      'unread',
    ];
    for (const [index, word] of words.entries()) expect(shown[index]?.spoken).toContain(word);
  });

  it('F3 U4 says name, state, age and cost', () => {
    const shown = first(
      forest([
        summary('a', { name: 'Parser', state: 'running', costUsd: 0.123, unread: true, tags: ['red'] }),
        fork('f', 'a', 2, { costUsd: 1, waiting: true, activeAt: start + 4 * minute }),
      ]),
    );
    expect(shown.label).toBe('Parser');
    expect(shown.description).toBe(
      'running · 1 fork waits for you · 5 min · $0.12 · 1 fork, newest 1 min · $1.12 with forks',
    );
    expect(shown.spoken).toBe(
      'Parser, running, unread, 1 fork waits for you, active 5 minutes ago, cost $0.12, 1 fork, cost with forks $1.12, tagged red',
    );
    expect(shown.context).toBe('session stop=1 star=0 archive=0 unread=1');
  });

  it('F3 shows the message that forks left from, and a folder with its branch', () => {
    const grown = forest(
      [summary('a'), fork('f', 'a', 7, { waiting: true })],
      [folder('/work/one', { branch: 'main' }), folder('/work/two')],
    );
    expect(first(grown)).toMatchObject({
      label: 'one',
      description: 'main · 1 waiting for you',
      spoken: 'Folder, one, branch main, 1 session, 1 waiting for you',
    });
    const node = grown.node('f');
    const point = node && grown.parent(node);
    const content = point && grown.content(point);
    expect(content && present(content, start)).toMatchObject({
      label: 'Message 7',
      description: 'message 7 · 1 fork · 1 waiting for you',
      spoken: 'Forked from message 7: Message 7, 1 fork, 1 waiting for you',
    });
  });

  it('U5 shows hostile names as plain text of one line', () => {
    const hostile = '[run](command:evil) $(bug) \u202Egnp\n<img src=x>' + 'x'.repeat(5000);
    const shown = first(forest([summary('a', { name: hostile, tags: ['t\nag'] })]));
    for (const text of [shown.label, shown.description, shown.spoken]) {
      expect(text).not.toMatch(/[\n\u202E]/u);
      expect(text.length).toBeLessThan(300);
    }
    expect(shown.tooltip).not.toContain('\u202E');
    expect(first(forest([summary('a', { name: ' \n' })])).label).toBe('New session');
  });

  it('F4 says why a fork stands at the top', () => {
    const shown = first(forest([fork('f', 'gone', 1)]));
    expect(shown.description).toContain('parent gone');
    expect(shown.tooltip).toContain('The session that this was forked from is gone.');
  });

  it('F3 says ages in short and in words, also when the clock was set back', () => {
    const ages = [-minute, 0, minute - 1, minute, 59 * minute, 60 * minute, 72 * 60 * minute];
    expect(ages.map((age) => shortAge(start - age, start))).toEqual([
      'now',
      'now',
      'now',
      '1 min',
      '59 min',
      '1 h',
      '3 d',
    ]);
    const days = [7, 29, 30, 365].map((count) => start - count * 24 * 60 * minute);
    expect(days.map((at) => shortAge(at, start))).toEqual(['1 wk', '4 wk', '1 mo', '1 y']);
    expect(spokenAge(start - minute, start)).toBe('1 minute ago');
    expect(spokenAge(start, start)).toBe('just now');
  });

  it('M1 shows no cost where none is known', () => {
    expect([0, 1, 10_000, 1_234_567].map(money)).toEqual([undefined, '<$0.01', '$0.01', '$1.23']);
    expect(first(forest([summary('a')])).description).toBe('5 min');
  });
});
