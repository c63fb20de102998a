import { describe, expect, it } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import { spareDelayMs } from '../../../../src/core/session/sessions.js';
import { answerLines, messageStart } from '../../../support/fakes/cliLines.js';
import type { FakeBehaviour } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { World } from '../../../support/fakes/world.js';
import { indexEntry } from '../tree/indexEntries.js';
import { open, told, type Window } from './window.js';

/** Two sessions that have had a turn, in two folders; the one in `/one` is shown. */
async function twoFolders(world = new World()): Promise<Window> {
  const window = open(world);
  for (const folder of ['/two', '/one']) {
    const session = window.sessions.create(folder);
    session.send(`Hello ${folder}`);
    await settled();
    world.launcher.last.print(...answerLines(`m${folder}`, 'Hi.'));
    await settled();
    world.clock.advance(1);
  }
  return window;
}

function foldersOf({ world }: Window): readonly string[] {
  return world.launcher.living.map(({ options }) => options.folder);
}

describe('The folders of a workspace', () => {
  it('S9 each have processes and a spare of their own', async () => {
    const window = await twoFolders();
    expect(foldersOf(window)).toEqual(['/two', '/one']);
    window.world.clock.advance(spareDelayMs);
    await settled();
    expect(window.world.services.spares.list().map(({ folder }) => folder)).toEqual(['/two', '/one']);
  });

  it('S9 in another order change nothing', async () => {
    const window = await twoFolders();
    const { sessions, opened } = window;
    const before = [sessions.open, opened.length, ...foldersOf(window)];
    await sessions.setFolders(['/two', '/one']);
    await sessions.setFolders(['/one', '/two', '/three']);
    expect([sessions.open, opened.length, ...foldersOf(window)]).toEqual(before);
  });

  it('S9 P3 end their sessions’ processes and their spare when they go, and those of the others stay', async () => {
    const window = await twoFolders();
    const { world, sessions } = window;
    world.clock.advance(spareDelayMs);
    await settled();
    const [two] = sessions.live;
    await sessions.setFolders(['/two']);
    expect(foldersOf(window)).toEqual(['/two', '/two']);
    expect(sessions.open).toBe(two);
    expect(sessions.live).toEqual([two]);
    expect(world.services.spares.list().map(({ folder }) => folder)).toEqual(['/two']);
  });

  it('S9 P3 start no spare that was planned, or under way, when they went', async () => {
    const window = await twoFolders();
    const { world, sessions } = window;
    const { spares } = world.services;
    await sessions.setFolders(['/two']);
    world.clock.advance(spareDelayMs);
    await settled();
    expect(spares.list().map(({ folder }) => folder)).toEqual(['/two']);
    const launch = new Deferred<FakeBehaviour>();
    world.launcher.script.push(launch.promise);
    spares.plan('/three', 0);
    world.clock.advance(0);
    await settled();
    await sessions.setFolders(['/two']);
    launch.resolve({});
    await settled();
    expect(spares.list().map(({ folder }) => folder)).toEqual(['/two']);
    expect(foldersOf(window)).toEqual(['/two', '/two']);
  });

  it('S9 bring their sessions back with them, with all that was said', async () => {
    const { world, sessions } = await twoFolders();
    const one = sessions.open;
    one?.update({ draft: 'Half a th' });
    await sessions.setFolders(['/two']);
    await settled();
    const id = one?.id ?? '';
    expect(world.leases.held.has(id)).toBe(false);
    expect(sessions.records.all.get(id)).toMatchObject({ name: 'Hello /one', draft: 'Half a th' });
    world.transcripts.conversations.set(id, world.journal.events(id));
    await sessions.setFolders(['/two', '/one']);
    const again = await sessions.openSession(id);
    expect(told(again)).toEqual(['you: Hello /one', 'claude (complete): Hi.']);
    expect(again.record.draft).toBe('Half a th');
  });

  it('S9 T6 that go stop a turn, which is told', async () => {
    const { world, sessions, problems } = await twoFolders();
    sessions.open?.send('Work');
    await settled();
    world.launcher.living.find(({ options }) => options.folder === '/one')?.print(messageStart('m9'));
    await settled();
    await sessions.setFolders(['/two']);
    expect(problems).toMatchObject([{ code: 'folderMissing' }]);
    expect(problems[0]?.what).toContain('Hello /one');
  });

  it('S9 that go leave a new session in the first one where no other was open', async () => {
    const { sessions } = open();
    sessions.create('/one');
    await sessions.setFolders(['/two', '/three']);
    expect(sessions.live.map(({ record }) => record.folder)).toEqual(['/two']);
    expect(sessions.open?.record.folder).toBe('/two');
  });

  it('S9 that all go leave nothing running and make nothing', async () => {
    const window = await twoFolders();
    await window.sessions.setFolders([]);
    expect([window.sessions.live, foldersOf(window), window.sessions.open]).toEqual([[], [], null]);
  });

  it('S9 keep the sessions of their worktrees, and a nested folder’s own go with it', async () => {
    const world = new World();
    const { sessions } = open(world);
    const inWorktree = sessions.create('/tree');
    sessions.create('/one/nested');
    world.foreign.set(inWorktree.id, indexEntry(inWorktree.id, { folder: '/one', cwd: '/tree', isWorktree: true }));
    await sessions.setFolders(['/one']);
    expect(sessions.live).toEqual([inWorktree]);
  });

  it('S9 P3 have their own time after which a process sleeps', async () => {
    const window = await twoFolders();
    window.world.folderIdleMs.set('/two', 1000);
    window.sessions.applyLimits();
    window.world.clock.advance(1500);
    await settled();
    expect(foldersOf(window)).toEqual(['/one']);
  });
});
