import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Disposable } from '../../../../src/base/disposable.js';
import { EventLog } from '../../../../src/core/session/eventLog.js';
import { Streams, type StreamStarter } from '../../../../src/core/streams/streams.js';
import type { StreamPage } from '../../../../src/core/streams/stream.js';
import { FileJournal } from '../../../../src/node/store/journal.js';
import { nodeFileSystem } from '../../../../src/node/store/fileSystem.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { answerLines, messageStart, toolLines } from '../../../support/fakes/cliLines.js';
import { ManualClock, settled } from '../../../support/fakes/manualClock.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';
import { uuid } from '../../../support/fakes/world.js';
import { leapingClock, temporaryFolder } from '../../node/store/storeParts.js';
import { stage } from '../session/stage.js';

const session = uuid(1);

/** A window on a storage folder: a session's events as the session itself records them, and the streams of it. */
class Window {
  readonly clock = new ManualClock();
  readonly journal: FileJournal;
  readonly streams: Streams;
  readonly log: EventLog;
  readonly attached: Disposable;

  constructor(folder: string, next = 0, fileBytes?: number) {
    this.journal = new FileJournal(folder, nodeFileSystem, leapingClock(), fileBytes);
    this.streams = new Streams(this.journal, this.clock);
    this.log = new EventLog(session, this.journal, new RecordingLogger());
    this.log.replay([], next);
    this.attached = this.streams.attach({ id: session, onEvents: this.log.onEvents });
  }

  /** Begins a turn. @returns its stream's id */
  begin(turn: string, text = 'Hello'): string {
    const first = this.log.next;
    this.log.record([{ kind: 'start', turn, prompt: { uuid: `prompt of ${turn}`, text }, at: 5 }]);
    return `${session}.${String(first)}`;
  }

  say(...words: string[]): void {
    this.log.record(words.map(said));
  }

  end(turn: string, kind: 'complete' | 'canceled' | 'error' = 'complete'): void {
    this.log.record([outcome(turn, kind)]);
  }
}

function said(text: string): SessionEvent {
  return { kind: 'text', block: { parent: null, message: 'm', index: 0 }, text, whole: false };
}

function outcome(turn: string, kind: 'complete' | 'canceled' | 'error'): SessionEvent {
  if (kind === 'complete') return { kind, turn, usage: noTurnUsage };
  if (kind === 'canceled') return { kind, turn, by: 'user', usage: noTurnUsage };
  return { kind, turn, error: { code: 'apiError', what: 'It failed.' }, usage: noTurnUsage };
}

function permission(request: string, phase: 'asked' | 'allowed'): SessionEvent {
  return { kind: 'permission', request, toolUseId: 't', tool: 'Bash', phase, reason: null };
}

function words(page: StreamPage): string[] {
  return page.events.map(({ event }) => (event.kind === 'text' ? event.text : event.kind));
}

let folder: string;
beforeEach(() => {
  const temporary = temporaryFolder();
  folder = temporary.path;
  onTestFinished(() => {
    temporary.dispose();
  });
});

