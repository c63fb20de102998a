import { describe, expect, it } from 'vitest';
import type { Session } from '../../../../src/core/session/session.js';
import type { ToView } from '../../../../src/protocol/chat/toView.js';
import { answerLines, messageStart, textPieces } from '../../../support/fakes/cliLines.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { uuid } from '../../../support/fakes/world.js';
import { conversation, leaves, messageId, toldUpTo } from '../../core/session/conversations.js';
import { told } from '../../core/session/window.js';
import { controllerStage, type ControllerStage } from './controllerStage.js';

/** The session that is shown now, which is another one than before. */
function shown({ sessions, session }: ControllerStage): Session {
  if (!sessions.open || sessions.open === session) throw new Error('No other session is shown');
  return sessions.open;
}

function snapshots(sent: readonly ToView[]): readonly (ToView & { readonly type: 'snapshot' })[] {
  return sent.flatMap((each) => (each.type === 'snapshot' ? [each] : []));
}

describe('Fork from Here', () => {
  it('F1 shows the fork populated at once, says where it comes from, and puts the user into its message box', async () => {
    const stage = await controllerStage(10);
    const { session } = stage;
    await stage.say({ type: 'fork', session: session.id, message: 3 });
    const fork = shown(stage);
    expect(told(fork)).toEqual(toldUpTo(3));
    const sent = stage.sent();
    const [snapshot] = snapshots(sent);
    expect(snapshot?.transcript.messages).toHaveLength(3);
    expect(snapshot?.header).toMatchObject({
      id: fork.id,
      lineage: { kind: 'fork', parent: { id: session.id, name: 'Before' } },
    });
    expect(sent.at(-1)).toEqual({ type: 'focus' });
    expect(told(session)).toEqual(toldUpTo(10));
  });

  it('F1 that cannot be done is told in the conversation, with a recap up to there in a new session as the way out', async () => {
    const stage = await controllerStage(6);
    const { session, world } = stage;
    world.transcripts.missing.add(session.id);
    await stage.say({ type: 'fork', session: session.id, message: 2 });
    expect(stage.sessions.open).toBe(session);
    expect(stage.notices()).toEqual([
      "The conversation could not be forked there. Claude Code's transcript of this conversation is gone, deleted or moved: there is nothing to fork.",
    ]);
    expect(world.logger.errors.splice(0)).toHaveLength(1);
    stage.sent();

    await stage.say({ type: 'action', session: session.id, action: 'recapInNewSession' });
    const fresh = shown(stage);
    expect(told(fresh)).toEqual([]);
    expect(fresh.record.draft).toContain('I said:\nmessage 1\n\nYou said:\nmessage 2\n');
    expect(fresh.record.draft).not.toContain('message 3');
    expect(stage.sent()).toContainEqual({ type: 'insert', session: fresh.id, text: fresh.record.draft });
    expect(stage.acted).toEqual([]);
  });

  it('F1 a recap is of all that is shown where no fork was tried, and other actions go to the editor', async () => {
    const stage = await controllerStage(4);
    await stage.say({ type: 'action', session: stage.session.id, action: 'showLog' });
    await stage.say({ type: 'action', session: null, action: 'recapInNewSession' });
    expect(stage.acted).toEqual(['showLog', 'recapInNewSession']);
    await stage.say({ type: 'action', session: stage.session.id, action: 'recapInNewSession' });
    expect(shown(stage).record.draft).toContain('You said:\nmessage 4');
  });
});

describe('Edit and Resend', () => {
  it("F5 is a fork before the message, whose text is in the fork's message box and kept as its draft", async () => {
    const stage = await controllerStage(10);
    await stage.say({ type: 'editAndResend', session: stage.session.id, message: 5 });
    const fork = shown(stage);
    expect(told(fork)).toEqual(toldUpTo(4));
    expect(fork.record.draft).toBe('message 5');
    const sent = stage.sent();
    expect(snapshots(sent)[0]?.draft).toBe('');
    expect(sent.filter(({ type }) => type === 'insert')).toEqual([
      { type: 'insert', session: fork.id, text: 'message 5' },
    ]);
    expect(stage.session.record.draft).toBe('');
    expect(told(stage.session)).toEqual(toldUpTo(10));
  });

  it("F5 is for the user's own messages only", async () => {
    const stage = await controllerStage(4);
    for (const message of [2, 99]) await stage.say({ type: 'editAndResend', session: stage.session.id, message });
    expect(stage.sessions.open).toBe(stage.session);
    expect(stage.notices()).toHaveLength(2);
    expect(stage.world.logger.errors.splice(0)).toHaveLength(2);
  });
});

describe('Fork from Now', () => {
  it('F1 forks what there is while a turn runs, which goes on', async () => {
    const stage = await controllerStage(4);
    const { session, world } = stage;
    await stage.say({ type: 'send', session: session.id, text: 'More' });
    world.launcher.last.print(messageStart('m3'), ...textPieces(0, 'Once'));
    await settled();
    await stage.say({ type: 'forkNow', session: session.id });
    expect(told(shown(stage))).toEqual(toldUpTo(4));
    expect(session.state).toBe('running');
    world.launcher.last.print(...answerLines('m3', ' upon').slice(-4));
    await settled();
    expect(session.state).toBe('ready');
  });
});

