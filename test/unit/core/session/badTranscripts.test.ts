import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../../../src/base/errors.js';
import type { Session } from '../../../../src/core/session/session.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import type { Message } from '../../../../src/protocol/session/transcript.js';
import { answerLines } from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { before, open, stateWith, told } from './window.js';

const { id } = newRecord();

/** A turn in which Claude answered, as both the journal and a transcript give it. */
function turn(name: string, at = 5): readonly SessionEvent[] {
  return [
    { kind: 'start', turn: name, prompt: { uuid: `prompt ${name}`, text: name }, at },
    { kind: 'text', block: { parent: null, message: name, index: 0 }, text: `${name}!`, whole: true },
    { kind: 'message', parent: null, message: name, uuid: `answer ${name}`, model: 'opus' },
    { kind: 'complete', turn: name, usage: noTurnUsage },
  ];
}

function said(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`you: ${name}`, `claude (complete): ${name}!`]);
}

/** What the session says beside the conversation. */
function notices(session: Session | null): readonly Explanation[] {
  const all: readonly Message[] = session?.transcript.messages ?? [];
  const blocks = all.flatMap((message) => (message.role === 'assistant' ? message.blocks : []));
  return blocks.flatMap((block) => (block.type === 'notice' || block.type === 'error' ? [block.explanation] : []));
}

/** Every message says what happened, what was kept and what to do. */
function expectWhole(explanation: Explanation | undefined): void {
  expect(explanation?.what).toMatch(/\.$/);
  expect(explanation?.kept).toMatch(/\.$/);
  expect(explanation?.next).toMatch(/\.$/);
}

/** A world whose journal has three turns. */
async function journaled(): Promise<World> {
  const world = new World(stateWith());
  await world.journal.append(id, 0, [...turn('one'), ...turn('two'), ...turn('three')]);
  return world;
}