describe('Reading a stream', () => {
  it('T8 gives events with numbers from 0, the status, the total and whether there is more', async () => {
    const on = new Window(folder);
    on.begin('before');
    on.end('before');
    const id = on.begin('turn');
    on.say('a', 'b', 'c');
    const page = await on.streams.read(id, 0, 3);
    expect(page).toMatchObject({
      id,
      sessionId: session,
      next: 3,
      total: 4,
      more: true,
      status: 'running',
      evicted: 0,
    });
    expect(page.events.map(({ number }) => number)).toEqual([0, 1, 2]);
    expect(words(page)).toEqual(['start', 'a', 'b']);
    expect(await on.streams.read(id, 3)).toMatchObject({ next: 4, more: false });
    expect(await on.streams.read(id, 4)).toMatchObject({ events: [], next: 4, more: false, status: 'running' });
    on.end('turn');
    on.begin('after');
    const last = await on.streams.read(id, 4);
    expect(words(last)).toEqual(['complete']);
    expect(last).toMatchObject({ next: 5, total: 5, more: false, status: 'complete' });
    expect(await on.streams.read(id, 5)).toMatchObject({ events: [], next: 5, total: 5, status: 'complete' });
  });

  it('T8 gives 100 events where nobody says how many', async () => {
    const on = new Window(folder);
    const id = on.begin('turn');
    on.say(...Array.from({ length: 300 }, String));
    expect((await on.streams.read(id, 0)).events).toHaveLength(100);
    expect((await on.streams.read(id, 0, 1000)).events).toHaveLength(301);
  });

  it.each([
    ['complete', 'complete'],
    ['canceled', 'canceled'],
    ['error', 'failed'],
  ] as const)('T8 a turn that ends with %s is a stream that is %s', async (kind, status) => {
    const on = new Window(folder);
    const id = on.begin('turn');
    on.end('turn', kind);
    expect(await on.streams.read(id, 0)).toMatchObject({ status });
  });

  it('T8 A6 says while a permission is waited for, also when there are several', async () => {
    const on = new Window(folder);
    const id = on.begin('turn');
    const status = async (): Promise<string> => (await on.streams.read(id, 0)).status;
    on.log.record([permission('p1', 'asked'), permission('p2', 'asked')]);
    expect(await status()).toBe('awaitingPermission');
    on.log.record([permission('p1', 'allowed')]);
    expect(await status()).toBe('awaitingPermission');
    on.log.record([permission('p2', 'allowed')]);
    expect(await status()).toBe('running');
  });

  it('T8 readers do not disturb each other', async () => {
    const on = new Window(folder);
    const id = on.begin('turn');
    const readers = Array.from({ length: 5 }, () => ({ next: 0, heard: [] as string[] }));
    const read = async (index: number): Promise<void> => {
      const reader = readers[index];
      if (!reader) return;
      const page = await on.streams.read(id, reader.next, index + 1);
      reader.heard.push(...words(page));
      reader.next = page.next;
    };
    for (let n = 0; n < 60; n += 1) {
      on.say(String(n));
      await Promise.all(readers.map((_, index) => (n % (index + 1) === 0 ? read(index) : Promise.resolve())));
    }
    on.end('turn');
    for (const [index, reader] of readers.entries()) while (reader.next < 62) await read(index);
    const all = ['start', ...Array.from({ length: 60 }, (_, n) => String(n)), 'complete'];
    for (const { heard } of readers) expect(heard).toEqual(all);
  });

  it.each([
    '',
    'nonsense',
    `${session}.99`,
    `${session}.1`,
    `${session}.-1`,
    `${session}.007`,
    `../etc.0`,
    `${uuid(9)}.0`,
  ])('T8 an unknown id is an error (%s)', async (id) => {
    const on = new Window(folder);
    on.begin('turn');
    on.say('a');
    await expect(on.streams.read(id, 0)).rejects.toMatchObject({ code: 'notFound' });
    await expect(on.streams.wait(id, 0, 1000)).rejects.toMatchObject({ code: 'notFound' });
  });

  it.each([
    [-1, 10],
    [0.5, 10],
    [NaN, 10],
    [0, 0],
    [0, 1001],
    [0, NaN],
  ])('T8 numbers that make no sense are an error (%s, %s)', async (from, limit) => {
    const on = new Window(folder);
    await expect(on.streams.read(on.begin('turn'), from, limit)).rejects.toMatchObject({ code: 'badMessage' });
  });
});