describe('Ask Aside', () => {
  async function ask(stage: ControllerStage): Promise<Session> {
    await stage.say({ type: 'askAside', session: stage.session.id });
    const aside = shown(stage);
    await stage.say({ type: 'send', session: aside.id, text: 'By the way?' });
    stage.world.launcher.last.print(...answerLines('m9', 'So it is.'));
    stage.world.transcripts.conversations.set(aside.id, conversation(6));
    await settled();
    return aside;
  }

  it('F6 is marked as an aside; asked in one, it stays there', async () => {
    const stage = await controllerStage(4);
    const aside = await ask(stage);
    const parent = { id: stage.session.id, name: 'Before' };
    expect(snapshots(stage.sent()).at(-1)?.header.lineage).toEqual({ kind: 'aside', parent });
    await stage.say({ type: 'askAside', session: aside.id });
    expect(stage.sessions.open).toBe(aside);
    expect(stage.sessions.live).toHaveLength(2);
    expect(stage.sent()).toContainEqual({ type: 'focus' });
  });

  it('F6 Keep as Fork makes it one, in sight', async () => {
    const stage = await controllerStage(4);
    const aside = await ask(stage);
    stage.sent();
    await stage.say({ type: 'keepAside', session: aside.id });
    const headers = stage.sent().flatMap((each) => (each.type === 'header' ? [each.header.lineage?.kind] : []));
    expect(headers).toEqual(['fork']);
    expect(leaves(aside.record)).toEqual(['fork', stage.session.id, messageId(4)]);
  });

  it('F6 Discard shows what it was asked beside, and nothing is left of it', async () => {
    const stage = await controllerStage(4);
    const aside = await ask(stage);
    stage.sent();
    await stage.say({ type: 'discardAside', session: aside.id });
    const sent = stage.sent();
    expect(snapshots(sent).map(({ header }) => header.id)).toEqual([stage.session.id]);
    expect(sent.at(-1)).toEqual({ type: 'focus' });
    expect(stage.world.store.state.sessions.map(({ id }) => id)).toEqual([stage.session.id]);
    expect(stage.world.journal.events(aside.id)).toEqual([]);
    // What the view still says of it is nothing any more.
    await stage.say({ type: 'keepAside', session: aside.id });
    expect(stage.sessions.live).toHaveLength(1);
  });
});

describe('The parent of a fork', () => {
  it('F4 is opened by its link, and its name is followed until it is gone', async () => {
    const stage = await controllerStage(4);
    const { session, sessions } = stage;
    await stage.say({ type: 'forkNow', session: session.id });
    const fork = shown(stage);
    await stage.say({ type: 'openSession', id: session.id });
    expect(sessions.open).toBe(session);
    expect(stage.sent().at(-1)).toEqual({ type: 'focus' });

    await sessions.openSession(fork.id);
    session.update({ name: 'Another name' });
    await stage.say({ type: 'ready' });
    expect(snapshots(stage.sent()).at(-1)?.header.lineage?.parent?.name).toBe('Another name');
    await sessions.delete([session.id], true);
    await stage.say({ type: 'ready' });
    expect(snapshots(stage.sent()).at(-1)?.header.lineage).toEqual({ kind: 'fork', parent: null });
  });

  it('F4 that is gone when its link is pressed is told', async () => {
    const stage = await controllerStage(4);
    await stage.say({ type: 'openSession', id: uuid(123) });
    expect(stage.notices()).toEqual(['The session could not be opened. This session is not there any more.']);
    expect(stage.world.logger.errors.splice(0)).toHaveLength(1);
  });
});

it('U5 what fits no schema is refused and changes nothing', async () => {
  const stage = await controllerStage(4);
  const { session } = stage;
  const bad: readonly unknown[] = [
    { type: 'fork', session: session.id },
    { type: 'fork', session: session.id, message: -1 },
    { type: 'fork', session: session.id, message: 1.5 },
    { type: 'editAndResend', session: 'no id', message: 1 },
    { type: 'openSession', id: '../../etc' },
    { type: 'openSession', session: session.id },
  ];
  for (const message of bad) await stage.say(message as never);
  expect(stage.sessions.live).toEqual([session]);
  expect(stage.world.logger.others.filter((line) => line.includes('fits no schema'))).toHaveLength(bad.length);
});

it('F1 the last message of all can be forked while nothing but a notice is in it', async () => {
  const stage = await controllerStage(4);
  stage.session.notice('info', { code: 'unexpected', what: 'By the way.' });
  await stage.say({ type: 'fork', session: stage.session.id, message: 5 });
  expect(told(shown(stage))).toEqual(toldUpTo(4));
});