describe('A transcript that is gone when its session is opened', () => {
  it('S6 is said, and what was said is shown from our own record, with a recap offered', async () => {
    const world = await journaled();
    const session = await open(world).sessions.restore(['/ws']);
    expect(told(session).slice(0, 6)).toEqual(said('one', 'two', 'three'));
    const [notice, ...more] = notices(session);
    expect(more).toEqual([]);
    expect(notice).toMatchObject({ code: 'transcriptMissing', actions: ['sendRecap'] });
    expect(notice?.kept).toContain('3 turns');
    expectWhole(notice);
    // No fork can begin there.
    expect(session?.transcript.messages.filter(({ role }) => role === 'assistant').map(({ uuid }) => uuid)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(session?.nextSequence).toBe(13);
  });

  it('T10 S6 the next message begins anew, and both parts are there in the next window', async () => {
    const world = await journaled();
    const first = open(world);
    const session = await first.sessions.restore(['/ws']);
    world.launcher.script.push({ isReady: false });
    session?.send('four');
    await settled();
    expect(world.launcher.last.options.start).toEqual({ kind: 'resume' });
    world.launcher.last.failToStart(clientError('conversationNotFound', 'No conversation found'));
    await settled();
    expect(world.launcher.last.options.start).toEqual({ kind: 'new' });
    world.launcher.last.print(...answerLines('m4', 'Four!'));
    await settled();
    first.sessions.dispose();
    const [prompt] = world.launcher.last.sent;
    const next = new World(world.store.state);
    next.journal.entries.push(...world.journal.entries);
    next.transcripts.conversations.set(id, [
      { kind: 'start', turn: 'r4', prompt: { uuid: prompt?.uuid ?? '', text: 'four' }, at: 9 },
      { kind: 'text', block: { parent: null, message: 'm4', index: 0 }, text: 'Four!', whole: true },
      { kind: 'message', parent: null, message: 'm4', uuid: 'line-m4', model: 'opus' },
      { kind: 'complete', turn: 'r4', usage: noTurnUsage },
    ]);
    const again = await open(next).sessions.restore(['/ws']);
    expect(told(again).slice(0, 8)).toEqual([...said('one', 'two', 'three'), 'you: four', 'claude (complete): Four!']);
    expect(notices(again).at(-1)).toMatchObject({ code: 'transcriptMissing' });
  });

  it('S6 is said also where our own record has nothing of it', async () => {
    const session = await open(new World(stateWith({ draft: 'Half' }))).sessions.restore(['/ws']);
    expect(session?.record).toMatchObject({ name: 'Before', draft: 'Half' });
    const [notice] = notices(session);
    expect(notice).toMatchObject({ code: 'transcriptMissing' });
    expect(notice?.kept).toContain('draft');
    expectWhole(notice);
  });

  it('S6 nothing is said of a session that was never used', async () => {
    const session = await open(new World(stateWith({ head: null }))).sessions.restore(['/ws']);
    expect(told(session)).toEqual([]);
  });

  it('T7 a message that waits is in the queue and not shown as said', async () => {
    const world = await journaled();
    const waiting = new World(
      stateWith({ queue: [{ id: 'prompt four', text: 'four', priority: 'later', held: false }] }),
    );
    waiting.journal.entries.push(...world.journal.entries);
    await waiting.journal.append(id, 12, [
      { kind: 'start', turn: 'four', prompt: { uuid: 'prompt four', text: 'four' }, at: 5 },
      { kind: 'canceled', turn: 'four', by: 'user', usage: noTurnUsage },
    ]);
    const session = await open(waiting).sessions.restore(['/ws']);
    expect(session?.queue.messages.map(({ text }) => text)).toEqual(['four']);
    expect(told(session)).not.toContain('you: four');
  });
});

describe('A transcript of which a part is gone', () => {
  it('S6 whose beginning was deleted with the file while the program went on: it is shown in its place', async () => {
    const world = await journaled();
    world.transcripts.conversations.set(id, turn('three'));
    const session = await open(world).sessions.restore(['/ws']);
    expect(told(session).slice(0, 6)).toEqual(said('one', 'two', 'three'));
    const [notice] = notices(session);
    expect(notice).toMatchObject({ code: 'transcriptMissing', what: expect.stringContaining('A part') as string });
    expectWhole(notice);
  });

  it('S6 that was truncated in the middle: what is lost is shown in its place, the torn line is counted', async () => {
    const world = await journaled();
    world.transcripts.conversations.set(id, [...turn('one'), ...turn('three')]);
    world.transcripts.unreadable = 1;
    const session = await open(world).sessions.restore(['/ws']);
    expect(told(session).slice(0, 6)).toEqual(said('one', 'two', 'three'));
    expect(notices(session).map(({ code }) => code)).toEqual(['stateUnreadable', 'transcriptMissing']);
  });

  it('S6 what the user left behind by going back is still in the file, and is not brought up again', async () => {
    const world = await journaled();
    world.transcripts.conversations.set(id, turn('other'));
    world.transcripts.upTo.set('answer one', turn('one'));
    const session = await open(world).sessions.restore(['/ws']);
    expect(told(session)).toEqual(said('other'));
  });

  it('S6 a turn that never reached the program is no loss', async () => {
    const world = new World(stateWith());
    const failed: SessionEvent = {
      kind: 'error',
      turn: 'bad',
      error: { code: 'programBroken', what: 'No.' },
      usage: noTurnUsage,
    };
    await world.journal.append(id, 0, [
      { kind: 'start', turn: 'bad', prompt: { uuid: 'prompt bad', text: 'bad' }, at: 1 },
      failed,
      ...turn('one'),
    ]);
    world.transcripts.conversations.set(id, turn('one'));
    expect(told(await open(world).sessions.restore(['/ws']))).toEqual(said('one'));
  });

  it('S6 a long conversation, of which only the end is read, costs no look at the journal’s beginning', async () => {
    const world = await journaled();
    world.transcripts.conversations.set(id, turn('three'));
    world.transcripts.earlier = [turn('two')];
    expect(told(await open(world).sessions.restore(['/ws']))).toEqual(said('three'));
  });
});

describe.each(['EBUSY', 'EACCES'])('A transcript that is locked (%s)', (code) => {
  it('S6 as its session is opened: our own record is shown, and it can be used again later', async () => {
    const world = await journaled();
    world.transcripts.failure = new Error(`${code}: resource busy or locked`);
    const session = await open(world).sessions.restore(['/ws']);
    expect(told(session).slice(0, 6)).toEqual(said('one', 'two', 'three'));
    const [notice] = notices(session);
    expect(notice).toMatchObject({ code: 'transcriptUnreadable', detail: expect.stringContaining(code) as string });
    expectWhole(notice);
    expect(world.logger.errors.splice(0)).toHaveLength(1);
  });

  it('S6 F1 as it is forked: no fork is made, and the reason is said', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, before);
    const { sessions } = open(world);
    await sessions.restore(['/ws']);
    world.transcripts.upTo.set('line-m1', before);
    world.transcripts.failure = new Error(code);
    const error: unknown = await sessions.fork(id, 'now').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'transcriptUnreadable' });
    expect(sessions.live).toHaveLength(1);
  });
});

