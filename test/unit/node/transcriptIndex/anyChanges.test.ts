import fc from 'fast-check';
import { appendFileSync, existsSync, renameSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { SessionIndexEntry } from '../../../../src/core/sessionIndex.js';
import type { TranscriptIndex } from '../../../../src/node/transcriptIndex/transcriptIndex.js';
import { IndexStage, transcriptLines } from './indexStage.js';

const id = fc.constantFrom('a', 'b');
/** Two folders that are indexed, and one whose project folder has the name of the first one's. */
const place = fc.constantFrom('in/one', 'in/two', 'in-one');
const file = { id, place };

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), ...file, minute: fc.nat({ max: 9 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), ...file, text: fc.string() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), ...file, to: fc.nat({ max: 900 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), ...file }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), ...file, to: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('date' as const), ...file, to: fc.nat({ max: 2_000_000_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('removeFolder' as const), place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('refresh' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A watch that tells nothing, so that only comparing finds what changed. */
const blind = { watch: () => ({ dispose: () => undefined }) };

/** Does to the disk what others could do at any time. */
function change(stage: IndexStage, action: Exclude<Step, { do: 'refresh' | 'restart' }>): void {
  const cwd = join(stage.root, action.place);
  const path = stage.path(cwd, 'id' in action ? action.id : 'x');
  if (action.do === 'write') {
    stage.put({ id: action.id, cwd, minute: action.minute });
    return;
  }
  if (action.do === 'removeFolder') {
    rmSync(dirname(path), { recursive: true, force: true });
    return;
  }
  if (!existsSync(path)) return;
  if (action.do === 'append') {
    const title = JSON.stringify({ type: 'custom-title', customTitle: action.text, sessionId: action.id });
    appendFileSync(path, `${[title, ...transcriptLines({ cwd, prompts: [action.text] })].join('\n')}\n`);
  } else if (action.do === 'cut') truncateSync(path, action.to);
  else if (action.do === 'remove') rmSync(path);
  else if (action.do === 'date') utimesSync(path, action.to, action.to);
  else {
    const target = stage.path(join(stage.root, action.to), action.id);
    if (existsSync(dirname(target))) renameSync(path, target);
  }
}

it('S3 after any changes the index is what a first reading finds, and its events told of every difference', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), fc.boolean(), async (steps, isWatched) => {
      const stage = new IndexStage();
      try {
        const folders = [stage.folder('in/one'), stage.folder('in/two')];
        const follow = async (): Promise<{ index: TranscriptIndex; told: Map<string, SessionIndexEntry> }> => {
          const index = stage.index(isWatched ? {} : blind);
          const told = new Map<string, SessionIndexEntry>();
          index.onChange(({ changed, removed }) => {
            for (const each of removed) told.delete(each);
            for (const each of changed) {
              const entry = index.get(each);
              if (entry) told.set(each, entry);
            }
          });
          index.setFolders(folders);
          index.start();
          await index.settled();
          return { index, told };
        };
        let followed = await follow();
        for (const action of steps) {
          if (action.do === 'refresh') await followed.index.refresh();
          else if (action.do === 'restart') {
            await followed.index.save();
            followed.index.dispose();
            followed = await follow();
          } else change(stage, action);
        }
        await followed.index.refresh();
        const fresh = await stage.started({ storage: join(stage.root, 'nothing kept') }, folders);
        expect(followed.index.entries()).toEqual(fresh.entries());
        expect([...followed.told.values()]).toEqual(expect.arrayContaining([...fresh.entries()]));
        expect(followed.told.size).toBe(fresh.entries().length);
        expect(stage.logger.errors).toEqual([]);
      } finally {
        stage.dispose();
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);
