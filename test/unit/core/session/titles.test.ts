import { describe, expect, it, onTestFinished } from 'vitest';
import { Deferred } from '../../../../src/base/deferred.js';
import type { JsonObject } from '../../../../src/base/json.js';
import type { Session } from '../../../../src/core/session/session.js';
import { SessionTitles } from '../../../../src/core/session/titles.js';
import { answerLines, messageStart } from '../../../support/fakes/cliLines.js';
import { clientError } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { FakeIndex, indexEntry } from '../tree/indexEntries.js';
import { open, stateWith, type Window } from './window.js';

interface Stage extends Window {
  readonly index: FakeIndex;
  /** What the program was asked for titles of. */
  readonly asked: JsonObject[];
}

type Answer = JsonObject | Error | Promise<JsonObject>;

/** A window whose program gives these titles, one after the other. */
function stage(answers: readonly Answer[] = [{ title: 'The parser' }], world = new World(), mayAsk = true): Stage {
  const rest = [...answers];
  const asked: JsonObject[] = [];
  world.launcher.otherwise = {
    onControl: (request) => {
      if (request.subtype !== 'generate_session_title') return {};
      asked.push(request);
      const answer = rest.shift() ?? {};
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const window = open(world);
  const index = new FakeIndex();
  const titles = new SessionTitles({ sessions: window.sessions, index, mayAsk: () => mayAsk, logger: world.logger });
  onTestFinished(() => {
    titles.dispose();
  });
  return { ...window, index, asked };
}

/** Has a turn, to its end. */
async function turn({ world }: Window, session: Session, text: string): Promise<void> {
  session.send(text);
  await settled();
  world.launcher.last.print(...answerLines(`m-${text}`, 'Well.'));
  await settled();
}

describe('The program’s titles', () => {
  it('S1 are asked for after the first turn, and become the name', async () => {
    const window = stage();
    const session = window.sessions.create('/ws');
    session.send('How does the parser work?\nTell me.');
    await settled();
    expect(session.record.name).toBe('How does the parser work?');
    expect(window.asked).toEqual([]);
    window.world.launcher.last.print(...answerLines('m1', 'Like this.'));
    await settled();
    expect(window.asked).toEqual([
      { subtype: 'generate_session_title', description: 'How does the parser work?\nTell me.', persist: true },
    ]);
    expect(session.record).toMatchObject({ name: 'The parser', nameFrom: 'program' });
    await settled();
    expect(window.world.store.state.sessions).toMatchObject([{ name: 'The parser', nameFrom: 'program' }]);
    await turn(window, session, 'And then?');
    expect(window.asked).toHaveLength(1);
  });

  it('S1 never replace what the user called it, nor are they asked for then', async () => {
    const window = stage();
    const session = window.sessions.create('/ws', { name: 'Mine' });
    await turn(window, session, 'Hello');
    window.index.put(indexEntry(session.id, { title: 'Theirs', titleSource: 'generated' }));
    expect(window.asked).toEqual([]);
    expect(session.record).toMatchObject({ name: 'Mine', nameFrom: 'user' });
  });

  it('S1 do not replace what the user called it while the program thought about one', async () => {
    const answer = new Deferred<JsonObject>();
    const window = stage([answer.promise]);
    const session = window.sessions.create('/ws');
    await turn(window, session, 'Hello');
    session.update({ name: 'Mine', nameFrom: 'user' });
    answer.resolve({ title: 'Theirs' });
    await settled();
    expect(session.record).toMatchObject({ name: 'Mine', nameFrom: 'user' });
  });

  it('S1 are not asked for where the setting says so', async () => {
    const window = stage([{ title: 'The parser' }], new World(), false);
    const session = window.sessions.create('/ws');
    await turn(window, session, 'Hello');
    expect(window.asked).toEqual([]);
    expect(session.record.name).toBe('Hello');
  });

  it('S1 are not asked for after a command, or a turn that did not complete, but after the next', async () => {
    const window = stage();
    const session = window.sessions.create('/ws');
    await turn(window, session, '/cost');
    session.send('Stop this');
    await settled();
    window.world.launcher.last.print(messageStart('m2'));
    await settled();
    await session.stop();
    expect(window.asked).toEqual([]);
    await turn(window, session, 'How does it work?');
    expect(window.asked).toMatchObject([{ description: 'How does it work?' }]);
    expect(session.record.name).toBe('The parser');
  });

  it('S1 are asked for again where the program gave none, three times at most', async () => {
    const window = stage([
      clientError('protocolError', 'unknown request'),
      {},
      { title: ' \n ' },
      { title: 'Too late' },
    ]);
    const session = window.sessions.create('/ws');
    for (const text of ['One', 'Two', 'Three', 'Four', 'Five']) await turn(window, session, text);
    expect(window.asked).toHaveLength(3);
    expect(session.record).toMatchObject({ name: 'One', nameFrom: 'prompt' });
  });

  it('S1 are one line of a bounded length, whatever the program answers', async () => {
    const window = stage([{ title: `  A\n title ${'x'.repeat(5000)}` }]);
    const session = window.sessions.create('/ws');
    await turn(window, session, 'Hello');
    expect(session.record.name).toMatch(/^A title x+$/);
    expect(session.record.name).toHaveLength(200);
  });

  it('S1 T7 do not hold up what the user sends next', async () => {
    const answer = new Deferred<JsonObject>();
    const window = stage([answer.promise]);
    const session = window.sessions.create('/ws');
    await turn(window, session, 'One');
    await turn(window, session, 'Two');
    expect(session.transcript.messages).toHaveLength(4);
    answer.resolve({ title: 'Both' });
    await settled();
    expect(session.record.name).toBe('Both');
  });

  it('S1 F1 of a fork are its own: the one that its transcript has is its parent’s', async () => {
    const window = stage([{ title: 'The parser' }, { title: 'The lexer' }]);
    const parent = window.sessions.create('/ws');
    await turn(window, parent, 'How does the parser work?');
    window.world.transcripts.conversations.set(parent.id, []);
    window.world.transcripts.upTo.set('line-m-How does the parser work?', []);
    const fork = await window.sessions.fork(parent.id, 'now');
    window.index.put(indexEntry(fork.id, { title: 'The parser', titleSource: 'generated' }));
    expect(fork.record.nameFrom).toBe('prompt');
    await turn(window, fork, 'And the lexer?');
    expect(window.asked[1]).toMatchObject({ description: 'And the lexer?', persist: false });
    expect(fork.record).toMatchObject({ name: 'The lexer', nameFrom: 'program' });
    window.index.put(indexEntry(fork.id, { title: 'The parser', titleSource: 'generated', activeAt: 99 }));
    expect(fork.record.name).toBe('The lexer');
    expect(parent.record.name).toBe('The parser');
  });

  it('S1 S3 that the index sees are taken over, in live sessions and in others, but for first prompts', async () => {
    const world = new World(stateWith({ nameFrom: 'prompt' }));
    const window = stage([], world);
    await window.sessions.load();
    const live = window.sessions.create('/ws');
    window.index.put(
      indexEntry(live.id, { title: 'Named in the terminal', titleSource: 'custom' }),
      indexEntry(newRecord().id, { title: 'Generated', titleSource: 'generated' }),
      indexEntry(uuid(77), { title: 'Unknown to us', titleSource: 'generated' }),
    );
    await settled();
    expect(live.record).toMatchObject({ name: 'Named in the terminal', nameFrom: 'program' });
    expect(window.sessions.records.all.get(newRecord().id)).toMatchObject({ name: 'Generated', nameFrom: 'program' });
    window.index.put(indexEntry(newRecord().id, { title: 'A first prompt', titleSource: 'prompt' }));
    window.index.put(indexEntry(live.id, { title: 'Another', titleSource: 'custom' }));
    await settled();
    expect(live.record.name).toBe('Another');
    expect(window.sessions.records.all.get(newRecord().id)?.name).toBe('Generated');
    expect(window.sessions.records.all.has(uuid(77))).toBe(false);
  });

  it('S1 that the index knew before the records were read are taken over, and cost one write', async () => {
    const world = new World(stateWith({ nameFrom: 'prompt' }));
    const window = stage([], world);
    window.index.put(indexEntry(newRecord().id, { title: 'Generated', titleSource: 'generated' }));
    await window.sessions.load();
    await settled();
    expect(world.store.state.sessions).toMatchObject([{ name: 'Generated', nameFrom: 'program' }]);
    expect(world.store.saves).toBe(1);
  });
});
