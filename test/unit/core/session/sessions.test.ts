import { describe, expect, it } from 'vitest';
import { noTurnUsage } from '../../../../src/protocol/session/events.js';
import { emptyState, type QueuedPrompt, type SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { answerLines, messageStart, toolLines } from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { before, open, stateWith, told } from './window.js';

describe('Restoring a window', () => {
  it('S6 opens the session that was open, with its messages, draft, queue, scroll place and costs', async () => {
    const total = { tokens: { input: 5, output: 6, cacheRead: 7, cacheWrite: 8 }, costUsd: 0.5, durationMs: 9 };
    const scroll = { atEnd: false, message: 1, offset: 20 };
    const queue: QueuedPrompt[] = [{ id: uuid(7), text: 'Waiting', priority: 'later', held: true }];
    const world = new World(stateWith({ draft: 'Half a th', queue, scroll, total, model: 'opus', mode: 'plan' }));
    world.transcripts.conversations.set(newRecord().id, before);
    const { sessions, opened } = open(world);
    const session = await sessions.restore(['/other', '/ws']);
    expect(session?.id).toBe(newRecord().id);
    expect(sessions.open).toBe(session);
    expect(opened).toEqual([session]);
    expect(session?.record).toMatchObject({ draft: 'Half a th', queue, scroll, total, model: 'opus', mode: 'plan' });
    expect(told(session)).toEqual(['you: Hello', 'claude (complete): Hi.']);
    expect(session?.queue.held).toBe(true);
    expect(world.launcher.launches).toEqual([]);
    session?.send('More');
    await settled();
    expect(world.launcher.last.options).toMatchObject({
      start: { kind: 'resume' },
      model: 'opus',
      permissionMode: 'plan',
    });
  });

  it('S6 a new window goes on where the last one was closed', async () => {
    const first = open();
    const session = first.sessions.create('/ws');
    session.send('Hello');
    await settled();
    first.world.launcher.last.print(...answerLines('m1', 'Hi.'));
    await settled();
    session.update({ draft: 'Next' });
    await settled();
    first.sessions.dispose();

    const second = new World(first.world.store.state);
    second.transcripts.conversations.set(session.id, before);
    second.journal.entries.push(...first.world.journal.entries);
    const restored = await open(second).sessions.restore(['/ws']);
    expect(restored?.id).toBe(session.id);
    expect(restored?.record).toMatchObject({ name: 'Hello', draft: 'Next', head: 'line-m1', total: { costUsd: 0.5 } });
    // The journal's numbers go on.
    expect(restored?.nextSequence).toBe(session.nextSequence);
  });

  it('S1 opens a new session where none was open, and none where there is no folder', async () => {
    const { sessions, world } = open();
    const session = await sessions.restore(['/ws', '/other']);
    expect(session?.record).toMatchObject({ folder: '/ws', name: '', model: null, mode: 'default' });
    await settled();
    expect(world.store.state.open).toBe(session?.id);
    expect(await open().sessions.restore([])).toBeNull();
  });

  it('S9 does not open a session of a folder that is not there any more', async () => {
    const { sessions } = open(new World(stateWith()));
    const session = await sessions.restore(['/other']);
    expect(session?.id).not.toBe(newRecord().id);
    expect(session?.record.folder).toBe('/other');
  });

  it('S8 opens a new session, and says so, where another window has it', async () => {
    const world = new World(stateWith());
    world.leases.held.add(newRecord().id);
    const { sessions } = open(world);
    const session = await sessions.restore(['/ws']);
    expect(session?.id).not.toBe(newRecord().id);
    expect(told(session)).toEqual(['claude (complete): notice sessionInUse']);
    await settled();
    expect(world.store.state.sessions.map(({ name }) => name)).toContain('Before');
  });

  it('S6 opens the session although its lease cannot be taken, and says so', async () => {
    const world = new World(stateWith());
    world.leases.failure = clientError('storageMissing');
    const { sessions, problems } = open(world);
    const session = await sessions.restore(['/ws']);
    expect(session?.id).toBe(newRecord().id);
    expect(problems).toMatchObject([{ code: 'storageMissing' }]);
    expect(world.logger.errors.splice(0)).toHaveLength(1);
  });

  it('S6 tells of a state file that could not be used', async () => {
    const world = new World();
    world.store.problem = { code: 'stateUnreadable', what: 'It is no JSON.' };
    const { sessions, problems } = open(world);
    expect(await sessions.restore(['/ws'])).not.toBeNull();
    expect(problems).toMatchObject([{ code: 'stateUnreadable' }]);
  });

  it('S6 a transcript that cannot be read is told in the conversation, and costs nothing that is kept', async () => {
    const total = { ...noTurnUsage, costUsd: 0.5 };
    const world = new World(stateWith({ total, draft: 'Half' }));
    world.transcripts.failure = new Error('EACCES');
    const { sessions } = open(world);
    const session = await sessions.restore(['/ws']);
    expect(told(session)).toEqual(['claude (complete): notice transcriptUnreadable']);
    await settled();
    expect(world.store.state.sessions[0]).toMatchObject({ total, draft: 'Half', head: 'line-m1' });
    expect(world.logger.errors.splice(0)).toHaveLength(1);
  });

  it('S5 lines of a transcript that could not be read are counted and told', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(newRecord().id, before);
    world.transcripts.unreadable = 3;
    const session = await open(world).sessions.restore(['/ws']);
    const told = session?.transcript.messages.at(-1);
    expect(told).toMatchObject({ state: 'complete', blocks: [{ explanation: { code: 'stateUnreadable' } }] });
    expect(JSON.stringify(told)).toContain('3 lines');
  });

  it('S6 T5 a turn that the transcript breaks off is not running', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(newRecord().id, before.slice(0, 2));
    const session = await open(world).sessions.restore(['/ws']);
    expect(session?.transcript).toMatchObject({ turn: null, activity: { kind: 'idle' } });
    expect(told(session)).toEqual(['you: Hello', 'claude (canceled): Hi.']);
    expect(session?.state).toBe('idle');
  });

  it('S6 restoring twice opens the session once', async () => {
    const { sessions, opened } = open(new World(stateWith()));
    const session = await sessions.restore(['/ws']);
    expect(await sessions.restore(['/ws'])).toBe(session);
    expect(new Set(opened).size).toBe(1);
  });

  it('S6 a window that is closed while it is restored opens nothing', async () => {
    const world = new World(stateWith());
    const { sessions, opened } = open(world);
    const restored = sessions.restore(['/ws']);
    sessions.dispose();
    expect(await restored).toBeNull();
    expect(opened).toEqual([]);
    expect(world.leases.held.size).toBe(0);
  });
});

