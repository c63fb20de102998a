import { describe, expect, it, onTestFinished } from 'vitest';
import type { Explanation } from '../../../../src/base/errors.js';
import { SessionRecords } from '../../../../src/core/session/records.js';
import { emptyState, type SessionRecord, type WorkspaceState } from '../../../../src/protocol/state/workspaceState.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { FakeStateStore } from '../../../support/fakes/fakeStores.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { indexEntry, write } from './conversations.js';
import { open, stateWith } from './window.js';

function record(number: number, given: Partial<SessionRecord> = {}): SessionRecord {
  return { ...newRecord(), id: uuid(number), name: `session ${String(number)}`, ...given };
}

async function records(state: Partial<WorkspaceState> = {}) {
  const store = new FakeStateStore({ ...emptyState(), ...state });
  const logger = new RecordingLogger();
  const all = new SessionRecords(store, logger);
  const changes: (readonly string[])[] = [];
  const problems: Explanation[] = [];
  all.onChange((ids) => changes.push(ids));
  all.onProblem((problem) => problems.push(problem));
  await all.load();
  changes.length = 0;
  onTestFinished(() => {
    all.dispose();
    expect(logger.errors).toEqual([]);
  });
  return { all, store, logger, changes, problems };
}

describe('The records of all sessions', () => {
  it('S2 are known from the start, and tell which of them changed, whichever window changed them', async () => {
    const { all, store, changes } = await records({ sessions: [record(1), record(2)] });
    expect([...all.all.keys()]).toEqual([uuid(1), uuid(2)]);
    // Another window renames one and adds another; this one learns it with its own next change.
    await store.update((state) => ({
      ...state,
      sessions: [...state.sessions.map((one) => (one.id === uuid(2) ? { ...one, name: 'Theirs' } : one)), record(3)],
    }));
    await all.change([uuid(1)], (one) => ({ ...one, starred: true }));
    expect(changes).toEqual([[uuid(1), uuid(2), uuid(3)]]);
    expect(all.all.get(uuid(2))?.name).toBe('Theirs');
    expect(all.all.get(uuid(1))?.starred).toBe(true);
  });

  it('S4 changing one that has no record, or nothing about it, tells nothing', async () => {
    const { all, changes } = await records({ sessions: [record(1)] });
    await all.change([uuid(1), uuid(9)], (one) => one);
    expect(changes).toEqual([]);
    expect([...all.all.keys()]).toEqual([uuid(1)]);
  });

  it('S3 are added where there is none yet', async () => {
    const { all } = await records({ sessions: [record(1, { starred: true })] });
    await all.add([record(1), record(2)]);
    expect([...all.all.values()]).toMatchObject([{ starred: true }, { name: 'session 2' }]);
  });

  it('S4 taken out, they are gone for every window; forgotten, they are not to be listed again', async () => {
    const { all, store, changes } = await records({ sessions: [record(1), record(2)], open: uuid(2) });
    await all.remove([uuid(1)], false);
    expect(all.isForgotten(uuid(1))).toBe(false);
    await all.remove([uuid(2), uuid(7)], true);
    expect(all.isForgotten(uuid(2))).toBe(true);
    expect(all.isForgotten(uuid(7))).toBe(true);
    expect(store.state).toMatchObject({ sessions: [], open: null, forgotten: [uuid(2), uuid(7)] });
    expect(changes).toEqual([[uuid(1)], [uuid(2), uuid(7)]]);
    await all.remove([uuid(7)], true);
    expect(store.state.forgotten).toEqual([uuid(2), uuid(7)]);
  });

  it('S4 one that is taken out while its session is live is not written again with its old base', async () => {
    const { all, store } = await records({ sessions: [record(1)] });
    all.follow(record(1));
    await all.remove([uuid(1)], false);
    expect(all.saved(uuid(1))).toBeUndefined();
    expect(store.state.sessions).toEqual([]);
  });

  it('S6 a change that could not be written is told once, counts here, and is not lost', async () => {
    const { all, store, logger, problems } = await records({ sessions: [record(1)] });
    store.failure = clientError('diskFull');
    all.detach(
      all.change([uuid(1)], (one) => ({ ...one, starred: true })),
      'It could not be saved',
    );
    all.detach(
      all.change([uuid(1)], (one) => ({ ...one, archived: true })),
      'It could not be saved',
    );
    await settled();
    expect(problems).toMatchObject([{ code: 'diskFull' }]);
    expect(logger.errors.splice(0)).toHaveLength(2);
    store.failure = null;
    await all.change([uuid(1)], (one) => ({ ...one, tags: ['x'] }));
    expect(all.all.get(uuid(1))?.tags).toEqual(['x']);
  });

  it('S6 say nothing after the window was closed', async () => {
    const { all, changes } = await records({ sessions: [record(1)] });
    all.dispose();
    await all.change([uuid(1)], (one) => ({ ...one, starred: true }));
    expect(changes).toEqual([]);
    expect(await all.load()).toBeNull();
  });
});

describe('Deleting sessions', () => {
  it('S4 ends what runs, forgets the record and the journal, and keeps the transcript unless it is to go', async () => {
    for (const transcripts of [false, true]) {
      const world = new World(stateWith());
      const id = write(world, 4);
      const { sessions } = open(world);
      const session = await sessions.restore(['/ws']);
      session?.send('More');
      await settled();
      await sessions.delete([id], transcripts);
      await settled();
      expect(world.launcher.living).toEqual([]);
      expect(world.journal.events(id)).toEqual([]);
      expect(world.transcripts.conversations.has(id)).toBe(!transcripts);
      expect(sessions.records.isForgotten(id)).toBe(!transcripts);
      expect(sessions.open?.record).toMatchObject({ folder: '/ws', name: '' });
    }
  });

  it('S4 F4 leaves its forks, which say that it is gone', async () => {
    const world = new World(stateWith());
    const id = write(world, 4);
    const { sessions } = open(world);
    await sessions.restore(['/ws']);
    const fork = await sessions.fork(id, 'now');
    expect(sessions.nameOf(id)).toBe('Before');
    world.foreign.set(id, indexEntry(id));
    await sessions.delete([id], false);
    expect(sessions.get(fork.id)).toBe(fork);
    expect(sessions.open).toBe(fork);
    // The index still has the transcript, but the user does not want the session any more.
    expect(sessions.nameOf(id)).toBeUndefined();
    expect(sessions.nameOf(uuid(999))).toBeUndefined();
    world.foreign.set(uuid(998), indexEntry(uuid(998)));
    expect(sessions.nameOf(uuid(998))).toBe('From a terminal');
  });
});
