import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArborError, type Explanation } from '../../../../src/base/errors.js';
import { WorkspaceStateStore } from '../../../../src/node/store/stateStore.js';
import { emptyState, stateVersion } from '../../../../src/protocol/state/workspaceState.js';
import {
  adding,
  FaultyFiles,
  leapingClock,
  names,
  sessionRecord,
  stateOf,
  storeParts,
  temporaryFolder,
} from './storeParts.js';

let temporary: ReturnType<typeof temporaryFolder>;
let folder: string;
let file: string;

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, 'storage');
  file = join(folder, 'state.json');
});
afterEach(() => {
  temporary.dispose();
});

function put(content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, content);
}

function aside(): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('state.json.unreadable-'));
}

async function failure(work: Promise<unknown>): Promise<Explanation> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ArborError)) throw new Error(`expected an ArborError, got ${String(error)}`);
  return error.explanation;
}

describe('a state that can be saved', () => {
  it('S6 what was saved is there after a reload', async () => {
    const record = sessionRecord('one', { draft: 'half a sent', scroll: { atEnd: false, message: 3, offset: -12.5 } });
    const store = new WorkspaceStateStore(folder, storeParts());
    expect(await store.load()).toEqual({ state: emptyState(), problem: null });
    await store.update((state) => ({ ...state, sessions: [record], open: record.id }));
    const reloaded = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(reloaded).toEqual({ state: { version: stateVersion, sessions: [record], open: record.id }, problem: null });
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('S6 the state file is for its owner only', async () => {
    const store = new WorkspaceStateStore(folder, storeParts());
    await store.update(adding(sessionRecord('one')));
    const { statSync } = await import('node:fs');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('S6 many quick drafts cost few writes, and the last one stays', async () => {
    const files = new FaultyFiles();
    const store = new WorkspaceStateStore(folder, storeParts({ files }));
    await store.update(adding(sessionRecord('one')));
    const drafts = Array.from({ length: 1000 }, (_, n) =>
      store.update((state) => ({ ...state, sessions: state.sessions.map((one) => ({ ...one, draft: String(n) })) })),
    );
    await Promise.all(drafts);
    expect((await store.load()).state.sessions[0]?.draft).toBe('999');
    expect(files.writes).toBeLessThanOrEqual(3);
  });

  it('S6 a change that changes nothing writes nothing', async () => {
    const files = new FaultyFiles();
    const store = new WorkspaceStateStore(folder, storeParts({ files }));
    await store.update(adding(sessionRecord('one')));
    await store.update((state) => state);
    expect(files.writes).toBe(1);
  });

  it('S6 a change that throws fails alone', async () => {
    const store = new WorkspaceStateStore(folder, storeParts());
    const before = store.update(adding(sessionRecord('before')));
    const bad = store.update(() => {
      throw new RangeError('made by the test');
    });
    const after = store.update(adding(sessionRecord('after')));
    await expect(bad).rejects.toThrow(RangeError);
    await Promise.all([before, after]);
    expect(names((await store.load()).state)).toEqual(['before', 'after']);
  });

  it('S6 two windows that write at once lose no change', async () => {
    const windows = [1, 2, 3].map(() => new WorkspaceStateStore(folder, storeParts()));
    const wanted: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      await Promise.all(
        windows.map((window, index) => {
          wanted.push(`${String(index)}/${String(n)}`);
          return window.update(adding(sessionRecord(`${String(index)}/${String(n)}`)));
        }),
      );
    }
    expect(names((await new WorkspaceStateStore(folder, storeParts()).load()).state).sort()).toEqual(wanted.sort());
  });
});

describe('a state that cannot be read', () => {
  const whole = JSON.stringify(stateOf(sessionRecord('one'), sessionRecord('two')));
  it.each([
    ['a truncated state file', whole.slice(0, -40)],
    ['an empty state file', ''],
    ['a state file that is not JSON', 'hello'],
    ['a state file that is JSON but no object', '[1, 2]'],
    ['a state file without a version', '{"sessions":[],"open":null}'],
    ['a state file of another shape', '{"version":2,"sessions":"none","open":null}'],
    ['a state file of a version that never was', '{"version":0,"sessions":[],"open":null}'],
  ])('S6 %s is set aside and said so', async (_, content) => {
    put(content);
    const { state, problem } = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(state).toEqual(emptyState());
    expect(problem?.code).toBe('stateUnreadable');
    const [copy, ...others] = aside();
    expect(others).toEqual([]);
    expect(readFileSync(join(folder, copy ?? ''), 'utf8')).toBe(content);
    expect(problem?.kept).toContain(join(folder, copy ?? ''));
    expect(problem?.next).toBeTruthy();
    expect(existsSync(file)).toBe(false);
  });

  it('S6 two windows that meet a broken state file set it aside once and work with the new one', async () => {
    put('broken');
    const [one, two] = [new WorkspaceStateStore(folder, storeParts()), new WorkspaceStateStore(folder, storeParts())];
    await Promise.all([
      one.load().then(() => one.update(adding(sessionRecord('one')))),
      two.load().then(() => two.update(adding(sessionRecord('two')))),
    ]);
    expect(aside()).toHaveLength(1);
    expect(names((await one.load()).state).sort()).toEqual(['one', 'two']);
  });

  it('S6 one bad session record is set aside, the others are kept', async () => {
    const [good, alsoGood] = [sessionRecord('good'), sessionRecord('also good')];
    const content = JSON.stringify({
      version: stateVersion,
      sessions: [good, { ...sessionRecord('bad one'), mode: 'noSuchMode' }, 17, alsoGood],
      open: good.id,
    });
    put(content);
    const store = new WorkspaceStateStore(folder, storeParts());
    const { state, problem } = await store.load();
    expect(state).toEqual({ version: stateVersion, sessions: [good, alsoGood], open: good.id });
    expect(problem?.code).toBe('stateUnreadable');
    expect(problem?.what).toContain('2 entries');
    expect(problem?.detail).toContain('bad one');
    expect(readFileSync(join(folder, aside()[0] ?? ''), 'utf8')).toBe(content);
    expect(await store.load()).toEqual({ state, problem: null });
    expect(aside()).toHaveLength(1);
  });

  it('S6 a state file that breaks while the window is open is saved again from memory, and that is said', async () => {
    const store = new WorkspaceStateStore(folder, storeParts());
    const problems: Explanation[] = [];
    store.onProblem((problem) => problems.push(problem));
    await store.update(adding(sessionRecord('one')));
    put('{"version":2,"sess');
    await store.update(adding(sessionRecord('two')));
    expect(names((await store.load()).state)).toEqual(['one', 'two']);
    expect(problems.map(({ code }) => code)).toEqual(['stateUnreadable']);
    expect(aside()).toHaveLength(1);
  });
});

describe('a state of version 1', () => {
  const usage = { tokens: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }, costUsd: 0.5, durationMs: 6 };
  const record = {
    id: '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11',
    name: 'From before',
    folder: '/sample/folder',
    model: 'opus',
    mode: 'plan',
    appendSystemPrompt: null,
    createdAt: 5,
    activeAt: 6,
    head: 'line-1',
    draft: 'half a sent',
    scroll: { atEnd: false, message: 3, offset: -12.5 },
    queue: [{ id: 'waiting', text: 'And then?' }],
    total: usage,
  };
  const content = JSON.stringify({ version: 1, sessions: [record], open: record.id });
  const migrated = {
    ...record,
    nameFrom: 'prompt',
    queue: [{ id: 'waiting', text: 'And then?', priority: 'later', held: true }],
    lineage: null,
    starred: false,
    archived: false,
    unread: false,
    tags: [],
  };

  it('S6 is read whole, and stays as it is until something changes', async () => {
    put(content);
    const loaded = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(loaded).toEqual({
      state: { version: stateVersion, sessions: [migrated], open: record.id },
      problem: null,
    });
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('S6 is copied aside before the first change is written, once', async () => {
    put(content);
    const store = new WorkspaceStateStore(folder, storeParts());
    await store.update(adding(sessionRecord('new')));
    await store.update(adding(sessionRecord('newer')));
    expect(readFileSync(join(folder, 'state.json.v1'), 'utf8')).toBe(content);
    expect(readdirSync(folder).sort()).toEqual(['state.json', 'state.json.v1']);
    const { state, problem } = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(problem).toBeNull();
    expect(state.sessions[0]).toEqual(migrated);
    expect(names(state)).toEqual(['From before', 'new', 'newer']);
  });

  it('S6 is not touched where no copy of it can be made', async () => {
    put(content);
    const files = new FaultyFiles();
    const store = new WorkspaceStateStore(folder, storeParts({ files }));
    files.faults.copy = 'ENOSPC';
    expect((await failure(store.update(adding(sessionRecord('new'))))).code).toBe('diskFull');
    expect(readFileSync(file, 'utf8')).toBe(content);
    files.faults.copy = undefined;
    await store.update((state) => state);
    expect(names((await new WorkspaceStateStore(folder, storeParts()).load()).state)).toEqual(['From before', 'new']);
  });

  it('S6 one bad record of it is set aside, the others are brought up to date', async () => {
    put(JSON.stringify({ version: 1, sessions: [{ ...record, queue: 'none' }, record, 5], open: null }));
    const { state, problem } = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(state.sessions).toEqual([migrated]);
    expect(problem?.what).toContain('2 entries');
    expect(aside()).toHaveLength(1);
  });
});

describe('a state of a newer version', () => {
  const content = JSON.stringify({ version: stateVersion + 1, sessions: { new: 'shape' }, later: true });

  it('S6 is never changed; changes live in memory, and that is said once', async () => {
    put(content);
    const store = new WorkspaceStateStore(folder, storeParts());
    const { state, problem } = await store.load();
    expect(state).toEqual(emptyState());
    expect(problem?.code).toBe('stateNewer');
    await store.update(adding(sessionRecord('one')));
    await store.update(adding(sessionRecord('two')));
    expect(names((await store.load()).state)).toEqual(['one', 'two']);
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('S6 that comes while the window is open is told by the next change, once', async () => {
    const store = new WorkspaceStateStore(folder, storeParts());
    await store.update(adding(sessionRecord('one')));
    put(content);
    expect((await failure(store.update(adding(sessionRecord('two'))))).code).toBe('stateNewer');
    await store.update(adding(sessionRecord('three')));
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(names((await store.load()).state)).toEqual(expect.arrayContaining(['two', 'three']));
  });
});

describe('a state that cannot be written', () => {
  it.each([
    ['a full disk', 'write', 'ENOSPC', 'diskFull'],
    ['a full quota', 'write', 'EDQUOT', 'diskFull'],
    ['a file that may not be replaced', 'rename', 'EACCES', 'stateUnwritable'],
    ['a read-only folder', 'create', 'EROFS', 'stateUnwritable'],
    ['a folder without permission', 'create', 'EACCES', 'stateUnwritable'],
    ['a file that may not be read', 'readText', 'EACCES', 'stateUnwritable'],
    ['a broken disk', 'write', 'EIO', 'stateUnwritable'],
  ] as const)('S6 %s is said, the file stays, nothing is lost', async (_, step, code, expected) => {
    const files = new FaultyFiles();
    const store = new WorkspaceStateStore(folder, storeParts({ files }));
    await store.update(adding(sessionRecord('before')));
    const before = readFileSync(file, 'utf8');
    files.faults[step] = code;
    for (const name of ['during', 'still']) {
      const problem = await failure(store.update(adding(sessionRecord(name))));
      expect(problem.code).toBe(expected);
      expect(problem.kept).toBeTruthy();
      expect(problem.next).toBeTruthy();
    }
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(aside()).toEqual([]);
    files.faults[step] = undefined;
    await new WorkspaceStateStore(folder, storeParts()).update(adding(sessionRecord('other window')));
    await store.update(adding(sessionRecord('after')));
    const { state } = await new WorkspaceStateStore(folder, storeParts()).load();
    expect(names(state).sort()).toEqual(['after', 'before', 'during', 'other window', 'still']);
  });

  it('S6 a state path that is a folder is left alone and said', async () => {
    mkdirSync(join(file, 'somebody'), { recursive: true });
    const store = new WorkspaceStateStore(folder, storeParts());
    expect((await store.load()).problem?.code).toBe('stateUnwritable');
    expect((await failure(store.update(adding(sessionRecord('one'))))).code).toBe('stateUnwritable');
    expect(names((await store.load()).state)).toEqual(['one']);
    expect(readdirSync(file)).toEqual(['somebody']);
  });

  it('S6 a window that holds the lock and hangs is waited for, then that is said', async () => {
    mkdirSync(folder, { recursive: true });
    const parts = storeParts({ clock: leapingClock() });
    writeFileSync(`${file}.lock`, JSON.stringify({ ...(await parts.processes.own), token: 'hanging' }));
    const store = new WorkspaceStateStore(folder, parts);
    const problem = await failure(store.update(adding(sessionRecord('one'))));
    expect(problem.code).toBe('stateUnwritable');
    expect(problem.what).toContain('another window');
    rmSync(`${file}.lock`);
    await store.update(adding(sessionRecord('two')));
    expect(names((await store.load()).state)).toEqual(['one', 'two']);
  });
});

describe('a storage folder that is missing', () => {
  it('S6 is made', async () => {
    const store = new WorkspaceStateStore(join(folder, 'deep', 'er'), storeParts());
    expect((await store.load()).problem).toBeNull();
    await store.update(adding(sessionRecord('one')));
    expect(existsSync(join(folder, 'deep', 'er', 'state.json'))).toBe(true);
  });

  it('S6 is made again when it goes while the window is open, with the whole state', async () => {
    const store = new WorkspaceStateStore(folder, storeParts());
    await store.update(adding(sessionRecord('one')));
    rmSync(folder, { recursive: true });
    await store.update(adding(sessionRecord('two')));
    expect(names((await new WorkspaceStateStore(folder, storeParts()).load()).state)).toEqual(['one', 'two']);
  });

  it('S6 and cannot be made is said; the state lives in memory until it can', async () => {
    writeFileSync(folder, 'a file is in the way');
    const store = new WorkspaceStateStore(folder, storeParts());
    expect((await store.load()).problem?.code).toBe('storageMissing');
    const problem = await failure(store.update(adding(sessionRecord('one'))));
    expect(problem.code).toBe('storageMissing');
    expect(readFileSync(folder, 'utf8')).toBe('a file is in the way');
    rmSync(folder);
    await store.update(adding(sessionRecord('two')));
    expect(names((await new WorkspaceStateStore(folder, storeParts()).load()).state)).toEqual(['one', 'two']);
  });
});
