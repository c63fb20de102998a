import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { indexFileName } from '../../../../src/node/transcriptIndex/indexFile.js';
import { nodeFileSystem, type FileSystem } from '../../../../src/node/store/fileSystem.js';
import { ManualClock } from '../../../support/fakes/manualClock.js';
import { firstTime, IndexStage, transcriptLines, until } from './indexStage.js';

let stage: IndexStage;

beforeEach(() => {
  stage = new IndexStage();
});
afterEach(() => {
  stage.dispose();
});

const title = (text: string): string => JSON.stringify({ type: 'custom-title', customTitle: text, sessionId: 'x' });

/** A watch that tells nothing, so that only comparing finds what changed. */
const blind = { watch: () => ({ dispose: () => undefined }) };

describe('the index of transcripts', () => {
  it('S2 S3 lists the sessions of its folders, the newest activity first, and no others', async () => {
    const { workspace: cwd } = stage;
    stage.put({ id: 'old', cwd, minute: 1 });
    stage.put({ id: 'new', cwd, minute: 9, prompts: ['Newer'] });
    stage.put({ id: 'other', cwd: stage.folder('other') });
    stage.write(stage.path(cwd, 'empty'), []);
    stage.write(join(dirname(stage.path(cwd, 'x')), 'notes.txt'), ['no transcript']);
    const index = await stage.started();
    expect(index.entries().map(({ id }) => id)).toEqual(['new', 'old']);
    expect(index.get('new')).toMatchObject({ folder: cwd, cwd, title: 'Newer', createdAt: firstTime + 9 * 60_000 });
    expect(index.get('other')).toBeUndefined();
    expect(stage.logger.errors).toEqual([]);
  });

  it('S3 a change of folders shows their sessions and no longer those of the others', async () => {
    const other = stage.folder('other');
    stage.put({ id: 'a', cwd: stage.workspace });
    stage.put({ id: 'b', cwd: other });
    const index = await stage.started();
    index.setFolders([stage.workspace, other]);
    await index.settled();
    expect(stage.changes.at(-1)).toEqual({ changed: ['b'], removed: [] });
    index.setFolders([other]);
    await index.settled();
    expect(index.entries().map(({ id }) => id)).toEqual(['b']);
    expect(stage.changes.at(-1)).toEqual({ changed: [], removed: ['a'] });
  });

  it('S3 of two transcripts with one id the newest wins and the other is told of', async () => {
    const other = stage.folder('other');
    const older = stage.put({ id: 'same', cwd: stage.workspace, minute: 1 });
    const newer = stage.put({ id: 'same', cwd: other, minute: 2 });
    const index = await stage.started({}, [stage.workspace, other]);
    expect(index.entries()).toHaveLength(1);
    expect(index.get('same')).toMatchObject({
      path: newer,
      folder: other,
      also: [{ folder: stage.workspace, cwd: stage.workspace, path: older }],
    });
    rmSync(newer);
    await index.refresh();
    expect(index.get('same')).toMatchObject({ path: older, also: [] });
  });

  it('S3 the configuration folder can become another one', async () => {
    stage.put({ id: 'a', cwd: stage.workspace });
    let config = stage.config;
    const index = await stage.started({ configFolder: () => config });
    config = stage.folder('elsewhere');
    await index.refresh();
    expect(index.entries()).toEqual([]);
  });
});

