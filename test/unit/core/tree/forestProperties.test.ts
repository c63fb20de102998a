import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noFilter, parseFilter } from '../../../../src/core/tree/filter.js';
import { Forest, type ForestDiff, type SessionChange } from '../../../../src/core/tree/forest.js';
import type { TreeNode } from '../../../../src/core/tree/nodes.js';
import { sortOrders, type SortOrder } from '../../../../src/core/tree/order.js';
import type { SectionFolder, SessionSummary } from '../../../../src/core/tree/summary.js';
import { picture, shown, type Picture } from './pictures.js';
import { anySummary, folder, ids } from './summaries.js';

const someFolders: readonly (readonly SectionFolder[])[] = [
  [folder('/work/one')],
  [folder('/work/one', { worktrees: ['/work/tree'] }), folder('/work/two', { branch: 'main' })],
  [folder('/work/two'), folder('/work/one')],
  [],
];

/** Something that happens to a forest. */
type Step =
  | { readonly do: 'update'; readonly changes: readonly SessionChange[] }
  | { readonly do: 'filter'; readonly text: string; readonly archived: 'hide' | 'show' }
  | { readonly do: 'order'; readonly order: SortOrder }
  | { readonly do: 'folders'; readonly folders: readonly SectionFolder[] };

const change = fc.oneof(
  { weight: 4, arbitrary: anySummary.map((one): SessionChange => [one.id, one]) },
  { weight: 1, arbitrary: fc.constantFrom(...ids).map((id): SessionChange => [id, undefined]) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('update' as const), changes: fc.array(change, { maxLength: 4 }) }),
  },
  fc.record({
    do: fc.constant('filter' as const),
    text: fc.constantFrom('', 'beta', 'is:waiting', 'tag:green', 'is:starred', 'is:archived'),
    archived: fc.constantFrom('hide' as const, 'show' as const),
  }),
  fc.record({ do: fc.constant('order' as const), order: fc.constantFrom(...sortOrders) }),
  fc.record({ do: fc.constant('folders' as const), folders: fc.constantFrom(...someFolders) }),
);

/** What a forest was last told, to grow another one from. */
class Told {
  readonly sessions = new Map<string, SessionSummary>();
  filter = noFilter;
  order: SortOrder = 'activity';
  folders: readonly SectionFolder[] = [];

  tell(forest: Forest, next: Step): ForestDiff {
    switch (next.do) {
      case 'update':
        for (const [id, summary] of next.changes) {
          if (summary) this.sessions.set(id, summary);
          else this.sessions.delete(id);
        }
        return forest.update(next.changes);
      case 'filter':
        this.filter = parseFilter(next.text, next.archived).filter;
        return forest.setFilter(this.filter);
      case 'order':
        this.order = next.order;
        return forest.setOrder(this.order);
      case 'folders':
        this.folders = next.folders;
        return forest.setFolders(this.folders);
    }
  }

  fresh(): Forest {
    const forest = new Forest();
    forest.setFolders(this.folders);
    forest.setFilter(this.filter);
    forest.setOrder(this.order);
    forest.replace([...this.sessions.values()]);
    return forest;
  }
}

/** What a view shows that had a picture and asks again only for what the diff names, and for what it has never seen. */
function refreshed(before: Picture, diff: ForestDiff, forest: Forest): Picture {
  const stale = new Set(diff.nodes.map(({ key }) => key));
  const byKey = new Map<string, TreeNode>();
  const remember = (nodes: readonly TreeNode[]): void => {
    for (const node of nodes) byKey.set(node.key, node);
  };
  const roots = diff.roots ? forest.roots.map(({ key }) => key) : before.roots;
  remember(forest.roots);
  remember(diff.nodes);
  const nodes = new Map<string, ReturnType<typeof shown>>();
  const walk = (key: string): void => {
    const known = stale.has(key) ? undefined : before.nodes.get(key);
    const node = byKey.get(key);
    if (node) remember(forest.children(node));
    const now = known ?? (node && shown(forest, node));
    if (!now) return;
    nodes.set(key, now);
    for (const child of now.children) walk(child);
  };
  for (const key of roots) walk(key);
  return { roots, nodes };
}

describe('The tree of sessions, whatever happens', () => {
  it('F3 S9 is after any changes what it would be if grown anew', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const told = new Told();
        const forest = told.fresh();
        for (const next of steps) {
          told.tell(forest, next);
          expect(picture(forest)).toEqual(picture(told.fresh()));
        }
      }),
      { numRuns: 600 },
    );
  });

  it('F3 says with each change all that is shown differently, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const told = new Told();
        const forest = told.fresh();
        for (const next of steps) {
          const before = picture(forest);
          const diff = told.tell(forest, next);
          const after = picture(forest);
          expect(refreshed(before, diff, forest)).toEqual(after);
          expect(diff.roots).toBe(JSON.stringify(before.roots) !== JSON.stringify(after.roots));
          for (const { key } of diff.nodes) {
            expect(after.nodes.get(key)).toBeDefined();
            expect(after.nodes.get(key)).not.toEqual(before.nodes.get(key));
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  it('F3 F4 shows every session once, under its parent where there is one that is not its own offspring', () => {
    fc.assert(
      fc.property(fc.array(anySummary, { maxLength: 30 }), (summaries) => {
        const forest = new Forest();
        forest.setFilter(parseFilter('', 'show').filter);
        const sessions = new Map(summaries.map((one) => [one.id, one]));
        forest.replace([...sessions.values()]);
        const { nodes } = picture(forest);
        const found = [...nodes.values()].flatMap(({ content }) => (content?.kind === 'session' ? [content] : []));
        expect(found.map(({ summary }) => summary.id).sort()).toEqual([...sessions.keys()].sort());
        for (const { summary, note, totals } of found) {
          const node = forest.node(summary.id);
          const point = node && forest.parent(node);
          const parent = point?.kind === 'forkPoint' ? point.parent : undefined;
          const named = summary.lineage?.parent;
          if (note === null) expect(parent).toBe(named);
          else expect(parent).toBeUndefined();
          expect(note === 'parentGone').toBe(named !== undefined && !sessions.has(named));
          if (note === 'cycle') expect(ancestors(summary, sessions)).toContain(summary.id);
          const under = found.filter((other) => isUnder(forest, other.summary.id, summary.id));
          expect(totals.visible).toBe(under.length);
          const cost = under.reduce((sum, other) => sum + other.summary.costUsd, 0);
          expect(totals.costMicros / 1e6).toBeCloseTo(cost, 9);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function ancestors({ lineage }: SessionSummary, sessions: ReadonlyMap<string, SessionSummary>): Set<string> {
  const seen = new Set<string>();
  for (let id = lineage?.parent; id !== undefined && !seen.has(id); id = sessions.get(id)?.lineage?.parent)
    seen.add(id);
  return seen;
}

function isUnder(forest: Forest, id: string, above: string): boolean {
  for (let at: TreeNode | undefined = forest.node(id); at; at = forest.parent(at)) {
    if (at.kind === 'session' && at.id === above) return true;
  }
  return false;
}
