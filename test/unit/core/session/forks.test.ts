import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../../../src/core/session/session.js';
import type { Sessions } from '../../../../src/core/session/sessions.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import type { SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { answerLines, errorLine, messageStart, textPieces, toolLines } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { conversation, indexEntry, leaves, messageId, toldUpTo, write } from './conversations.js';
import { open, stateWith, told, type Window } from './window.js';

/** A window with a session of so many messages open in it. */
async function forkable(count: number, record: Partial<SessionRecord> = {}): Promise<Window & { parent: Session }> {
  const world = new World(stateWith({ head: messageId(count), ...record }));
  write(world, count);
  const window = open(world);
  const parent = await window.sessions.restore(['/ws']);
  if (!parent) throw new Error('The session was not opened');
  return { ...window, parent };
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('Forking behind a message', () => {
  it('F1 the fork shows exactly the messages up to there at once, and its parent is as it was', async () => {
    const { sessions, parent, opened } = await forkable(10);
    const before = structuredClone(parent.record);
    const fork = await sessions.fork(parent.id, { behind: 3 });
    expect(told(fork)).toEqual(toldUpTo(3));
    expect(leaves(fork.record)).toEqual(['fork', parent.id, messageId(3)]);
    expect(sessions.open).toBe(fork);
    expect(opened.at(-1)).toBe(fork);
    expect(fork.state).toBe('idle');
    await settled();
    expect(parent.record).toEqual(before);
    expect(told(parent)).toEqual(toldUpTo(10));
  });

  it("F1 the next prompt follows what the fork holds, also a prompt that has no answer, on the program's own means", async () => {
    const { sessions, parent, world } = await forkable(10);
    const fork = await sessions.fork(parent.id, { behind: 3 });
    fork.send('Another way');
    await settled();
    expect(world.launcher.last.options).toMatchObject({
      sessionId: fork.id,
      start: { kind: 'fork', from: parent.id, at: messageId(3) },
    });
    world.launcher.last.print(...answerLines('m9', 'Fine.'));
    await settled();
    expect(told(fork)).toEqual([...toldUpTo(3), 'you: Another way', 'claude (complete): Fine.']);
    expect(parent.record.head).toBe(messageId(10));
  });

  it('F2 it works as its parent does: folder, model, mode, system prompt; and has nothing of what happened there', async () => {
    const works = { model: 'opus', mode: 'plan', appendSystemPrompt: 'Be brief.' } as const;
    const total = { ...noTurnUsage, costUsd: 3 };
    const marks: Partial<SessionRecord> = { starred: true, unread: true, tags: ['x'], draft: 'Half', total };
    const { sessions, parent, world } = await forkable(4, { ...works, ...marks, name: 'Mine', nameFrom: 'user' });
    const fork = await sessions.fork(parent.id, { behind: 2 });
    expect(fork.record).toMatchObject({ ...works, folder: '/ws', name: 'Mine', nameFrom: 'prompt', head: null });
    expect(fork.record).toMatchObject({ starred: false, unread: false, tags: [], draft: '', total: noTurnUsage });
    fork.send('Its own way');
    await settled();
    expect(fork.record.name).toBe('Its own way');
    expect(world.launcher.last.options).toMatchObject({
      folder: '/ws',
      model: 'opus',
      permissionMode: 'plan',
      appendSystemPrompt: 'Be brief.',
    });
  });

  it('F1 F4 the fork is there again in the next window, before its first prompt and after it', async () => {
    const { sessions, parent, world } = await forkable(10);
    const fork = await sessions.fork(parent.id, { behind: 4 });
    await settled();
    sessions.dispose();
    const next = new World(world.store.state);
    write(next, 10);
    const again = await open(next).sessions.restore(['/ws']);
    expect(again?.id).toBe(fork.id);
    expect(told(again)).toEqual(toldUpTo(4));
    again?.send('Go on');
    await settled();
    expect(next.launcher.last.options.start).toEqual({ kind: 'fork', from: parent.id, at: messageId(4) });

    // From its first prompt on it has a transcript of its own.
    const last = new World(next.store.state);
    write(last, 10);
    last.transcripts.conversations.set(fork.id, conversation(6));
    expect(told(await open(last).sessions.restore(['/ws']))).toEqual(toldUpTo(6));
  });

  it('F1 the place is meant as the program knows it: the line of a message that reached Claude in mid-turn is another', async () => {
    const { sessions, parent, world } = await forkable(4);
    world.transcripts.lines.set(messageId(3), uuid(77));
    const fork = await sessions.fork(parent.id, { behind: 3 });
    expect(leaves(fork.record)).toEqual(['fork', parent.id, uuid(77)]);
  });

  it('F1 T10 a fork whose first message the program has lost meanwhile says so, and does not begin anew by itself', async () => {
    const { sessions, parent, world } = await forkable(4);
    const fork = await sessions.fork(parent.id, { behind: 2 });
    fork.send('Go on');
    await settled();
    world.launcher.last.print(errorLine(`No message found with message.uuid of: ${messageId(2)}`));
    world.launcher.last.exit({ code: 1 });
    await settled();
    expect(told(fork).at(-1)).toBe('claude (failed): error messageMissing');
    expect(JSON.stringify(fork.transcript.messages.at(-1))).toContain('recapInNewSession');
    expect(world.launcher.launches).toHaveLength(1);
  });
});

describe('Forking before a message', () => {
  it('F5 the fork holds what was said before it', async () => {
    const { sessions, parent } = await forkable(10);
    expect(told(await sessions.fork(parent.id, { before: 3 }))).toEqual(toldUpTo(2));
  });

  it('F5 before the first message there is nothing: the fork begins a conversation, still as a fork', async () => {
    const { sessions, parent, world } = await forkable(10, { model: 'opus' });
    const fork = await sessions.fork(parent.id, { before: 1 });
    expect(told(fork)).toEqual([]);
    expect(leaves(fork.record)).toEqual(['fork', parent.id, '']);
    fork.send('In another way');
    await settled();
    expect(world.launcher.last.options).toMatchObject({ start: { kind: 'new' }, model: 'opus' });
  });

  it('F5 before the first message in memory, what is not in memory counts', async () => {
    const world = new World(stateWith({ head: messageId(10) }));
    write(world, 10);
    world.transcripts.conversations.set(newRecord().id, conversation(10).slice(conversation(4).length));
    world.transcripts.earlier = [conversation(4)];
    const { sessions } = open(world);
    const parent = await sessions.restore(['/ws']);
    const first = parent?.transcript.messages[0];
    expect(first).toMatchObject({ role: 'user', text: 'message 5' });
    const fork = await sessions.fork(parent?.id ?? '', { before: first?.number ?? 0 });
    expect(told(fork)).toEqual(toldUpTo(4));
  });
});

describe('Forking from now', () => {
  it('F1 the fork holds all that there is', async () => {
    const { sessions, parent } = await forkable(6);
    expect(told(await sessions.fork(parent.id, 'now'))).toEqual(toldUpTo(6));
  });

  it('F1 S3 a session that is not live is forked from its transcript, whoever made it', async () => {
    const world = new World();
    const id = write(world, 4, uuid(700));
    world.foreign.set(id, indexEntry(id));
    const { sessions } = open(world);
    const fork = await sessions.fork(id, 'now');
    expect(told(fork)).toEqual(toldUpTo(4));
    expect(leaves(fork.record)).toEqual(['fork', id, messageId(4)]);
    expect(sessions.get(id)).toBeUndefined();
  });

  it('F1 while a turn runs it holds what the transcript has, and the turn goes on', async () => {
    const { sessions, parent, world } = await forkable(4);
    parent.send('More');
    await settled();
    const { last } = world.launcher;
    last.print(messageStart('m3'), ...textPieces(0, 'Once upon'));
    await settled();
    const prompt = last.sent[0]?.uuid ?? '';
    world.transcripts.upTo.set(prompt, [...conversation(4), ...asked(prompt, 'More')]);
    const fork = await sessions.fork(parent.id, 'now');
    expect(told(fork)).toEqual([...toldUpTo(4), 'you: More']);
    expect(parent.state).toBe('running');
    last.print(...answerLines('m3', ' a time.').slice(-4));
    await settled();
    expect(parent.state).toBe('ready');
    expect(told(fork)).toEqual([...toldUpTo(4), 'you: More']);
    expect(parent.record.unread).toBe(true);
  });

  it('F1 a message that streams is forked from what of it is in the transcript', async () => {
    const { sessions, parent, world } = await forkable(4);
    parent.send('More');
    await settled();
    world.launcher.last.print(messageStart('m3'), ...toolLines('m3', 0, 't1', 'Bash', { command: 'ls' }));
    await settled();
    world.transcripts.upTo.set('line-m3', [...conversation(4), ...asked('u', 'More')]);
    const fork = await sessions.fork(parent.id, { behind: 6 });
    expect(leaves(fork.record)).toEqual(['fork', parent.id, 'line-m3']);
    await parent.stop();
  });

  it('F1 in the first turn of all, of which nothing is written yet, the fork begins as its parent did', async () => {
    const { sessions, world } = open();
    const parent = sessions.create('/ws');
    parent.send('Hello');
    await settled();
    world.transcripts.missing.add(parent.id);
    const fork = await sessions.fork(parent.id, 'now');
    expect(told(fork)).toEqual([]);
    expect(leaves(fork.record)).toEqual(['fork', parent.id, '']);
    await parent.stop();
  });

  it('F1 an empty session can be forked', async () => {
    const { sessions } = open();
    const parent = sessions.create('/ws');
    const fork = await sessions.fork(parent.id, 'now');
    expect(told(fork)).toEqual([]);
    expect(fork.id).not.toBe(parent.id);
  });
});

describe('Forking a fork', () => {
  it('F1 one that has a transcript of its own is the parent', async () => {
    const { sessions, parent, world } = await forkable(10);
    const fork = await sessions.fork(parent.id, { behind: 4 });
    world.transcripts.conversations.set(fork.id, conversation(4));
    const second = await sessions.fork(fork.id, { behind: 2 });
    expect(told(second)).toEqual(toldUpTo(2));
    expect(leaves(second.record)).toEqual(['fork', fork.id, messageId(2)]);
  });

  it('F1 F4 one that was not sent anything yet has none: its fork is one of its own parent, and works as it does', async () => {
    const { sessions, parent, world } = await forkable(10);
    const fork = await sessions.fork(parent.id, { behind: 4 });
    await fork.setModel('haiku');
    const second = await sessions.fork(fork.id, { behind: 3 });
    expect(told(second)).toEqual(toldUpTo(3));
    expect(leaves(second.record)).toEqual(['fork', parent.id, messageId(3)]);
    second.send('Go on');
    await settled();
    expect(world.launcher.last.options).toMatchObject({ model: 'haiku', start: { from: parent.id } });
  });

  it('F1 whatever is forked where: each holds exactly what it should', async () => {
    const steps = fc.array(fc.record({ of: fc.nat(), at: fc.nat(), before: fc.boolean(), asked: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), steps, async (count, forks) => {
        const world = new World(stateWith({ head: messageId(count) }));
        write(world, count);
        const { sessions } = world.sessions();
        try {
          const root = await sessions.restore(['/ws']);
          const made = [{ session: root, count }];
          for (const { of, at, before, asked: hasOwn } of forks) {
            const parent = made[of % made.length];
            if (!parent?.session) throw new Error('There is no parent');
            const number = 1 + (at % (parent.count + 1));
            const expected = Math.min(parent.count, before ? number - 1 : number);
            const session = await sessions.fork(parent.session.id, before ? { before: number } : { behind: number });
            expect(told(session)).toEqual(toldUpTo(expected));
            if (hasOwn && expected > 0) world.transcripts.conversations.set(session.id, conversation(expected));
            made.push({ session, count: expected });
          }
          for (const each of made) expect(told(each.session)).toEqual(toldUpTo(each.count));
        } finally {
          sessions.dispose();
          await settled();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('What cannot be forked', () => {
  it('F1 a session that nobody knows', async () => {
    const { sessions } = open();
    expect(await failureOf(sessions.fork(uuid(1), 'now'))).toMatchObject({ code: 'notFound' });
  });

  it('F1 a session whose transcript is gone: it is said, with a recap as the way out', async () => {
    const { sessions, parent, world } = await forkable(4);
    world.transcripts.missing.add(parent.id);
    const failure = await failureOf(sessions.fork(parent.id, { behind: 2 }));
    expect(failure).toMatchObject({
      code: 'transcriptMissing',
      explanation: { actions: ['recapInNewSession'], kept: 'What is shown of it is kept.' },
    });
    expect(sessions.open).toBe(parent);
    // The recap goes into a session that works as this one does and holds nothing of it.
    const fresh = await sessions.fork(parent.id, 'nothing');
    expect(told(fresh)).toEqual([]);
    expect(leaves(fresh.record)).toEqual(['fork', parent.id, '']);
  });

  it('F1 a message that none of the transcript has: not one before it either', async () => {
    const { sessions, parent, world } = await forkable(4);
    world.transcripts.upTo.clear();
    expect(await failureOf(sessions.fork(parent.id, { behind: 2 }))).toMatchObject({ code: 'messageMissing' });
  });

  it('F1 a message before a compaction: the program does not read so far back, which is said instead of tried', async () => {
    const { sessions, parent } = await compacted('message 5');
    for (const place of [{ behind: 4 }, { behind: 5 }, { before: 5 }]) {
      const failure = await failureOf(sessions.fork(parent.id, place));
      expect(failure).toMatchObject({ code: 'messageMissing', explanation: { actions: ['recapInNewSession'] } });
      expect(String(failure)).toContain('compacted');
    }
    expect(leaves((await sessions.fork(parent.id, { behind: 6 })).record)).toContain(messageId(6));
    expect(leaves((await sessions.fork(parent.id, 'now')).record)).toContain(messageId(8));
    expect(leaves((await sessions.fork(parent.id, { before: 1 })).record)).toContain('');
  });

  it('F1 the command that compacts is written behind what it does, so that it can be forked', async () => {
    const { sessions, parent } = await compacted('/compact and be brief');
    expect(leaves((await sessions.fork(parent.id, { behind: 5 })).record)).toContain(messageId(5));
    expect(await failureOf(sessions.fork(parent.id, { behind: 4 }))).toMatchObject({ code: 'messageMissing' });
  });

  it('F1 a transcript that cannot be read is told of as such, and makes no session', async () => {
    const { sessions, parent, world, opened } = await forkable(4);
    const shown = opened.length;
    world.transcripts.readUpTo = () => Promise.reject(new Error('EIO'));
    const failure = await failureOf(sessions.fork(parent.id, 'now'));
    expect(failure).toMatchObject({ code: 'transcriptUnreadable', explanation: { detail: 'EIO' } });
    expect(opened).toHaveLength(shown);
    expect(sessions.live).toEqual([parent]);
  });
});

/** A session of eight messages that was compacted while Claude answered the fifth. */
async function compacted(fifth: string): Promise<{ sessions: Sessions; parent: Session }> {
  const world = new World(stateWith({ head: messageId(8) }));
  const status: SessionEvent = { kind: 'status', status: 'compacted', trigger: 'auto', tokensBefore: 9 };
  write(world, 8);
  const prompt = { uuid: messageId(5), text: fifth };
  const events = conversation(8).flatMap((event) =>
    event.kind === 'start' && event.prompt?.uuid === prompt.uuid ? [{ ...event, prompt }, status] : [event],
  );
  world.transcripts.conversations.set(newRecord().id, events);
  const { sessions } = open(world);
  const parent = await sessions.restore(['/ws']);
  if (!parent) throw new Error('The session was not opened');
  return { sessions, parent };
}

function asked(prompt: string, text: string): readonly SessionEvent[] {
  return [
    { kind: 'start', turn: prompt, prompt: { uuid: prompt, text }, at: 9 },
    { kind: 'complete', turn: prompt, usage: noTurnUsage },
  ];
}
