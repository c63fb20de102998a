import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openSession } from '../../../../src/vscode/tree/openSession.js';
import { ManualClock, settled } from '../../../support/fakes/manualClock.js';
import { folder, start, summary } from '../../core/tree/summaries.js';
import { FakeQuickInputs } from '../fakeQuickInput.js';
import { FakeDirectory } from './fakeDirectory.js';

const hoisted = vi.hoisted(() => ({ inputs: null as FakeQuickInputs | null }));
vi.mock('vscode', () => ({
  ThemeIcon: class {
    constructor(readonly id: string) {}
  },
  window: { createQuickPick: () => hoisted.inputs?.module.window.createQuickPick() },
}));

const clock = new ManualClock(start + 3 * 60_000);
let inputs: FakeQuickInputs;
let directory: FakeDirectory;

beforeEach(() => {
  inputs = new FakeQuickInputs();
  hoisted.inputs = inputs;
  directory = new FakeDirectory([
    summary('aaaa1111-2', { name: 'Parser', activeAt: start }),
    summary('bbbb2222-3', { name: 'Parser $(bug)\u202e', activeAt: start + 60_000, unread: true }),
    summary('cccc3333-4', { name: '', activeAt: start + 120_000, folder: '/work/two' }),
  ]);
});

describe('Open Session', () => {
  it('S2 U4 offers all, the newest first, each in words', () => {
    const opened = openSession(directory, clock);
    expect(inputs.now.items).toMatchObject([
      { label: 'New session', description: 'asleep · active 1 minute ago · cccc3333', alwaysShow: true },
      { label: 'Parser \\$(bug)⟨U+202E⟩', description: 'unread · asleep · active 2 minutes ago · bbbb2222' },
      { label: 'Parser', description: 'asleep · active 3 minutes ago · aaaa1111' },
    ]);
    expect(inputs.now.sortByLabel).toBe(false);
    inputs.now.escape();
    return opened;
  });

  it('S2 S9 names the folder where there are several, and the session that is open', () => {
    directory.folders = [folder('/work/one', { name: 'Front' }), folder('/work/two', { name: 'Back' })];
    directory.openId = 'aaaa1111-2';
    const opened = openSession(directory, clock);
    expect(inputs.now.items[0]?.description).toBe('asleep · active 1 minute ago · in Back · cccc3333');
    expect(inputs.now.items[2]?.description).toBe('open now · asleep · active 3 minutes ago · in Front · aaaa1111');
    inputs.now.type('back');
    expect(inputs.now.labels).toEqual(['New session']);
    inputs.now.escape();
    return opened;
  });

  it('S2 opens what is marked: by its exact name, though others are newer, or the beginning of its id', async () => {
    for (const [typed, id] of [
      ['Parser', 'aaaa1111-2'],
      ['bbbb', 'bbbb2222-3'],
    ] as const) {
      const opened = openSession(directory, clock);
      inputs.now.type(typed);
      inputs.now.enter();
      await opened;
      expect(directory.openId).toBe(id);
    }
    expect(inputs.all.every(({ isLeft }) => isLeft)).toBe(true);
  });

  it('S2 says so when nothing fits what was typed', async () => {
    const opened = openSession(directory, clock);
    inputs.now.type('nothing of that');
    expect(inputs.now.items).toEqual([]);
    inputs.now.enter();
    await expect(opened).rejects.toMatchObject({ code: 'notFound' });
  });

  it('S2 opens nothing when the user thinks better of it, and Enter on nothing does nothing', async () => {
    directory = new FakeDirectory([]);
    const opened = openSession(directory, clock);
    inputs.now.enter();
    await settled();
    inputs.now.escape();
    await opened;
    expect(directory.done).toEqual([]);
  });

  it('S2 follows what happens while it is open, and leaves the mark where it was', async () => {
    const opened = openSession(directory, clock);
    inputs.now.activeItems = inputs.now.items.slice(1, 2);
    directory.set(summary('dddd4444-5', { name: 'Newest', activeAt: start + 170_000 }));
    expect(inputs.now.labels[0]).toBe('Newest');
    inputs.now.enter();
    await opened;
    expect(directory.openId).toBe('bbbb2222-3');
  });

  it('S2 lists so many at most, and says how many more there are', async () => {
    directory = new FakeDirectory(Array.from({ length: 250 }, (_, index) => summary(`id${String(index)}`)));
    const opened = openSession(directory, clock);
    expect(inputs.now.items).toHaveLength(201);
    expect(inputs.now.labels.at(-1)).toBe('50 sessions more: type to find them');
    inputs.now.enter('50 sessions more: type to find them');
    expect(directory.openId).toBeNull();
    inputs.now.escape();
    await opened;
  });
});
