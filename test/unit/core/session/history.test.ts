import { describe, expect, it } from 'vitest';
import { ArborError } from '../../../../src/base/errors.js';
import { earlierPage, loadEarlier, loadPlace, sessionSnapshot } from '../../../../src/core/chat/snapshot.js';
import { pageSize } from '../../../../src/core/session/history.js';
import type { Session } from '../../../../src/core/session/session.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { stage } from './stage.js';

/** Turns with a prompt and an answer each, numbered. */
function turns(from: number, to: number): readonly SessionEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index): readonly SessionEvent[] => {
    const name = `p${String(from + index)}`;
    return [
      { kind: 'start', turn: name, prompt: { uuid: name, text: name }, at: 1 },
      { kind: 'text', block: { parent: null, message: name, index: 0 }, text: `a${name}`, whole: true },
      { kind: 'complete', turn: name, usage: noTurnUsage },
    ];
  }).flat();
}

function prompts(session: Session): readonly string[] {
  return session.transcript.messages.flatMap((message) => (message.role === 'user' ? [message.text] : []));
}

function isInOrder({ transcript: { messages } }: Session): boolean {
  return messages.every(({ number }, index) => index === 0 || number === (messages[index - 1]?.number ?? 0) + 1);
}

describe('The part of a conversation that is not in memory', () => {
  it('S6 is read page by page, and put before what is there', async () => {
    const { world, session } = stage();
    world.transcripts.earlier = [turns(3, 4), turns(1, 2)];
    session.restore({ events: turns(5, 6), cursor: '0' }, 40);
    const [first] = session.transcript.messages;
    expect(session.history.hasUnread).toBe(true);
    await session.history.readEarlier();
    expect(prompts(session)).toEqual(['p3', 'p4', 'p5', 'p6']);
    expect(session.transcript.messages[4]).toBe(first);
    await session.history.readEarlier();
    expect(prompts(session)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
    expect(isInOrder(session)).toBe(true);
    expect(session.history.hasUnread).toBe(false);
    expect(await session.history.readEarlier()).toBe(0);
    expect(session.nextSequence).toBe(40);
  });

  it('S6 is there to be read while the conversation goes on, and numbers go on with it', async () => {
    const { world, session } = stage();
    world.transcripts.earlier = [turns(1, 2)];
    session.restore({ events: turns(3, 3), cursor: '0' });
    const reading = session.history.readEarlier();
    session.notice('info', { code: 'unexpected', what: 'Meanwhile.' });
    await reading;
    expect(session.transcript.messages).toHaveLength(7);
    expect(isInOrder(session)).toBe(true);
  });

  it('S6 is read once, however often it is asked for meanwhile', async () => {
    const { world, session } = stage();
    world.transcripts.earlier = [turns(3, 4), turns(1, 2)];
    session.restore({ events: turns(5, 6), cursor: '0' });
    await Promise.all([session.history.readEarlier(), session.history.readEarlier()]);
    expect(prompts(session)).toEqual(['p3', 'p4', 'p5', 'p6']);
  });

  it('S6 can be asked for again after it could not be read', async () => {
    const { world, session } = stage();
    world.transcripts.earlier = [turns(1, 2)];
    session.restore({ events: turns(3, 4), cursor: '0' });
    world.transcripts.failure = new Error('EBUSY');
    await expect(session.history.readEarlier()).rejects.toMatchObject({
      code: 'transcriptUnreadable',
      explanation: { detail: 'EBUSY' },
    });
    expect(session.history.hasUnread).toBe(true);
    world.transcripts.failure = null;
    await session.history.readEarlier();
    expect(prompts(session)).toEqual(['p1', 'p2', 'p3', 'p4']);
  });

  it('S6 is found by the first message in a transcript that was rewritten', async () => {
    const { world, session } = stage();
    const changed = new ArborError({ code: 'transcriptChanged', what: 'Changed.' });
    session.restore({ events: turns(3, 4), cursor: '0' });
    world.transcripts.failure = changed;
    await expect(session.history.readEarlier()).rejects.toBe(changed);
    world.transcripts.upTo.set('p3', [...turns(1, 2), ...turns(3, 3).slice(0, 1)]);
    await session.history.readEarlier();
    expect(prompts(session)).toEqual(['p1', 'p2', 'p3', 'p4']);
    expect(session.history.hasUnread).toBe(false);
  });

  it('U1 goes to the view in pages as large as those from memory, and says whether there is more', async () => {
    const { world, session } = stage();
    world.transcripts.earlier = [turns(41, 50), turns(21, 40), turns(1, 20)];
    session.restore({ events: turns(51, 100), cursor: '0' });
    const snapshot = sessionSnapshot(
      session,
      { name: 'ws', path: '/ws', branch: null, worktree: null },
      () => undefined,
    );
    expect(snapshot).toMatchObject({ earlier: 0, unread: true });
    const before = snapshot.transcript.messages[0]?.number ?? 0;
    expect(await loadEarlier(session, before)).toBe(0);
    const page = earlierPage(session, before);
    expect(page.messages).toHaveLength(pageSize);
    expect(page).toMatchObject({ earlier: 0, unread: false });
    expect(page.messages.at(-1)?.number).toBe(before - 1);
    expect(page.messages[0]).toMatchObject({ role: 'user', text: 'p1' });
  });

  it('S6 is read back to where the reader was, and no further; nothing comes of a place that is not there', async () => {
    const { world, session } = stage();
    world.transcripts.earlier = [turns(41, 50), turns(21, 40), turns(1, 20)];
    session.restore({ events: turns(51, 100), cursor: '0' });
    const around = await loadPlace(session, { uuid: 'p30', after: 1 });
    expect(around).toMatchObject({ unread: true, earlier: 0 });
    expect(around?.messages[19]).toMatchObject({ role: 'assistant' });
    expect(prompts(session)[0]).toBe('p21');
    expect(await loadPlace(session, { uuid: 'gone', after: 0 })).toBeNull();
    expect(session.history.hasUnread).toBe(false);
  });

  it('U1 counts lines that could not be read, and is not read where memory has a whole page', async () => {
    const { world, session } = stage();
    world.transcripts.earlier = [turns(1, 60)];
    world.transcripts.unreadable = 3;
    session.restore({ events: turns(61, 200), cursor: '0' });
    const last = session.transcript.messages.at(-1)?.number ?? 0;
    expect(await loadEarlier(session, last)).toBe(0);
    expect(session.history.hasUnread).toBe(true);
    expect(await loadEarlier(session, session.transcript.messages[0]?.number ?? 0)).toBe(3);
  });
});