describe('A transcript that is deleted while its session is open', () => {
  it('S6 is said once; what is shown stays, and the next message works', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, before);
    const { sessions } = open(world);
    const session = await sessions.restore(['/ws']);
    world.transcripts.conversations.delete(id);
    sessions.outside.transcriptsChanged({ changed: [], removed: [id] });
    await settled();
    expect(told(session)).toEqual([
      'you: Hello',
      'claude (complete): Hi.',
      'claude (complete): notice transcriptMissing',
    ]);
    expectWhole(notices(session)[0]);
    session?.send('More');
    await settled();
    world.launcher.last.print(...answerLines('m2', 'Fine.'));
    await settled();
    expect(told(session).slice(3)).toEqual(['you: More', 'claude (complete): Fine.']);
  });

  it('S6 nothing is said where it is only out of the index’s sight', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, before);
    const { sessions } = open(world);
    const session = await sessions.restore(['/ws']);
    sessions.outside.transcriptsChanged({ changed: [], removed: [id] });
    await settled();
    expect(notices(session)).toEqual([]);
  });
});

describe('A fork that cannot be made', () => {
  it('F1 because the transcript is gone: that is said, and a recap offered', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, before);
    const { sessions } = open(world);
    await sessions.restore(['/ws']);
    world.transcripts.conversations.delete(id);
    const error = await thrownBy(sessions.fork(id, 'now'));
    expect(error).toMatchObject({ code: 'transcriptMissing', actions: ['recapInNewSession'] });
    expect(error?.what).toContain('gone');
    expectWhole(error);
    expect(sessions.live).toHaveLength(1);
    expect(sessions.open?.id).toBe(id);
  });

  it('F1 because a compaction took the message out: that is another message', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, [...before, ...turn('later')]);
    world.transcripts.upTo.set('line-m1', before);
    world.transcripts.upTo.set('answer later', [...before, ...turn('later')]);
    world.transcripts.compacted.add('line-m1');
    const { sessions } = open(world);
    const session = await sessions.restore(['/ws']);
    const error = await thrownBy(sessions.fork(id, { behind: session?.transcript.messages[1]?.number ?? 0 }));
    expect(error).toMatchObject({ code: 'messageMissing' });
    expect(error?.what).toContain('compacted');
    expectWhole(error);
    expect(sessions.live).toHaveLength(1);
    // Behind the compaction it can be forked.
    expect((await sessions.fork(id, 'now')).record.lineage).toMatchObject({ parent: id, at: 'answer later' });
  });

  it('F1 just after a compaction “now” is all that Claude has', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, before);
    world.transcripts.upTo.set('line-m1', before);
    world.transcripts.compacted.add('line-m1');
    const { sessions } = open(world);
    await sessions.restore(['/ws']);
    const fork = await sessions.fork(id, 'now');
    expect(fork.record.lineage).toMatchObject({ parent: id, at: null, kind: 'fork' });
    fork.send('On');
    await settled();
    expect(world.launcher.last.options.start).toEqual({ kind: 'fork', from: id });
  });

  it('F1 because the message was cut out of the file: never a fork from another message instead', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, [...before, ...turn('two'), ...turn('three')]);
    world.transcripts.upTo.set('line-m1', before);
    const { sessions } = open(world);
    const session = await sessions.restore(['/ws']);
    const error = await thrownBy(sessions.fork(id, { behind: session?.transcript.messages[3]?.number ?? 0 }));
    expect(error).toMatchObject({ code: 'messageMissing' });
    expect(error?.what).toContain('not in');
    expectWhole(error);
  });

  it.each([
    ['transcriptMissing', 'gone'],
    ['notFound', 'not in the transcript'],
  ] as const)(
    'F1 a fork that was never used and whose origin is gone (%s) says so as it is opened',
    async (code, words) => {
      const lineage = { parent: uuid(77), at: 'somewhere', kind: 'fork' } as const;
      const world = new World(stateWith({ head: null, lineage, draft: 'Half' }));
      world.transcripts.readUpTo = () => Promise.reject(clientError(code));
      const session = await open(world).sessions.restore(['/ws']);
      expect(session?.record.draft).toBe('Half');
      const [notice] = notices(session);
      expect(notice?.what).toContain(words);
      expectWhole(notice);
      world.logger.errors.splice(0);
    },
  );
});

