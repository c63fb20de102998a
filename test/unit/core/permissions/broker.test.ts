import { describe, expect, it } from 'vitest';
import { CancellationError } from '../../../../src/base/cancellation.js';
import { PermissionBroker, type PermissionPrompter } from '../../../../src/core/permissions/broker.js';
import { toolPrompters } from '../../../../src/core/permissions/toolPrompters.js';
import type { PermissionAnswer, PermissionRequest } from '../../../../src/core/permissions/request.js';
import type { PermissionEvent } from '../../../../src/protocol/session/events.js';
import { allow, denial, FakeAudit, FakePermission, permissionRequest } from '../../../support/fakes/fakePermission.js';
import { FakePrompter } from '../../../support/fakes/fakePrompter.js';
import { ManualClock, settled } from '../../../support/fakes/manualClock.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';

function bench(prompter: PermissionPrompter = new FakePrompter()) {
  const audit = new FakeAudit();
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const broker = new PermissionBroker(prompter, audit, clock, logger);
  const events: PermissionEvent[] = [];
  const take = (given: Partial<PermissionRequest> = {}): FakePermission => {
    const permission = new FakePermission(permissionRequest(given));
    broker.take(permission, (event) => events.push(event));
    return permission;
  };
  return { broker, audit, clock, logger, events, take };
}

