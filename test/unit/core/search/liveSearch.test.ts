import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AsyncQueue } from '../../../../src/base/asyncQueue.js';
import type { CancellationToken } from '../../../../src/base/cancellation.js';
import { ArborError } from '../../../../src/base/errors.js';
import { excerptOf } from '../../../../src/core/search/excerpt.js';
import { groupHits, speakerOf } from '../../../../src/core/search/groups.js';
import { LiveSearch, typingPauseMs, updateMs, type SearchState } from '../../../../src/core/search/liveSearch.js';
import { isSearchable, parseQuery, type SearchQuery } from '../../../../src/core/search/query.js';
import type { SearchHit, SearchItem, SessionSearch } from '../../../../src/core/search/search.js';
import { ManualClock, settled } from '../../../support/fakes/manualClock.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';

function hit(sessionId: string, at: number, more: Partial<SearchHit> = {}): SearchHit {
  const fields = { path: 'p', messageUuid: `m${String(at)}`, subagent: null, role: 'user', tool: null } as const;
  return { sessionId, at, excerpt: 'x', ranges: [], ...fields, ...more };
}

/** Searches that a test answers. */
class FakeSearch implements SessionSearch {
  readonly runs: { query: SearchQuery; token: CancellationToken; items: AsyncQueue<SearchItem> }[] = [];

  async *search(query: SearchQuery, token: CancellationToken): AsyncGenerator<SearchItem, undefined> {
    const items = new AsyncQueue<SearchItem>();
    this.runs.push({ query, token, items });
    for await (const batch of items) yield* batch;
  }
}

let clock: ManualClock;
let search: FakeSearch;
let logger: RecordingLogger;
let live: LiveSearch;
let states: SearchState[];

beforeEach(() => {
  clock = new ManualClock();
  search = new FakeSearch();
  logger = new RecordingLogger();
  states = [];
  live = new LiveSearch({
    search,
    clock,
    logger,
    names: () => Promise.resolve(new Map([['one', 'First']])),
  });
  live.onChange((state) => states.push(state));
});
afterEach(() => {
  live.dispose();
  expect(clock.pending).toBe(0);
});

async function typed(text: string): Promise<void> {
  live.type(text);
  clock.advance(typingPauseMs);
  await settled();
}

describe('searching while the user types', () => {
  it('U3 waits for a pause, and ends the search before', async () => {
    live.type('nee');
    clock.advance(typingPauseMs - 1);
    live.type('needle');
    clock.advance(typingPauseMs - 1);
    expect(search.runs).toEqual([]);
    clock.advance(1);
    await settled();
    expect(search.runs.map(({ query }) => query.text)).toEqual(['needle']);
    await typed('needles');
    expect(search.runs.map(({ token }) => token.isCancelled)).toEqual([true, false]);
    search.runs[0]?.items.push({ kind: 'hits', hits: [hit('one', 1)] });
    await settled();
    expect(live.state).toMatchObject({ kind: 'searching', hits: 0 });
  });

  it('U3 shows the first hits at once, then more now and then, and all at the end, by session, newest first', async () => {
    await typed('needle');
    const items = search.runs[0]?.items;
    items?.push({ kind: 'hits', hits: [hit('one', 1)] });
    await settled();
    expect(live.state).toMatchObject({ kind: 'searching', hits: 1 });
    items?.push({ kind: 'hits', hits: [hit('two-two-two', 5)] });
    await settled();
    expect(live.state).toMatchObject({ hits: 1 });
    clock.advance(updateMs);
    items?.push({ kind: 'hits', hits: [hit('one', 3)] });
    await settled();
    expect(live.state).toMatchObject({ hits: 3 });
    items?.push({ kind: 'end', skipped: 2, truncated: true });
    items?.end();
    await settled();
    expect(live.state).toMatchObject({ kind: 'done', hits: 3, skipped: 2, truncated: true });
    const groups = live.state.kind === 'done' ? live.state.groups : [];
    expect(groups.map(({ name, hits }) => [name, ...hits.map(({ at }) => at)])).toEqual([
      ['two-two-', 5],
      ['First', 3, 1],
    ]);
    expect(states.map(({ kind }) => kind)).toEqual(['searching', 'searching', 'searching', 'done']);
  });

  it('U3 tells what to type, and why it could not search', async () => {
    await typed('n');
    expect(live.state).toEqual({ kind: 'idle', hint: 'Type at least 2 characters.' });
    await typed('needle after:yesterday');
    expect(live.state).toEqual({ kind: 'idle', hint: '“after:” takes a day such as 2026-03-31.' });
    expect(search.runs).toEqual([]);
    await typed('needle');
    search.runs[0]?.items.fail(new ArborError({ code: 'ripgrepNotFound', what: 'No ripgrep.' }));
    await settled();
    expect(live.state).toEqual({ kind: 'failed', explanation: { code: 'ripgrepNotFound', what: 'No ripgrep.' } });
  });

  it('U3 a search that was given up says nothing any more, also not that it failed', async () => {
    await typed('needle');
    live.type('');
    const before = states.length;
    search.runs[0]?.items.fail(new Error('killed'));
    await settled();
    expect(states.length).toBe(before);
    expect(search.runs[0]?.token.isCancelled).toBe(true);
  });
});