describe('Keeping sessions', () => {
  it('S6 keeps names, drafts, scroll places and queues as they change', async () => {
    const { sessions, world } = open();
    const session = sessions.create('/ws');
    const saved = (): SessionRecord | undefined => world.store.state.sessions.find(({ id }) => id === session.id);
    session.update({ draft: 'Half a thought' });
    await settled();
    expect(saved()).toMatchObject({ draft: 'Half a thought' });
    session.update({ name: 'Mine', draft: '', scroll: { atEnd: true, message: 0, offset: 0 } });
    session.send('One');
    session.send('Two');
    await settled();
    world.launcher.last.echo();
    await settled();
    expect(saved()).toMatchObject({ name: 'Mine', draft: '', queue: [{ text: 'Two' }], scroll: { atEnd: true } });
  });

  it('S6 saves nothing where nothing changed', async () => {
    const { sessions, world } = open();
    const session = sessions.create('/ws');
    await settled();
    const { saves } = world.store;
    session.update({ draft: '' });
    session.warm();
    await settled();
    expect(world.store.saves).toBe(saves);
  });

  it('S6 does not keep sessions that were never used, but the one that is open', async () => {
    const { sessions, world } = open();
    sessions.create('/ws');
    const used = sessions.create('/ws');
    used.update({ draft: 'x' });
    const last = sessions.create('/ws');
    await settled();
    expect(world.store.state.sessions.map(({ id }) => id)).toEqual([used.id, last.id]);
    expect(world.store.state.open).toBe(last.id);
  });

  it('S4 F4 keeps a session without messages that is starred, tagged or a fork', async () => {
    const marks: Partial<SessionRecord>[] = [
      { starred: true },
      { tags: ['later'] },
      { lineage: { parent: uuid(1), at: null, kind: 'fork' } },
      { archived: true },
    ];
    const records = marks.map((mark, index) => ({ ...newRecord(), id: uuid(50 + index), ...mark }));
    const { sessions, world } = open(new World({ ...emptyState(), sessions: records }));
    const session = sessions.create('/ws');
    await settled();
    const kept = [uuid(50), uuid(51), uuid(52), session.id];
    expect(world.store.state.sessions.map(({ id }) => id)).toEqual(kept);
  });

  it('S4 S6 what another window marks about a session that runs here stays', async () => {
    const { sessions, world } = open();
    const session = sessions.create('/ws');
    await settled();
    await world.store.update((state) => ({
      ...state,
      sessions: state.sessions.map((one) => ({ ...one, starred: true, tags: ['theirs'] })),
    }));
    session.update({ draft: 'Half a thought' });
    session.send('Hello');
    await settled();
    expect(world.store.state.sessions).toMatchObject([
      { starred: true, tags: ['theirs'], draft: 'Half a thought', name: 'Hello' },
    ]);
  });

  it('S6 leaves the sessions of other windows as they are', async () => {
    const other = { ...newRecord(), id: uuid(42), name: 'Elsewhere' };
    const { sessions, world } = open(new World({ ...emptyState(), sessions: [other] }));
    sessions.create('/ws').update({ draft: 'x' });
    await settled();
    expect(world.store.state.sessions).toContainEqual(other);
  });

  it('S6 tells once that the state cannot be saved, and again after it could be in between', async () => {
    const { sessions, world, problems } = open();
    const session = sessions.create('/ws');
    await settled();
    world.store.failure = clientError('diskFull');
    for (const draft of ['a', 'b', 'c']) {
      session.update({ draft });
      await settled();
    }
    expect(problems).toMatchObject([{ code: 'diskFull' }]);
    world.store.failure = null;
    session.update({ draft: 'd' });
    await settled();
    world.store.failure = clientError('diskFull');
    session.update({ draft: 'e' });
    await settled();
    expect(problems).toHaveLength(2);
    expect(world.logger.errors.splice(0).length).toBe(4);
  });

  it('S6 saves in time that does not grow with the square of the sessions', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ ...newRecord(), id: uuid(1000 + index), name: 'x' }));
    const { sessions, world } = open(new World({ ...emptyState(), sessions: many }));
    const started = performance.now();
    const session = sessions.create('/ws');
    for (let time = 0; time < 10; time += 1) session.update({ draft: String(time) });
    await settled();
    expect(world.store.state.sessions).toHaveLength(5001);
    // Quadratic work takes tens of seconds; the copies that the fake store makes take some tenths of one.
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it('S1 a new session has a UUID of ours and nothing of another session', () => {
    const { sessions } = open();
    const first = sessions.create('/ws');
    const second = sessions.create('/ws');
    expect(first.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.id).not.toBe(first.id);
    expect(sessions.get(first.id)).toBe(first);
    expect(sessions.get('unknown')).toBeUndefined();
    expect(sessions.open).toBe(second);
  });

  it('S8 takes a lease for a new session, and gives all up at the end', async () => {
    const { sessions, world } = open();
    const session = sessions.create('/ws');
    await settled();
    expect([...world.leases.held]).toEqual([session.id]);
    sessions.dispose();
    expect([...world.leases.held]).toEqual([]);
  });

  it('A4 P4 closing the window denies what is pending, ends every process and keeps what waits', async () => {
    const { sessions, world } = open();
    const session = sessions.create('/ws');
    session.send('One');
    session.send('Two');
    await settled();
    world.launcher.last.print(messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'ls' }));
    world.launcher.last.ask({ id: 'p1', toolUseId: 't1' });
    await settled();
    expect(world.prompter.open).toHaveLength(1);
    sessions.dispose();
    await settled();
    expect(world.audit.entries).toMatchObject([{ decision: 'deny', by: 'closed' }]);
    expect(world.launcher.living).toEqual([]);
    expect(world.store.state.sessions[0]?.queue).toMatchObject([{ text: 'Two' }]);
  });
});
