import { describe, expect, it } from 'vitest';
import type { Session } from '../../../../src/core/session/session.js';
import type { SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { answerLines, messageStart, textPieces } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { conversation, indexEntry, leaves, messageId, toldUpTo, write } from './conversations.js';
import { open, stateWith, told, type Window } from './window.js';

async function withParent(): Promise<Window & { parent: Session }> {
  const world = new World(stateWith({ head: messageId(4) }));
  write(world, 4);
  const window = open(world);
  const parent = await window.sessions.restore(['/ws']);
  if (!parent) throw new Error('The session was not opened');
  return { ...window, parent };
}

/** Asks an aside and waits for its answer, as the program would write it down. */
async function ask({ sessions, world }: Window, parent: Session): Promise<Session> {
  const aside = await sessions.fork(parent.id, 'now', 'aside');
  aside.send('By the way?');
  await settled();
  world.launcher.last.print(...answerLines('m9', 'So it is.'));
  world.transcripts.conversations.set(aside.id, conversation(6));
  await settled();
  return aside;
}

function recordIn(world: World, id: string): SessionRecord | undefined {
  return world.store.state.sessions.find((each) => each.id === id);
}

describe('An aside', () => {
  it('F6 knows what its parent knows, is marked, and leaves transcript, head and cost of its parent as they were', async () => {
    const window = await withParent();
    const { world, parent } = window;
    const before = structuredClone(parent.record);
    const aside = await ask(window, parent);
    expect(told(aside)).toEqual([...toldUpTo(4), 'you: By the way?', 'claude (complete): So it is.']);
    expect(leaves(aside.record)).toEqual(['aside', parent.id, messageId(4)]);
    expect(world.launcher.last.options.start).toEqual({ kind: 'fork', from: parent.id, at: messageId(4) });
    // What a fork's program counts from is its parent's; this one does not say what that was.
    expect(aside.record.total.costUsd).toBe(0);
    expect(parent.record).toEqual(before);
    expect(told(parent)).toEqual(toldUpTo(4));
  });

  it('F6 is begun while a turn runs, which goes on', async () => {
    const window = await withParent();
    const { sessions, world, parent } = window;
    parent.send('More');
    await settled();
    const { last } = world.launcher;
    last.print(messageStart('m3'), ...textPieces(0, 'Once'));
    await settled();
    const aside = await sessions.fork(parent.id, 'now', 'aside');
    expect(told(aside)).toEqual(toldUpTo(4));
    last.print(...answerLines('m3', ' upon').slice(-4));
    await settled();
    expect(parent.state).toBe('ready');
    expect(told(parent).at(-1)).toContain('complete');
  });

  it('F6 discarded, it leaves no process, transcript, journal or record, and its parent is shown', async () => {
    const window = await withParent();
    const { sessions, world, parent } = window;
    const aside = await ask(window, parent);
    await sessions.closeAside(aside);
    await settled();
    expect(sessions.open).toBe(parent);
    expect(sessions.get(aside.id)).toBeUndefined();
    expect(world.launcher.living).toEqual([]);
    expect(world.transcripts.conversations.has(aside.id)).toBe(false);
    expect(world.journal.events(aside.id)).toEqual([]);
    expect(recordIn(world, aside.id)).toBeUndefined();
    expect(world.store.state.forgotten ?? []).toEqual([]);
    expect(world.leases.held.has(aside.id)).toBe(false);
    expect(world.store.state.open).toBe(parent.id);
  });

  it('F6 discarded in the middle of its answer, it is stopped first', async () => {
    const window = await withParent();
    const { sessions, world, parent } = window;
    const aside = await sessions.fork(parent.id, 'now', 'aside');
    aside.send('By the way?');
    await settled();
    await sessions.closeAside(aside);
    await settled();
    expect(world.launcher.last.interrupts).toBe(1);
    expect(world.launcher.living).toEqual([]);
    expect(recordIn(world, aside.id)).toBeUndefined();
    expect(sessions.open).toBe(parent);
  });

  it('F6 discarded twice, or when its parent is gone, something is shown all the same', async () => {
    const window = await withParent();
    const { sessions, parent, world } = window;
    const aside = await ask(window, parent);
    await sessions.delete([parent.id], true);
    expect(sessions.open).toBe(aside);
    await Promise.all([sessions.closeAside(aside), sessions.closeAside(aside)]);
    await settled();
    expect(sessions.open?.record).toMatchObject({ folder: '/ws', lineage: null });
    expect(recordIn(world, aside.id)).toBeUndefined();
  });

  it('F6 kept, it is a fork like any other, and cannot be discarded any more', async () => {
    const window = await withParent();
    const { sessions, world, parent } = window;
    const aside = await ask(window, parent);
    aside.promote();
    await settled();
    expect(leaves(recordIn(world, aside.id) ?? newRecord())).toEqual(['fork', parent.id, messageId(4)]);
    await sessions.closeAside(aside);
    expect(sessions.get(aside.id)).toBe(aside);
    const next = new World(world.store.state);
    write(next, 6, aside.id);
    expect((await open(next).sessions.restore(['/ws']))?.id).toBe(aside.id);
  });

  it('F6 a session that is none is neither kept nor discarded', async () => {
    const { sessions, parent } = await withParent();
    const before = parent.record;
    parent.promote();
    await sessions.closeAside(parent);
    expect(parent.record).toEqual(before);
    expect(sessions.get(parent.id)).toBe(parent);
  });

  it('F6 F1 that is forked is kept, since its fork begins with what it holds', async () => {
    const window = await withParent();
    const { sessions, parent } = window;
    const aside = await ask(window, parent);
    window.world.transcripts.upTo.set('line-m9', conversation(6));
    const fork = await sessions.fork(aside.id, 'now');
    expect(leaves(fork.record)).toEqual(['fork', aside.id, 'line-m9']);
    expect(leaves(aside.record)[0]).toBe('fork');
  });

  it('F6 F1 of another window that is forked is kept there too', async () => {
    const id = uuid(61);
    const aside = {
      ...newRecord(),
      id,
      head: messageId(4),
      lineage: { parent: uuid(1), at: null, kind: 'aside' },
    } as const;
    const world = new World({ ...stateWith(), sessions: [...stateWith().sessions, aside] });
    write(world, 4, id);
    world.leases.held.add(id);
    const { sessions } = open(world);
    await sessions.restore(['/ws']);
    await sessions.fork(id, 'now');
    await settled();
    expect(recordIn(world, id)?.lineage?.kind).toBe('fork');
  });
});

describe('Asides that a window left', () => {
  const lineage = { parent: newRecord().id, at: messageId(4), kind: 'aside' } as const;
  const aside: SessionRecord = { ...newRecord(), id: uuid(60), head: messageId(6), lineage };

  function leftWith(...more: readonly SessionRecord[]): World {
    const state = stateWith({ head: messageId(4) });
    const world = new World({ ...state, sessions: [...state.sessions, ...more] });
    write(world, 4);
    for (const { id } of more) world.transcripts.conversations.set(id, conversation(6));
    return world;
  }

  it('F6 are taken out at the next start, with their transcripts and journals', async () => {
    const world = leftWith(aside);
    await world.journal.append(aside.id, 0, conversation(2));
    const { sessions } = open(world);
    expect((await sessions.restore(['/ws']))?.id).toBe(newRecord().id);
    await settled();
    expect(world.store.state.sessions.map(({ id }) => id)).toEqual([newRecord().id]);
    expect([...world.transcripts.conversations.keys()]).toEqual([newRecord().id]);
    expect(world.journal.events(aside.id)).toEqual([]);
    expect(world.leases.held.has(aside.id)).toBe(false);
  });

  it('F6 S6 where one was open, what it was asked beside is shown, whoever made that', async () => {
    const world = leftWith(aside);
    await world.store.update((state) => ({ ...state, open: aside.id }));
    expect((await open(world).sessions.restore(['/ws']))?.id).toBe(newRecord().id);

    const foreign = uuid(62);
    const other = leftWith({ ...aside, lineage: { ...lineage, parent: foreign } });
    await other.store.update((state) => ({ ...state, open: aside.id }));
    other.foreign.set(foreign, indexEntry(foreign));
    write(other, 4, foreign);
    const session = await open(other).sessions.restore(['/ws']);
    expect(session?.record).toMatchObject({ id: foreign, name: 'From a terminal' });
    expect(told(session)).toEqual(toldUpTo(4));
  });

  it('F6 S8 stay while another window has them, and where the workspace does not have their folder', async () => {
    const elsewhere = { ...aside, id: uuid(63), folder: '/other' };
    const world = leftWith(aside, elsewhere);
    world.leases.held.add(aside.id);
    await open(world).sessions.restore(['/ws']);
    await settled();
    expect(recordIn(world, aside.id)).toEqual(aside);
    expect(recordIn(world, elsewhere.id)).toEqual(elsewhere);
  });

  it('F6 that cannot be taken out keep nothing from being opened, and forks stay', async () => {
    const fork = { ...aside, id: uuid(64), lineage: { ...lineage, kind: 'fork' as const } };
    const world = leftWith(aside, fork);
    world.transcripts.remove = () => Promise.reject(new Error('EPERM'));
    expect((await open(world).sessions.restore(['/ws']))?.id).toBe(newRecord().id);
    await settled();
    expect(recordIn(world, fork.id)).toEqual(fork);
    expect(world.logger.errors.splice(0)).toEqual(['An aside that was left could not be taken out: EPERM']);
  });
});