describe('Waiting for a stream', () => {
  it('T8 every waiter wakes when there is something, and at the end', async () => {
    const on = new Window(folder);
    const id = on.begin('turn');
    const waiting = [on.streams.wait(id, 1, 60_000), on.streams.wait(id, 1, 60_000), on.streams.wait(id, 2, 60_000)];
    on.say('a');
    expect(words((await waiting[0]) as StreamPage)).toEqual(['a']);
    expect(words((await waiting[1]) as StreamPage)).toEqual(['a']);
    on.end('turn');
    expect(await waiting[2]).toMatchObject({ status: 'complete', next: 3 });
    expect(on.clock.pending).toBe(0);
  });

  it('T8 returns at once where there is something already, or the stream has ended', async () => {
    const on = new Window(folder);
    const id = on.begin('turn');
    expect(words(await on.streams.wait(id, 0, 60_000))).toEqual(['start']);
    on.end('turn');
    expect(await on.streams.wait(id, 2, 60_000)).toMatchObject({ events: [], status: 'complete' });
  });

  it('T8 gives up after the time it was given', async () => {
    const on = new Window(folder);
    const id = on.begin('turn');
    const waiting = on.streams.wait(id, 1, 1000);
    on.clock.advance(1000);
    expect(await waiting).toMatchObject({ events: [], next: 1, status: 'running' });
  });

  it('T8 ends when the session is closed', async () => {
    const on = new Window(folder);
    const id = on.begin('turn');
    const waiting = on.streams.wait(id, 1, 60_000);
    on.attached.dispose();
    expect(await waiting).toMatchObject({ status: 'canceled', total: 1 });
    expect(on.streams.list()).toEqual([]);
  });
});

describe('The list of streams', () => {
  it('T8 has those that run and those that ended', () => {
    const on = new Window(folder);
    const first = on.begin('one');
    on.end('one', 'error');
    const second = on.begin('two');
    on.say('a');
    expect(on.streams.list()).toEqual([
      { id: first, sessionId: session, status: 'failed', total: 2, startedAt: 5 },
      { id: second, sessionId: session, status: 'running', total: 2, startedAt: 5 },
    ]);
  });

  it('T8 keeps the last hundred that ended; earlier ones can still be read', async () => {
    const on = new Window(folder);
    const long = on.begin('first');
    on.end('first');
    const ids = Array.from({ length: 100 }, (_, n) => {
      const id = on.begin(String(n));
      on.end(String(n));
      return id;
    });
    const running = on.begin('running');
    expect(on.streams.list().map(({ id }) => id)).toEqual([...ids, running]);
    expect(await on.streams.read(long, 0)).toMatchObject({ status: 'complete', total: 2 });
  });
});

