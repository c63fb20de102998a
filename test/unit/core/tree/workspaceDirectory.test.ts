import { afterEach, describe, expect, it } from 'vitest';
import { Emitter } from '../../../../src/base/event.js';
import { Sessions } from '../../../../src/core/session/sessions.js';
import type { DirectoryChange } from '../../../../src/core/tree/sessionDirectory.js';
import { WorkspaceDirectory } from '../../../../src/core/tree/workspaceDirectory.js';
import type { SessionIndexEntry } from '../../../../src/core/sessionIndex.js';
import { emptyState, newSessionRecord, type SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { answerLines } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { uuid, World } from '../../../support/fakes/world.js';
import { before } from '../session/window.js';
import { FakeIndex, indexEntry } from './indexEntries.js';
import { folder } from './summaries.js';

function rethrow(error: unknown): void {
  throw error;
}

function record(number: number, change: Partial<SessionRecord> = {}): SessionRecord {
  const made = newSessionRecord({ id: uuid(number), folder: '/ws', at: number });
  return { ...made, name: `Session ${String(number)}`, head: 'x', ...change };
}

/** A window with a directory of its sessions. */
class Stage {
  readonly world: World;
  readonly index: FakeIndex;
  readonly sessions: Sessions;
  readonly folders = new Emitter<undefined>(rethrow);
  readonly changes: DirectoryChange[] = [];
  readonly opened: string[] = [];
  shown = 0;
  readonly directory: WorkspaceDirectory;

  private constructor(records: readonly SessionRecord[], entries: readonly SessionIndexEntry[], forgotten: string[]) {
    this.world = new World({ ...emptyState(), sessions: [...records], forgotten });
    this.index = new FakeIndex(entries);
    this.sessions = new Sessions({ ...this.world.services, store: this.world.store, index: this.index });
    this.directory = new WorkspaceDirectory({
      sessions: this.sessions,
      index: this.index,
      leases: this.world.leases,
      folders: () => [folder('/ws')],
      onFolders: this.folders.event,
      showChat: () => {
        this.shown += 1;
        return Promise.resolve();
      },
      logger: this.world.logger,
    });
    this.directory.onChange((change) => this.changes.push(change));
    this.directory.onOpen((id) => this.opened.push(id));
  }

  static async open(
    records: readonly SessionRecord[],
    entries: readonly SessionIndexEntry[] = [],
    forgotten: string[] = [],
  ): Promise<Stage> {
    const stage = new Stage(records, entries, forgotten);
    await stage.sessions.load();
    stage.changes.length = 0;
    return stage;
  }

  get ids(): readonly string[] {
    return this.directory.summaries().map(({ id }) => id);
  }

  dispose(): void {
    this.directory.dispose();
    this.sessions.dispose();
  }
}

describe('The sessions of a workspace', () => {
  let stage: Stage;
  afterEach(() => {
    expect(stage.world.logger.errors).toEqual([]);
    stage.dispose();
  });

  it('S3 are known from what is kept, from transcripts, and from both', async () => {
    const both = uuid(2);
    stage = await Stage.open(
      [record(1, { tags: ['x'], starred: true }), record(2)],
      [indexEntry(both, { activeAt: 99 }), indexEntry(uuid(3), { title: 'Elsewhere' })],
    );
    expect(stage.directory.summary(uuid(1))).toMatchObject({
      state: 'asleep',
      source: 'arbor',
      tags: ['x'],
      starred: true,
    });
    expect(stage.directory.summary(both)).toMatchObject({ name: 'Session 2', activeAt: 99, source: 'arbor' });
    expect(stage.directory.summary(uuid(3))).toMatchObject({ name: 'Elsewhere', state: 'foreign', source: 'program' });
    expect(stage.ids).toHaveLength(3);
  });

  it('S1 a name of the user’s is never replaced, any other by the program’s title', async () => {
    const entries = [1, 2].map((number) => indexEntry(uuid(number), { title: 'A title', titleSource: 'generated' }));
    stage = await Stage.open([record(1, { nameFrom: 'user' }), record(2)], entries);
    expect(stage.directory.summary(uuid(1))?.name).toBe('Session 1');
    expect(stage.directory.summary(uuid(2))?.name).toBe('A title');
  });

  it('S3 one that begins, changes or goes elsewhere is told of, by itself', async () => {
    stage = await Stage.open([record(1)]);
    stage.index.put(indexEntry(uuid(3)));
    stage.index.put(indexEntry(uuid(3), { activeAt: 50 }));
    stage.index.put(indexEntry(uuid(3), { activeAt: 50, size: 2 }));
    stage.index.take(uuid(3));
    expect(stage.changes).toEqual([{ sessions: [uuid(3)] }, { sessions: [uuid(3)] }, { sessions: [uuid(3)] }]);
    expect(stage.directory.summary(uuid(3))).toBeUndefined();
  });

  it('F4 our own word of where a fork comes from counts more than the transcript’s', async () => {
    const lineage = { parent: uuid(1), at: 'm', kind: 'fork', point: { number: 3, text: 'There' } } as const;
    stage = await Stage.open(
      [record(1), record(2, { lineage })],
      [
        indexEntry(uuid(1), { origin: 'o', bornAt: 9 }),
        indexEntry(uuid(2), { origin: 'o', bornAt: 1, forkedFrom: { session: uuid(8), message: null } }),
        indexEntry(uuid(3), { forkedFrom: { session: uuid(1), message: 'k' } }),
        indexEntry(uuid(4), { origin: 'o', bornAt: 10 }),
      ],
    );
    const { directory } = stage;
    expect(directory.summary(uuid(2))).toMatchObject({
      lineage: { parent: uuid(1), at: 'm', kind: 'fork' },
      forkPoint: { number: 3, text: 'There' },
    });
    expect(directory.summary(uuid(3))?.lineage).toEqual({ parent: uuid(1), at: 'k', kind: 'fork' });
    expect(directory.summary(uuid(4))?.lineage).toEqual({ parent: uuid(1), at: null, kind: 'fork' });
    expect(directory.summary(uuid(1))?.lineage).toBeNull();
  });

  it('S4 one that was deleted here while its transcript stayed is not listed', async () => {
    stage = await Stage.open([], [indexEntry(uuid(1)), indexEntry(uuid(2))], [uuid(1)]);
    expect(stage.ids).toEqual([uuid(2)]);
    await stage.directory.delete([uuid(2)], false);
    expect(stage.ids).toEqual([]);
    expect(stage.world.store.state.forgotten).toEqual([uuid(1), uuid(2)]);
  });

  it('S4 marks stay with a session whoever made it, and are told of once', async () => {
    stage = await Stage.open([record(1)], [indexEntry(uuid(3))]);
    const { directory, world } = stage;
    await directory.rename(uuid(1), 'Mine');
    await directory.setTags(uuid(3), ['a', 'b']);
    await directory.setStarred([uuid(1), uuid(3)], true);
    await directory.setArchived([uuid(3)], true);
    await directory.setUnread([uuid(1)], true);
    expect(directory.summary(uuid(1))).toMatchObject({ name: 'Mine', starred: true, unread: true });
    expect(directory.summary(uuid(3))).toMatchObject({
      tags: ['a', 'b'],
      starred: true,
      archived: true,
      source: 'arbor',
    });
    const kept = world.store.state.sessions.map(({ id, name, nameFrom, starred }) => ({ id, name, nameFrom, starred }));
    expect(kept).toEqual([
      { id: uuid(1), name: 'Mine', nameFrom: 'user', starred: true },
      { id: uuid(3), name: `Title of ${uuid(3)}`, nameFrom: 'program', starred: true },
    ]);
    await directory.setStarred([uuid(1)], true);
    expect(stage.changes.at(-1)).toEqual({ sessions: [uuid(1)] });
  });

  it('F3 shows what a session is doing while it does it', async () => {
    stage = await Stage.open([]);
    const session = stage.sessions.create('/ws');
    expect(stage.directory.summary(session.id)).toMatchObject({ name: '', state: 'idle' });
    session.send('Hello');
    await settled();
    expect(stage.directory.summary(session.id)).toMatchObject({ name: 'Hello', state: 'running' });
    stage.world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    expect(stage.directory.summary(session.id)).toMatchObject({ state: 'ready', costUsd: 0.5, failed: false });
    expect(stage.opened).toEqual([session.id]);
    expect(stage.directory.openId).toBe(session.id);
  });

  it('S2 a session that was never used is listed only while the chat shows it', async () => {
    stage = await Stage.open([record(1)]);
    stage.world.transcripts.conversations.set(uuid(1), before);
    const unused = stage.sessions.create('/ws');
    expect(stage.ids).toContain(unused.id);
    await stage.directory.open(uuid(1));
    expect(stage.ids).toEqual([uuid(1)]);
    expect(stage.shown).toBe(1);
  });

  it('F1 forks a session that was not open, and shows the fork under its message', async () => {
    stage = await Stage.open([record(1)]);
    const { world, directory } = stage;
    world.transcripts.conversations.set(uuid(1), before);
    for (const event of before)
      if ('uuid' in event && typeof event.uuid === 'string') world.transcripts.upTo.set(event.uuid, before);
    await directory.fork(uuid(1));
    const fork = directory.summaries().find(({ lineage }) => lineage !== null);
    expect(fork?.lineage).toMatchObject({ parent: uuid(1), kind: 'fork' });
    expect(fork?.forkPoint).toEqual({ number: 2, text: 'Hi.' });
    expect(directory.openId).toBe(fork?.id);
  });

  it('S8 says which sessions other windows drive', async () => {
    stage = await Stage.open([record(1), record(2)]);
    stage.world.leases.elsewhere.add(uuid(1));
    await stage.directory.refresh();
    expect(stage.directory.summary(uuid(1))?.inUseElsewhere).toBe(true);
    expect(stage.index.refreshed).toBe(1);
    stage.world.leases.elsewhere.clear();
    await stage.directory.lookElsewhere();
    expect(stage.directory.summary(uuid(1))?.inUseElsewhere).toBe(false);
    expect(stage.changes).toEqual([{ sessions: [uuid(1)] }, { sessions: [uuid(1)] }]);
  });

  it('S9 folders that change make everything be looked at again', async () => {
    stage = await Stage.open([record(1)]);
    stage.folders.fire(undefined);
    expect(stage.changes).toEqual(['all']);
  });

  it('S3 a session of a worktree goes on in the worktree', async () => {
    stage = await Stage.open([], [indexEntry(uuid(3), { isWorktree: true, cwd: '/trees/one' })]);
    stage.world.transcripts.conversations.set(uuid(3), before);
    expect(stage.directory.summary(uuid(3))?.folder).toBe('/ws');
    await stage.directory.open(uuid(3));
    stage.sessions.open?.send('More');
    await settled();
    expect(stage.world.launcher.last.options).toMatchObject({ folder: '/trees/one', start: { kind: 'resume' } });
  });
});