describe('PermissionBroker', () => {
  it('A3 A4 tells the program what the user answered, once, and records it first', async () => {
    const prompter = new FakePrompter();
    const { take, audit, events, clock } = bench(prompter);
    const permission = take();
    audit.before = () => {
      expect(permission.answers).toEqual([]);
    };
    await settled();
    prompter.shown[0]?.answer.resolve(allow({ command: 'ls -l' }));
    await settled();
    expect(permission.answers).toEqual([allow({ command: 'ls -l' })]);
    expect(permission.attempts).toBe(1);
    expect(audit.entries).toEqual([
      {
        at: clock.now(),
        request: {
          id: 'request-1',
          sessionId: 'session-1',
          folder: '/ws',
          toolUseId: 'tool-of-request-1',
          tool: 'Bash',
        },
        decision: 'allow',
        by: 'user',
        reason: '',
      },
    ]);
    expect(events).toEqual([
      {
        kind: 'permission',
        request: 'request-1',
        toolUseId: 'tool-of-request-1',
        tool: 'Bash',
        phase: 'allowed',
        reason: 'user',
      },
    ]);
  });

  it('A3 passes a denial with its reason on', async () => {
    const prompter = new FakePrompter();
    const { take, audit, events } = bench(prompter);
    const permission = take();
    await settled();
    prompter.shown[0]?.answer.resolve(denial('Use the test database.'));
    await settled();
    expect(permission.answers).toEqual([denial('Use the test database.')]);
    expect(audit.entries).toMatchObject([{ decision: 'deny', by: 'user', reason: 'Use the test database.' }]);
    expect(events).toMatchObject([{ phase: 'denied', reason: 'Use the test database.' }]);
  });

  it('A2 asks for one request at a time, the oldest first', async () => {
    const prompter = new FakePrompter();
    const { take, broker } = bench(prompter);
    for (const id of ['1', '2', '3']) take({ id });
    await settled();
    expect(prompter.open.map(({ request }) => request.id)).toEqual(['1']);
    expect(broker.pending().map(({ id }) => id)).toEqual(['1', '2', '3']);
    prompter.shown[0]?.answer.resolve(denial());
    await settled();
    expect(prompter.open.map(({ request }) => request.id)).toEqual(['2']);
    prompter.shown[1]?.answer.resolve(allow());
    await settled();
    expect(prompter.open.map(({ request }) => request.id)).toEqual(['3']);
    expect(broker.pending('session-1').map(({ id }) => id)).toEqual(['3']);
    expect(broker.pending('session-2')).toEqual([]);
  });

  it('A4 a request that the program takes back leaves the screen and is never answered', async () => {
    const prompter = new FakePrompter();
    const { take, audit, events, broker } = bench(prompter);
    const permission = take();
    const next = take({ id: '2' });
    await settled();
    permission.takeBack();
    await settled();
    expect(permission.answers).toEqual([]);
    expect(prompter.shown[0]?.token.isCancelled).toBe(true);
    expect(events).toMatchObject([{ phase: 'denied', canceled: true }]);
    expect(audit.last('request-1')).toMatchObject({ decision: 'deny', by: 'canceled' });
    expect(prompter.open.map(({ request }) => request.id)).toEqual(['2']);
    expect(broker.pending()).toEqual([next.request]);
  });

  it('A4 an answer that comes after the request was taken back is told as a denial', async () => {
    const prompter = new FakePrompter();
    const { take, audit, events } = bench(prompter);
    const permission = take();
    await settled();
    // While the decision is being recorded.
    audit.before = (entry) => {
      if (entry.decision === 'allow') permission.takeBack();
    };
    prompter.shown[0]?.answer.resolve(allow());
    await settled();
    expect(permission.answers).toEqual([]);
    expect(events).toMatchObject([{ phase: 'denied', canceled: true }]);
    expect(audit.last('request-1')).toMatchObject({ decision: 'deny', by: 'canceled' });
  });

  it('A4 an approval that the program does not take any more is told and recorded as a denial', async () => {
    const { take, broker, audit, events } = bench();
    const permission = take();
    permission.answer = () => {
      throw new Error('gone');
    };
    await broker.answer('session-1', 'request-1', allow(), 'user');
    expect(events).toMatchObject([{ phase: 'denied', canceled: true }]);
    expect(audit.entries.map(({ decision, by }) => [decision, by])).toEqual([
      ['allow', 'user'],
      ['deny', 'canceled'],
    ]);
  });

  it('A4 T6 stopping wins over an approval that is not with the program yet', async () => {
    const prompter = new FakePrompter();
    const { take, audit, events, broker } = bench(prompter);
    const permission = take();
    await settled();
    audit.before = (entry) => {
      if (entry.decision === 'allow') broker.denyAll('session-1', 'The user stopped the turn.', 'canceled');
    };
    prompter.shown[0]?.answer.resolve(allow());
    await settled();
    expect(permission.answers).toEqual([denial('The user stopped the turn.')]);
    expect(events).toMatchObject([{ phase: 'denied', reason: 'The user stopped the turn.', canceled: true }]);
    expect(audit.entries.map(({ decision }) => decision)).toEqual(['allow', 'deny']);
  });

  it('A4 a second answer is an error and changes nothing', async () => {
    const { take, broker, audit, events } = bench();
    const permission = take();
    await broker.answer('session-1', 'request-1', denial('First.'), 'parent');
    await expect(broker.answer('session-1', 'request-1', allow(), 'parent')).rejects.toMatchObject({
      code: 'notFound',
    });
    await settled();
    expect(permission.answers).toEqual([denial('First.')]);
    expect(audit.entries).toMatchObject([{ by: 'parent', decision: 'deny' }]);
    expect(events).toHaveLength(1);
  });

  it('A4 an answer to a request that is unknown, or of another session, is an error', async () => {
    const { take, broker, events } = bench();
    take();
    await expect(broker.answer('session-2', 'request-1', allow(), 'x')).rejects.toMatchObject({ code: 'notFound' });
    await expect(broker.answer('session-1', 'request-2', allow(), 'x')).rejects.toMatchObject({ code: 'notFound' });
    expect(broker.pending()).toHaveLength(1);
    expect(events).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a word', 'allow'],
    ['no behaviour', {}],
    ['an unknown behaviour', { behavior: 'maybe', input: {} }],
    ['an approval without input', { behavior: 'allow' }],
    ['an approval of a list', { behavior: 'allow', input: [] }],
    ['a denial without words', { behavior: 'deny', interrupt: false }],
    ['a denial that does not say whether to stop', { behavior: 'deny', message: 'x' }],
  ])('A4 %s is no answer, and denied', async (_, answer) => {
    const prompter = new FakePrompter();
    const { take, broker } = bench(prompter);
    const asked = take();
    const answered = take({ id: '2' });
    await settled();
    // Outside of the types on purpose: prompters may be anything.
    prompter.shown[0]?.answer.resolve(answer as PermissionAnswer);
    await broker.answer('session-1', '2', answer as PermissionAnswer, 'parent');
    await settled();
    expect(asked.answers).toEqual([denial('The answer was malformed.')]);
    expect(answered.answers).toEqual([denial('The answer was malformed.')]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no screen');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no screen'))],
    ['gives up although nobody cancelled it', () => Promise.reject(new CancellationError())],
  ])('A4 a prompt that %s is a denial, and the next request is asked for', async (_, fail) => {
    const other = new FakePrompter();
    const prompter = toolPrompters({ Bash: { prompt: fail } }, other);
    const { take, logger, audit } = bench(prompter);
    const permission = take();
    take({ id: '2', tool: 'Read' });
    await settled();
    expect(permission.answers).toEqual([denial('The question could not be shown.')]);
    expect(audit.last('request-1')).toMatchObject({ by: 'error', decision: 'deny' });
    expect(logger.errors).toHaveLength(1);
    expect(other.open.map(({ request }) => request.id)).toEqual(['2']);
  });

  it('A4 a prompt that never ends does not keep the next request from being asked for', async () => {
    const prompter = new FakePrompter();
    prompter.isDeaf = true;
    const { take } = bench(prompter);
    const first = take();
    const second = take({ id: '2' });
    await settled();
    first.takeBack();
    await settled();
    prompter.shown[1]?.answer.resolve(allow());
    await settled();
    expect(second.answers).toEqual([allow()]);
    // And a late answer of the first changes nothing.
    prompter.shown[0]?.answer.resolve(allow());
    await settled();
    expect(first.answers).toEqual([]);
  });

  it('A4 what goes wrong when a prompt is told to end does not keep the program waiting', async () => {
    const prompter: PermissionPrompter = {
      prompt: (_, token) => {
        token.onCancelled(() => {
          throw new Error('cannot close');
        });
        return new Promise<PermissionAnswer>(() => undefined);
      },
    };
    const { take, broker } = bench(prompter);
    const permission = take();
    await settled();
    broker.denyAll('session-1', 'Stopped.', 'canceled');
    await settled();
    expect(permission.answers).toEqual([denial('Stopped.')]);
  });

  it('A4 what cannot be recorded is not allowed, but may be denied', async () => {
    const { take, broker, audit, events } = bench();
    audit.before = () => {
      throw new Error('disk full');
    };
    const first = take({ id: '1' });
    const second = take({ id: '2' });
    await broker.answer('session-1', '1', allow(), 'user');
    await broker.answer('session-1', '2', denial('No.'), 'user');
    expect(first.answers).toEqual([denial('The decision could not be recorded, so it was not allowed.')]);
    expect(second.answers).toEqual([denial('No.')]);
    expect(events).toMatchObject([{ phase: 'denied' }, { phase: 'denied' }]);
  });

  it('A4 a window that closes denies what is open and what still comes, without asking', async () => {
    const prompter = new FakePrompter();
    const { take, broker, audit } = bench(prompter);
    const first = take({ id: '1' });
    const second = take({ id: '2', sessionId: 'session-2' });
    await settled();
    broker.close();
    const late = take({ id: '3' });
    await settled();
    for (const permission of [first, second, late]) {
      expect(permission.answers).toEqual([denial('The editor window was closed.')]);
      expect(audit.last(permission.request.id)).toMatchObject({ by: 'closed', decision: 'deny' });
    }
    expect(prompter.shown.map(({ request }) => request.id)).toEqual(['1']);
    expect(prompter.open).toEqual([]);
    expect(broker.pending()).toEqual([]);
  });

  it('T6 denies what one session asks and leaves the others alone', async () => {
    const prompter = new FakePrompter();
    const { take, broker } = bench(prompter);
    const mine = take({ id: '1' });
    const other = take({ id: '2', sessionId: 'session-2' });
    await settled();
    broker.denyAll('session-1', 'Stopped.', 'canceled');
    await settled();
    expect(mine.answers).toEqual([denial('Stopped.')]);
    expect(other.answers).toEqual([]);
    expect(prompter.open.map(({ request }) => request.id)).toEqual(['2']);
  });

  it('A2 does not show a request that is denied in the moment it is handed in', async () => {
    const prompter = new FakePrompter();
    const { take, broker } = bench(prompter);
    const permission = take();
    broker.denyAll('session-1', 'Stopped.', 'canceled');
    await settled();
    expect(prompter.shown).toEqual([]);
    expect(permission.answers).toEqual([denial('Stopped.')]);
  });

  it('A4 does not show a request that was taken back before it was handed in', async () => {
    const prompter = new FakePrompter();
    const { broker } = bench(prompter);
    const permission = new FakePermission(permissionRequest());
    permission.takeBack();
    const events: PermissionEvent[] = [];
    broker.take(permission, (event) => events.push(event));
    await settled();
    expect(prompter.shown).toEqual([]);
    expect(events).toMatchObject([{ phase: 'denied', canceled: true }]);
  });

  it('A2 chooses the prompter by the tool, and by its own names only', async () => {
    const special = new FakePrompter();
    const otherwise = new FakePrompter();
    const { take, broker } = bench(toolPrompters({ AskUserQuestion: special }, otherwise));
    take({ id: '1', tool: 'toString' });
    await settled();
    await broker.answer('session-1', '1', denial(), 'user');
    take({ id: '2', tool: 'AskUserQuestion' });
    await settled();
    expect(otherwise.shown.map(({ request }) => request.id)).toEqual(['1']);
    expect(special.shown.map(({ request }) => request.id)).toEqual(['2']);
  });
});