describe('After a restart', () => {
  it('T8 streams are read from the disk by their id', async () => {
    const before = new Window(folder);
    const ids = (['complete', 'canceled', 'error'] as const).map((kind) => {
      const id = before.begin(kind);
      before.say('a', 'b');
      before.end(kind, kind);
      return id;
    });
    await before.journal.settled();
    const after = new Window(folder, before.log.next);
    const pages = await Promise.all(ids.map((id) => after.streams.read(id, 1, 2)));
    expect(pages.map(({ status }) => status)).toEqual(['complete', 'canceled', 'failed']);
    for (const page of pages) {
      expect(words(page)).toEqual(['a', 'b']);
      expect(page).toMatchObject({ next: 3, total: 4, more: true });
    }
    expect(after.streams.list()).toEqual([]);
    // Numbers go on, so that ids never come twice.
    expect(ids).not.toContain(after.begin('next'));
  });

  it('T8 a stream that was cut off is canceled, and ends where the record ends or the next one begins', async () => {
    const before = new Window(folder);
    const cut = before.begin('cut off');
    before.say('a', 'b');
    await before.journal.settled();
    const after = new Window(folder, before.log.next);
    expect(await after.streams.read(cut, 0)).toMatchObject({ status: 'canceled', total: 3, more: false });
    const next = after.begin('next');
    after.say('c');
    expect(await after.streams.read(cut, 0)).toMatchObject({ status: 'canceled', total: 3, more: false });
    expect(words(await after.streams.read(next, 0))).toEqual(['start', 'c']);
  });

  it('T8 a stream of more events than a scan reads at once has its whole total', async () => {
    const before = new Window(folder);
    const id = before.begin('long');
    before.say(...Array.from({ length: 4500 }, String));
    before.end('long');
    await before.journal.settled();
    const after = new Window(folder, before.log.next);
    expect(await after.streams.read(id, 4500, 10)).toMatchObject({ total: 4502, next: 4502, status: 'complete' });
  });

  it('T8 a stream whose events are not kept any more says so', async () => {
    const before = new Window(folder, 0, 20_000);
    const evicted = before.begin('evicted');
    before.end('evicted');
    const long = before.begin('long');
    for (let n = 0; n < 600; n += 1) {
      before.say(String(n));
      if (n % 50 === 0) await before.journal.settled();
    }
    await before.journal.settled();
    // One that still runs says how much of it is gone.
    const page = await new Window(folder, before.log.next, 20_000).journal.read(session, 2, 1);
    expect(page.evicted).toBeGreaterThan(0);
    before.journal.forget(session);
    expect(await before.streams.read(long, 0, 1)).toMatchObject({ evicted: page.evicted, total: 601, more: true });
    const after = new Window(folder, before.log.next, 20_000);
    const error: unknown = await after.streams.read(evicted, 0).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'notFound',
      explanation: { what: expect.stringContaining('not kept') as string },
    });
  });
});

describe('Starting a turn without waiting', () => {
  it('T8 gives the id of a real session’s stream at once, and its events as they come', async () => {
    const on = stage();
    const streams = new Streams(on.world.journal, on.world.clock);
    const attached = streams.attach(on.session);
    onTestFinished(() => {
      attached.dispose();
    });
    const id = streams.start(on.session, 'Hello');
    expect(id).toBe(`${on.session.id}.0`);
    expect(await streams.read(id, 0)).toMatchObject({ status: 'running', total: 1 });
    await settled();
    on.world.launcher.last.print(messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'ls' }));
    on.world.launcher.last.ask({ id: 'p1', toolUseId: 't1' });
    await settled();
    expect(await streams.read(id, 0)).toMatchObject({ status: 'awaitingPermission' });
    expect(() => streams.start(on.session, 'Another')).toThrow(/busy/);
    expect(on.session.queue.messages).toEqual([]);
    await on.session.stop();
    await settled();
    expect(await streams.read(id, 0)).toMatchObject({ status: 'canceled' });
    const next = streams.start(on.session, 'Again');
    await settled();
    on.world.launcher.last.print(...answerLines('m2', 'Hi.'));
    await settled();
    const page = await streams.read(next, 0);
    expect(page.status).toBe('complete');
    expect(page.events[0]?.event).toMatchObject({ kind: 'start', prompt: { text: 'Again' } });
    expect(page.events.at(-1)?.event).toMatchObject({ kind: 'complete' });
  });

  it('T8 a message that cannot be sent begins no stream', () => {
    const on = stage();
    const streams = new Streams(on.world.journal, on.world.clock);
    const attached = streams.attach(on.session);
    expect(() => streams.start(on.session, '  ')).toThrow(/promptEmpty/);
    expect(streams.list()).toEqual([]);
    attached.dispose();
  });

  it('T8 a message that the session queues all the same is said to wait', () => {
    const on = new Window(folder);
    const sent: string[] = [];
    const queueing: StreamStarter = {
      id: session,
      onEvents: on.log.onEvents,
      transcript: { turn: null },
      send: (text) => sent.push(text),
    };
    expect(() => on.streams.start(queueing, 'Hello')).toThrow(/busy/);
    expect(sent).toEqual(['Hello']);
    on.attached.dispose();
    expect(() => on.streams.start(queueing, 'Hello')).toThrow('not attached');
  });
});
