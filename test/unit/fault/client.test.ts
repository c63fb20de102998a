import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { ArborError, type ErrorCode } from '../../../src/base/errors.js';
import type { FakeBehaviour } from '../../support/fakeProgram/fakeProgram.js';
import { start, transports, type Subject } from './client.js';

async function errorOf(work: Promise<unknown>): Promise<ArborError> {
  const error: unknown = await work.then(
    () => new Error('It did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ArborError) return error;
  throw error;
}

/** Runs and gives back how long it took, in milliseconds. */
async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const begin = performance.now();
  return [await work, performance.now() - begin];
}

/** Nothing that the fake program started is alive, and no pipe of ours is left in the file system. */
async function nothingIsLeft({ fake }: Subject): Promise<void> {
  await vi.waitFor(() => expect(fake.alive()).toEqual([]), { timeout: 2_000 });
  await vi.waitFor(() => expect(readdirSync(fake.folder).filter((name) => name.startsWith('arbor-'))).toEqual([]));
}

/** What every ending keeps to: the suite's grace times together, in milliseconds. Unhindered it takes a fraction of that. */
const withinLimits = 4_000;

describe.each(transports)('the client over %s, with a program that', { timeout: 20_000 }, (transport) => {
  it('T1 works: initialised, one turn, ended by the end of its input', async () => {
    const subject = await start('answer', transport);
    expect(subject.claude.transport).toBe(transport);
    expect(await subject.claude.ready).toMatchObject({ version: '2.1.329', commands: 2 });
    await subject.promptToPartialText();
    expect(await subject.result()).toMatchObject({ subtype: 'success', session_id: subject.claude.sessionId });
    expect(subject.text()).toBe('Partial text and the rest.');
    expect(await subject.claude.stop()).toMatchObject({ code: 0, signal: null });
    await subject.outputEnded;
    await nothingIsLeft(subject);
  });

  it.each<[FakeBehaviour, number | null, string | null, string]>([
    ['dieMidLine', 1, null, ''],
    ['crash', 70, null, 'fatal: something broke'],
    ['killed', null, 'SIGKILL', ''],
    ['exitZero', 0, null, ''],
    ['crashWithGrandchild', 70, null, ''],
  ])('T5 ends by itself in a turn (%s)', async (behaviour, code, signal, stderr) => {
    const subject = await start(behaviour, transport);
    await subject.promptToPartialText();
    const [exit, milliseconds] = await timed(subject.claude.exited);
    expect(exit).toMatchObject({ code, signal });
    expect(exit.stderr.trim()).toBe(stderr);
    expect(milliseconds).toBeLessThan(withinLimits);
    await subject.outputEnded;
    expect(subject.text()).toBe('Partial text');
    expect(subject.lines('result')).toEqual([]);
    expect((await errorOf(subject.claude.send({ uuid: 'x', text: 'more' }))).code).toBe('processExited');
    expect((await errorOf(subject.claude.interrupt())).code).toBe('processExited');
    await nothingIsLeft(subject);
  });

  it('T4 dies in the middle of a line: the piece is kept as noise', async () => {
    const subject = await start('dieMidLine', transport);
    await subject.promptToPartialText();
    await subject.outputEnded;
    expect(subject.noise()).toEqual(['{"type":"stream_event","event":{"type":"content_block_de']);
  });

  it.each([false, true])(
    'T5 prints a lot and ends at once (reading paused: %s): nothing of it is lost',
    async (paused) => {
      const subject = await start('lastWords', transport);
      await subject.claude.ready;
      const goOn = subject.stopReading();
      if (!paused) goOn();
      await subject.claude.send({ uuid: 'u', text: 'hello' });
      expect(await subject.claude.exited).toMatchObject({ code: 0, signal: null });
      goOn();
      await subject.outputEnded;
      expect(subject.text()).toBe('Partial text');
      expect(subject.noise().map((line) => Number.parseInt(line, 10))).toEqual(
        Array.from({ length: 200 }, (_, n) => n),
      );
      await nothingIsLeft(subject);
    },
  );

  it.each<[FakeBehaviour, ErrorCode]>([
    ['hangAtStart', 'startTimeout'],
    ['crashAtStart', 'programBroken'],
  ])('P1 does not get ready (%s)', async (behaviour, code) => {
    const subject = await start(behaviour, transport);
    const [error, milliseconds] = await timed(errorOf(subject.claude.ready));
    expect(error.code).toBe(code);
    expect(milliseconds).toBeLessThan(withinLimits);
    expect(error.explanation).toMatchObject({ kept: expect.any(String) as string, next: expect.any(String) as string });
    await subject.claude.exited;
    await nothingIsLeft(subject);
  });

  it('P6 crashes at start: its last words are in the message', async () => {
    const subject = await start('crashAtStart', transport);
    expect((await errorOf(subject.claude.ready)).explanation.detail).toBe('cannot start: a library is missing');
    expect((await subject.claude.exited).code).toBe(127);
  });

  it('T6 hangs in a turn: an interrupt is not answered, stop ends it', async () => {
    const subject = await start('hangMidTurn', transport);
    await subject.promptToPartialText();
    expect((await errorOf(subject.claude.interrupt())).code).toBe('requestTimeout');
    const [exit, milliseconds] = await timed(subject.claude.stop());
    expect(exit.code ?? exit.signal).not.toBe(null);
    expect(milliseconds).toBeLessThan(withinLimits);
    expect(subject.text()).toBe('Partial text');
    await nothingIsLeft(subject);
  });

  it('T6 ignores the end of its input: it is terminated', async () => {
    const subject = await start('ignoreEndOfInput', transport);
    await subject.claude.ready;
    const [exit, milliseconds] = await timed(subject.claude.stop());
    expect(exit.signal).toBe('SIGTERM');
    expect(milliseconds).toBeGreaterThan(250);
    expect(milliseconds).toBeLessThan(withinLimits);
    await nothingIsLeft(subject);
  });

  it('T6 ignores SIGTERM: it is killed', async () => {
    const subject = await start('ignoreSigterm', transport);
    await subject.promptToPartialText();
    await subject.claude.interrupt();
    const first = subject.claude.stop();
    expect(subject.claude.stop()).toBe(first);
    const [exit, milliseconds] = await timed(first);
    expect(exit.signal).toBe('SIGKILL');
    expect(milliseconds).toBeGreaterThan(550);
    expect(milliseconds).toBeLessThan(withinLimits);
    expect(subject.text()).toBe('Partial text');
    await nothingIsLeft(subject);
  });

  it('P4 is disposed: it is killed at once', async () => {
    const subject = await start('ignoreSigterm', transport);
    await subject.promptToPartialText();
    subject.claude.dispose();
    const [exit, milliseconds] = await timed(subject.claude.exited);
    expect(exit.signal).toBe('SIGKILL');
    expect(milliseconds).toBeLessThan(withinLimits);
    await nothingIsLeft(subject);
  });

  it('P6 floods stderr: the turn goes on, 8 KiB are kept', async () => {
    const subject = await start('floodStderr', transport);
    await subject.promptToPartialText();
    await subject.result();
    const { stderr } = await subject.claude.stop();
    expect(Buffer.byteLength(stderr)).toBe(8 * 1024);
    expect(stderr.endsWith('e\nthe last words\n')).toBe(true);
    await nothingIsLeft(subject);
  });

  it('T4 prints garbage: it is passed on as noise and the turn goes on', async () => {
    const subject = await start('garbage', transport);
    await subject.promptToPartialText();
    await subject.result();
    expect(subject.text()).toBe('Partial text and the rest.');
    expect(subject.noise()).toEqual([
      'Warning: not JSON',
      '[1,2]',
      '"text"',
      '{"no":"type"}',
      '{"type":1}',
      '{"broken',
      '\uFFFD\uFFFD\0',
      '\u001b[?25h',
    ]);
    await subject.claude.stop();
    await nothingIsLeft(subject);
  });

  it('T6 prints garbage without end while nobody reads: stop ends it', async () => {
    const subject = await start('garbageForEver', transport);
    await subject.promptToPartialText();
    subject.stopReading();
    const [exit, milliseconds] = await timed(subject.claude.stop());
    expect(exit.signal).toBe('SIGTERM');
    expect(milliseconds).toBeLessThan(withinLimits);
    await nothingIsLeft(subject);
  });

  it('P4 leaves a grandchild in a group of its own: stop ends it too', async () => {
    const subject = await start('leaveGrandchild', transport);
    await subject.promptToPartialText();
    await subject.result();
    expect(subject.fake.alive()).toHaveLength(2);
    const [exit, milliseconds] = await timed(subject.claude.stop());
    expect(exit.code).toBe(0);
    expect(milliseconds).toBeLessThan(withinLimits);
    await nothingIsLeft(subject);
  });

  it('T5 closes its input: a message is refused with a reason, not lost in silence', async () => {
    const subject = await start('closeInput', transport);
    await subject.promptToPartialText();
    const error = await vi.waitFor(async () => errorOf(subject.claude.send({ uuid: 'x', text: 'y'.repeat(200_000) })), {
      timeout: 2_000,
    });
    expect(error.code).toBe('processExited');
    await subject.claude.stop();
    await nothingIsLeft(subject);
  });

  it('T5 closes its output and lives on: stop ends it', async () => {
    const subject = await start('closeOutput', transport);
    await subject.promptToPartialText();
    const [, milliseconds] = await timed(subject.claude.stop());
    expect(milliseconds).toBeLessThan(withinLimits);
    await nothingIsLeft(subject);
  });

  it('T3 prints a line of 50 MB: it arrives whole', async () => {
    const subject = await start('hugeLine', transport);
    await subject.promptToPartialText();
    await subject.result();
    const [line] = subject.lines('huge');
    expect(line?.['text']).toHaveLength(Math.floor((50 * 1024 * 1024) / 3));
    expect(subject.noise()).toEqual([]);
    await subject.claude.stop();
  });

  it('T3 writes single bytes: characters stay whole', async () => {
    const subject = await start('splitBytes', transport);
    await subject.promptToPartialText();
    expect(await subject.result()).toMatchObject({ extra: 'äöü 😀' });
    expect(subject.noise()).toEqual([]);
    await subject.claude.stop();
  });

  it('A4 asks for permission: the answer arrives once', async () => {
    const subject = await start('permission', transport);
    await subject.claude.send({ uuid: 'u', text: 'touch' });
    const permission = await subject.permission();
    expect(permission.request).toMatchObject({
      tool: 'Bash',
      input: { command: 'touch it' },
      sessionId: subject.claude.sessionId,
      folder: subject.fake.folder,
      toolUseId: 'toolu_1',
    });
    permission.answer({ behavior: 'allow', input: { command: 'touch that' } });
    expect(() => permission.answer({ behavior: 'deny', message: 'no', interrupt: false })).toThrow('alreadySettled');
    expect(await subject.result()).toMatchObject({
      answered: { subtype: 'success', response: { behavior: 'allow', updatedInput: { command: 'touch that' } } },
    });
    await subject.claude.stop();
  });

  it('A4 asks for permission and takes it back: an answer is an error', async () => {
    const subject = await start('permissionTakenBack', transport);
    await subject.claude.send({ uuid: 'u', text: 'touch' });
    const permission = await subject.permission();
    await subject.result();
    expect(permission.token.isCancelled).toBe(true);
    expect(() => permission.answer({ behavior: 'deny', message: 'no', interrupt: false })).toThrow('alreadySettled');
    await subject.claude.stop();
  });

  it('A4 asks for permission and is gone: the request is cancelled', async () => {
    const subject = await start('permissionThenDie', transport);
    await subject.claude.send({ uuid: 'u', text: 'touch' });
    const permission = await subject.permission();
    await subject.claude.exited;
    expect(permission.token.isCancelled).toBe(true);
    await nothingIsLeft(subject);
  });

  it('A4 asks for permission in a form that cannot be read: denied with the reason', async () => {
    const subject = await start('malformedPermission', transport);
    await subject.claude.send({ uuid: 'u', text: 'touch' });
    expect(await subject.result()).toMatchObject({
      answered: { response: { behavior: 'deny', message: expect.stringContaining('names no tool') as string } },
    });
    await subject.claude.stop();
  });

  it('T4 asks something unknown: it is answered with an error and passed on', async () => {
    const subject = await start('strangeRequest', transport);
    await subject.claude.send({ uuid: 'u', text: 'touch' });
    expect(await subject.result()).toMatchObject({ answered: { subtype: 'error' } });
    expect(subject.lines('control_request')).toHaveLength(1);
    await subject.claude.stop();
  });
});

describe('starting a program that', () => {
  it.each<[FakeBehaviour, ErrorCode]>([
    ['versionFails', 'programBroken'],
    ['tooOld', 'programTooOld'],
  ])('P1 is not fit for it (%s)', async (behaviour, code) => {
    const error = await errorOf(start(behaviour, 'pipe'));
    expect(error.code).toBe(code);
    expect(error.explanation.next).toMatch(/\w/);
  });
});