describe('what is typed', () => {
  const none = { file: null, tool: null, from: null, until: null };
  it.each([
    ['needle in hay', { text: 'needle in hay' }],
    ['tool:Bash needle', { text: 'needle', tool: 'Bash' }],
    ['a tool:Read b', { text: 'a b', tool: 'Read' }],
    ['file:"my file.ts" x y', { text: 'x y', file: 'my file.ts' }],
    [String.raw`\tool:x`, { text: 'tool:x' }],
    ['nottool:x', { text: 'nottool:x' }],
    ['after:2026-01-02 x1', { text: 'x1', from: new Date(2026, 0, 2).getTime() }],
    ['before:2026-01-02', { text: '', until: new Date(2026, 0, 2).getTime() }],
    ['"quoted" -e $(x)', { text: '"quoted" -e $(x)' }],
  ])('U3 %j is text and filters', (input, query) => {
    expect(parseQuery(input)).toEqual({ query: { ...none, ...query }, problem: null });
  });

  it.each(['after:x', 'before:2026-13-01', 'after:2026-02-30'])('U3 %j is no day', (input) => {
    expect(parseQuery(input).problem).toContain('takes a day');
  });

  it.each([
    ['x', false],
    ['ab', true],
    ['👋', false],
    ['tool:Bash', true],
    ['file:a', true],
    ['before:2026-01-02', false],
    ['x tool:Bash', false],
    ['', false],
  ])('U3 %j can be searched for: %s', (input, expected) => {
    expect(isSearchable(parseQuery(input).query)).toBe(expected);
  });
});

describe('how a hit is shown', () => {
  it('U3 an excerpt is one line around the place, with what could hide in it visible', () => {
    expect(excerptOf('a\n\n b\u202ec', [{ start: 4, end: 5 }])).toEqual({
      excerpt: 'a b⟨U+202E⟩c',
      ranges: [{ start: 2, end: 3 }],
    });
    const text = `${'👋'.repeat(100)}needle${'y'.repeat(500)}needle`;
    const { excerpt, ranges } = excerptOf(text, [
      { start: 200, end: 206 },
      { start: 706, end: 712 },
    ]);
    expect(ranges.map(({ start, end }) => excerpt.slice(start, end))).toEqual(['needle']);
    expect(excerpt).toMatch(/^…👋+needley+…$/u);
    expect(excerptOf('z'.repeat(9000), [{ start: 0, end: 9000 }]).excerpt.length).toBeLessThan(400);
  });

  it('U3 with who said it', () => {
    expect(speakerOf(hit('one', 1))).toBe('You');
    expect(speakerOf(hit('one', 1, { role: 'assistant' }))).toBe('Claude');
    expect(speakerOf(hit('one', 1, { role: 'assistant', tool: 'Bash', subagent: 'a' }))).toBe('Tool: Bash (subagent)');
    expect(speakerOf(hit('one', 1, { role: 'tool' }))).toBe('Tool result');
    expect(groupHits([], new Map())).toEqual([]);
  });
});