describe('what changes on the disk', () => {
  it('S3 a session that somebody else begins appears within a second, also where there was no folder for it', async () => {
    const index = await stage.started();
    const began = performance.now();
    stage.put({ id: 'a', cwd: stage.workspace });
    await until(index, () => index.get('a') !== undefined);
    expect(performance.now() - began).toBeLessThan(1000);
    const second = performance.now();
    stage.put({ id: 'b', cwd: stage.workspace });
    await until(index, () => index.get('b') !== undefined);
    expect(performance.now() - second).toBeLessThan(1000);
    expect(stage.changes).toEqual([
      { changed: ['a'], removed: [] },
      { changed: ['b'], removed: [] },
    ]);
  });

  it('S3 sessions appear though even the configuration folder came later', async () => {
    const config = join(stage.root, 'home', '.claude');
    const index = await stage.started({ configFolder: () => config });
    const path = stage.put({ id: 'a', cwd: stage.workspace });
    mkdirSync(dirname(config));
    renameSync(stage.config, config);
    await until(index, () => index.get('a') !== undefined);
    expect(index.get('a')?.path).toBe(path.replace(stage.config, config));
  });

  it('S3 a change is told of with just its id, and a deletion too', async () => {
    const { workspace: cwd } = stage;
    const [a, b] = [stage.put({ id: 'a', cwd }), stage.put({ id: 'b', cwd })];
    const index = await stage.started();
    stage.changes.length = 0;
    appendFileSync(a, `${title('Renamed')}\n`);
    await until(index, () => index.get('a')?.title === 'Renamed');
    rmSync(b);
    await until(index, () => index.get('b') === undefined);
    expect(stage.changes).toEqual([
      { changed: ['a'], removed: [] },
      { changed: [], removed: ['b'] },
    ]);
  });

  it('S3 a project folder that was replaced is still watched', async () => {
    const { workspace: cwd } = stage;
    const path = stage.put({ id: 'a', cwd });
    const index = await stage.started();
    rmSync(dirname(path), { recursive: true });
    stage.put({ id: 'b', cwd });
    await until(index, () => index.get('a') === undefined && index.get('b') !== undefined);
    stage.put({ id: 'c', cwd });
    await until(index, () => index.get('c') !== undefined);
  });

  it('S3 a truncated, a rewritten and an older file are read again, whatever the clock says', async () => {
    const { workspace: cwd } = stage;
    const path = stage.put({ id: 'a', cwd, prompts: ['one', 'two'] });
    const index = await stage.started(blind);
    const read = async (): Promise<string | undefined> => {
      await index.refresh();
      return index.get('a')?.title;
    };
    writeFileSync(path, `${transcriptLines({ cwd, prompts: ['cut'] }).join('\n')}\n`);
    expect(await read()).toBe('cut');
    // As long as before, and with the time it had before.
    const long = readFileSync(path, 'utf8');
    utimesSync(path, 1000, 1000);
    expect(await read()).toBe('cut');
    writeFileSync(path, long.replace('"cut"', '"new"'));
    utimesSync(path, 1000, 1000);
    expect(await read()).toBe('new');
    writeFileSync(path, '');
    expect(await read()).toBeUndefined();
  });

  it('S3 what cannot be read stays as it was, is logged once and tried again', async () => {
    const { workspace: cwd } = stage;
    const clock = new ManualClock();
    const path = stage.put({ id: 'a', cwd });
    const index = await stage.started({ ...blind, clock });
    rmSync(path);
    // A link to itself: as root, no rights could keep a file from being read.
    symlinkSync(path, path);
    symlinkSync(stage.path(cwd, 'b'), stage.path(cwd, 'b'));
    await index.refresh();
    await index.refresh();
    expect(index.entries().map(({ id }) => id)).toEqual(['a']);
    expect(stage.logger.others.filter((each) => each.includes('ELOOP'))).toHaveLength(2);
    rmSync(path);
    rmSync(stage.path(cwd, 'b'));
    stage.put({ id: 'a', cwd, prompts: ['back'] });
    clock.advance(5000);
    await index.settled();
    expect(index.get('a')?.title).toBe('back');
  });

  it('S3 without a watch that works, changes are found by comparing', async () => {
    const clock = new ManualClock();
    const watch = (): never => {
      throw Object.assign(new Error('no more watches'), { code: 'ENOSPC' });
    };
    const index = await stage.started({ watch, clock });
    stage.put({ id: 'a', cwd: stage.workspace });
    clock.advance(5000);
    await index.settled();
    expect(index.entries().map(({ id }) => id)).toEqual(['a']);
    expect(stage.logger.others.join()).toContain('ENOSPC');
    index.dispose();
    expect(clock.pending).toBe(0);
  });

  it('S3 changes that come all the time do not put off the comparing', async () => {
    const clock = new ManualClock();
    let tell: (name: string | null) => void = () => undefined;
    const index = await stage.started({
      clock,
      watch: (_, onEvent) => {
        tell = onEvent;
        return { dispose: () => undefined };
      },
    });
    const path = stage.put({ id: 'a', cwd: stage.workspace });
    await index.refresh();
    stage.put({ id: 'unseen', cwd: stage.workspace });
    for (let second = 0; second < 61; second += 1) {
      appendFileSync(path, `${title(`Title ${second}`)}\n`);
      tell('a.jsonl');
      clock.advance(1000);
      await index.settled();
    }
    expect(index.get('a')?.title).toBe('Title 60');
    expect(index.get('unseen')).toBeDefined();
  });
});