describe('Two transcripts of one id', () => {
  it('S3 are said with their folders, and which of them is shown', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, before);
    const place = (cwd: string): { folder: string; cwd: string; path: string } => ({
      folder: '/ws',
      cwd,
      path: `${cwd}.jsonl`,
    });
    world.foreign.set(id, {
      ...place('/ws-tree'),
      ...{ isWorktree: true, bornAt: 1 },
      ...{ id, size: 1, modifiedAt: 1, createdAt: 1, activeAt: 2, title: 't', titleSource: 'prompt', firstPrompt: 't' },
      ...{ branch: null, forkedFrom: null, origin: null },
      also: [place('/ws')],
    });
    const session = await open(world).sessions.restore(['/ws']);
    const [notice] = notices(session);
    expect(notice).toMatchObject({ code: 'ambiguous' });
    expect(notice?.kept).toContain('The one of /ws is shown');
    expect(notice?.next).toContain('/ws-tree');
    expectWhole(notice);
  });
});

describe('A clock that was set back', () => {
  it('S2 M1 makes no session older than it was, and no turn shorter than nothing', async () => {
    const { sessions, world } = open();
    const session = sessions.create('/ws');
    session.send('Hello');
    const { activeAt } = session.record;
    await settled();
    world.clock.advance(-3_600_000);
    // Nobody but we ourselves measures a turn whose program has died.
    world.launcher.last.exit({ code: null, signal: 'SIGKILL' });
    await settled();
    expect(session.transcript.total.durationMs).toBe(0);
    session.send('Again');
    await settled();
    expect(session.record.activeAt).toBe(activeAt);
    expect(world.store.state.sessions[0]?.activeAt).toBe(activeAt);
    await session.stop();
  });

  it('T5 leaves a turn that was cut off behind the one that it came after', async () => {
    const world = new World(stateWith());
    world.transcripts.conversations.set(id, [...turn('one', 9000), ...turn('two', 9500)]);
    await world.journal.append(id, 0, [
      ...turn('one', 9000),
      ...turn('two', 9500),
      { kind: 'start', turn: 'three', prompt: { uuid: 'prompt three', text: 'three' }, at: 100 },
      { kind: 'text', block: { parent: null, message: 'three', index: 0 }, text: 'Thr', whole: false },
    ]);
    const session = await open(world).sessions.restore(['/ws']);
    expect(told(session)).toEqual([...said('one', 'two'), 'you: three', 'claude (canceled): Thr | notice turnCutOff']);
  });
});

async function thrownBy(work: Promise<unknown>): Promise<(Explanation & { readonly code: string }) | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error !== undefined && typeof error === 'object' && error !== null && 'explanation' in error
    ? (error.explanation as Explanation)
    : undefined;
}