describe('the index that is kept', () => {
  const kept = (): string => join(stage.storage, indexFileName);

  /** Counts what is read of the index, and refuses to write where asked. */
  const refusing: FileSystem = {
    ...nodeFileSystem,
    makeFolder: () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' })),
  };

  it('S3 is there at the next start before a transcript is looked at', async () => {
    const path = stage.put({ id: 'a', cwd: stage.workspace });
    stage.put({ id: 'b', cwd: stage.workspace });
    const first = await stage.started();
    await first.save();
    const before = first.entries();
    first.dispose();
    rmSync(path);
    stage.changes.length = 0;
    const second = stage.index();
    const seen: (readonly unknown[])[] = [];
    second.onChange(() => seen.push(second.entries()));
    second.setFolders([stage.workspace]);
    second.start();
    await second.settled();
    expect(seen[0]).toEqual(before);
    expect(stage.changes).toEqual([
      { changed: expect.arrayContaining(['a', 'b']) as unknown, removed: [] },
      { changed: [], removed: ['a'] },
    ]);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, -40)],
    ['no index at all', () => 'no index'],
    ['of a newer release', (text: string) => text.replace('"version":1', '"version":2')],
    ['damaged', (text: string) => text.replace('"title":', '"tilte":')],
    ['of a path that leads away', (text: string) => text.replace('"id":"a"', '"id":"../a"')],
    ['empty', () => ''],
  ])('S3 an index that is %s is built anew', async (_, damage) => {
    stage.put({ id: 'a', cwd: stage.workspace });
    const first = await stage.started();
    await first.save();
    const good = readFileSync(kept(), 'utf8');
    first.dispose();
    writeFileSync(kept(), damage(good));
    const second = await stage.started();
    expect(second.get('a')).toEqual(first.get('a'));
    await second.save();
    expect(readFileSync(kept(), 'utf8')).toBe(good);
    expect(stage.logger.errors).toEqual([]);
  });

  it('S3 comes lot by lot at the next start, the newest sessions first, whatever order they were read in', async () => {
    // More than fit into one piece of the index.
    const count = 500;
    for (let number = 0; number < count; number += 1) {
      const minute = (number * 7) % count;
      stage.put({ id: `s${String(number)}`, cwd: stage.workspace, prompts: ['x'.repeat(450)], minute });
    }
    const first = await stage.started();
    await first.save();
    const order = first.entries().map(({ id }) => id);
    first.dispose();
    stage.changes.length = 0;
    const second = await stage.started();
    expect(stage.changes.length).toBeGreaterThan(1);
    expect(stage.changes.flatMap(({ changed }) => changed)).toEqual(order);
    expect(second.entries().map(({ id }) => id)).toEqual(order);
  });

  it('S3 what is right of a damaged index is used, the rest is read, and it is whole afterwards', async () => {
    stage.put({ id: 'a', cwd: stage.workspace });
    stage.put({ id: 'b', cwd: stage.workspace });
    const first = await stage.started();
    await first.save();
    const good = readFileSync(kept(), 'utf8');
    const entries = first.entries();
    first.dispose();
    writeFileSync(kept(), `${good.trimEnd().slice(0, -20)}\n`);
    stage.changes.length = 0;
    const second = await stage.started();
    expect(stage.changes.map(({ changed }) => changed.length)).toEqual([1, 1]);
    expect(second.entries()).toEqual(entries);
    await second.save();
    expect(readFileSync(kept(), 'utf8')).toBe(good);
  });

  it('S3 a storage folder that cannot be written to is said once, and nothing else is different', async () => {
    const path = stage.put({ id: 'a', cwd: stage.workspace });
    const index = await stage.started({ ...blind, files: refusing });
    await index.save();
    appendFileSync(path, `${title('Renamed')}\n`);
    await index.refresh();
    await index.save();
    expect(index.get('a')?.title).toBe('Renamed');
    expect(stage.logger.others.filter((each) => each.includes('EROFS'))).toHaveLength(1);
    expect(stage.logger.errors).toEqual([]);
  });

  it('S3 is written some time after a change, not with each', async () => {
    const clock = new ManualClock();
    const written: string[] = [];
    const files = {
      ...nodeFileSystem,
      rename: (from: string, to: string) => {
        written.push(to);
        return nodeFileSystem.rename(from, to);
      },
    };
    stage.put({ id: 'a', cwd: stage.workspace });
    const index = await stage.started({ ...blind, clock, files });
    stage.put({ id: 'b', cwd: stage.workspace });
    await index.refresh();
    expect(written).toEqual([]);
    clock.advance(1000);
    await index.save();
    expect(written).toEqual([kept()]);
    expect(readFileSync(kept(), 'utf8')).toContain('"id":"b"');
  });
});
