import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claudeProgram } from '../../scripts/tools/claude.js';
import { claudeVersion, oldClaudeVersion } from '../../scripts/tools/pins.js';
import { lineProgress } from '../../scripts/tools/progress.js';
import type { Clock } from '../../src/base/clock.js';
import { silentLogger } from '../../src/base/logger.js';
import type { ClaudeProcess } from '../../src/core/ports.js';
import { createLauncher } from '../../src/node/claude/launcher.js';
import type { CliLine } from '../../src/protocol/cli/lines.js';
import { createClaudeEnvironment } from '../support/claudeEnvironment.js';
import { callTool, next, say } from '../support/model/answers.js';
import { startModelServer, type ModelServer } from '../support/model/server.js';

/*
 * What the queue rests on, of messages that the program is given while it works: how they are taken back, what becomes of one
 * that comes again, and in which order an interrupt and a message must come.
 */

const clock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return { dispose: () => clearTimeout(timer) };
  },
};

/** A program in whose turn a command runs until `letGo`. */
interface Working {
  readonly process: ClaudeProcess;
  readonly model: ModelServer;
  readonly lines: CliLine[];
  letGo(): void;
  /** Gives it a message. @returns the message's id */
  send(text: string, priority?: 'now' | 'next', uuid?: string): Promise<string>;
  recall(uuid: string): Promise<unknown>;
  /** Waits for that many results. */
  results(count: number): Promise<readonly CliLine[]>;
  /** What the user had newly said, by request. */
  said(): readonly (readonly string[])[];
}

async function working(release: string): Promise<Working> {
  const program = await claudeProgram(lineProgress(), release);
  const command = 'touch running; until [ -f go ]; do sleep 0.1; done; echo done';
  const model = await startModelServer({
    script: { steps: [next(callTool('Bash', { command })), { times: 9, answer: say('Ok.') }], otherwise: 'fail' },
  });
  const environment = createClaudeEnvironment({ baseUrl: model.url });
  const process = await createLauncher({
    settings: () => ({ path: program, environment: {}, transport: 'pipe' }),
    isTrusted: () => true,
    environment: environment.env,
    home: environment.home,
    temporary: environment.temporary,
    platform: globalThis.process.platform,
    clock,
    logger: silentLogger,
  }).launch({ folder: environment.workspace, sessionId: randomUUID(), start: { kind: 'new' }, persist: true });
  const lines: CliLine[] = [];
  const reading = (async () => {
    for await (const items of process.items) {
      for (const item of items) {
        if (item.type === 'line') lines.push(item.line);
        else if (item.type === 'permission') {
          item.permission.answer({ behavior: 'allow', input: item.permission.request.input });
        }
      }
    }
  })();
  onTestFinished(async () => {
    await process.stop();
    await reading;
    await model.dispose();
    environment.dispose();
  });
  const file = (name: string): string => path.join(environment.workspace, name);
  const found = (): readonly CliLine[] => lines.filter(({ type }) => type === 'result');
  const on: Working = {
    process,
    model,
    lines,
    letGo: () => {
      writeFileSync(file('go'), '');
    },
    send: async (text, priority, uuid = randomUUID()) => {
      await process.send({ uuid, text, ...(priority === undefined ? {} : { priority }) });
      return uuid;
    },
    recall: async (uuid) =>
      (await process.control({ subtype: 'cancel_async_message', message_uuid: uuid }))['cancelled'],
    results: async (count) => {
      await expect.poll(() => found().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
      return found();
    },
    said: () => model.requests.flatMap(({ turn }) => (turn === undefined ? [] : [turn.newPrompts])),
  };
  await process.ready;
  await on.send('Run');
  await expect.poll(() => existsSync(file('running')), { timeout: 20_000 }).toBe(true);
  return on;
}

function echoesOf({ lines }: Working, uuid: string): number {
  return lines.filter((line) => line['isReplay'] === true && line['uuid'] === uuid).length;
}

describe.each([claudeVersion, oldClaudeVersion])('messages during a turn with claude %s', (release) => {
  it('T7 one that waits is given back, and Claude never hears of it', { timeout: 60_000 }, async () => {
    const on = await working(release);
    const taken = await on.send('Taken back', 'next');
    const stays = await on.send('Stays', 'next');
    expect(await on.recall(taken)).toBe(true);
    expect(await on.recall(taken)).toBe(false);
    on.letGo();
    await on.results(1);
    expect(on.said()).toEqual([['Run'], ['Stays']]);
    expect([echoesOf(on, taken), echoesOf(on, stays)]).toEqual([0, 1]);
    expect(await on.recall(stays)).toBe(false);
  });

  it('T7 one that was given back and comes again under its id is echoed and not run', { timeout: 60_000 }, async () => {
    const on = await working(release);
    const uuid = await on.send('Taken back', 'next');
    expect(await on.recall(uuid)).toBe(true);
    on.letGo();
    await on.results(1);
    await on.send('Taken back', undefined, uuid);
    await expect.poll(() => echoesOf(on, uuid), { timeout: 10_000 }).toBe(1);
    await on.send('Something else');
    await on.results(2);
    expect(on.said()).toEqual([['Run'], [], ['Something else']]);
  });

  it('T6 T7 those that are asked back before an interrupt do not follow it', { timeout: 60_000 }, async () => {
    const on = await working(release);
    const ids = [await on.send('One', 'next'), await on.send('Two', 'next')];
    const back = Promise.all(ids.map((id) => on.recall(id)));
    const interrupted = on.process.interrupt();
    expect(await back).toEqual([true, true]);
    await interrupted;
    await on.results(1);
    await on.send('Afterwards');
    await on.results(2);
    expect(on.said()).toEqual([['Run'], ['Afterwards']]);
  });

  it(
    'T7 several that are not delivered in their turn begin the next one as one prompt',
    { timeout: 60_000 },
    async () => {
      const on = await working(release);
      const ids = [await on.send('One', 'next'), await on.send('Two', 'next')];
      await on.process.interrupt();
      const [first] = await on.results(2);
      expect(first?.['is_error']).toBe(true);
      expect(on.said()).toEqual([['Run'], ['One\nTwo']]);
      expect(ids.map((id) => echoesOf(on, id))).toEqual([1, 1]);
    },
  );
});

describe('an interrupt behind a message of priority now', () => {
  it('T7 does not stop a command, which is why the interrupt comes first', { timeout: 60_000 }, async () => {
    const on = await working(claudeVersion);
    await on.send('At once', 'now');
    await on.process.interrupt();
    const sent = Date.now();
    // A command that runs is left alone for as long as it likes; a second is far longer than an interrupt needs.
    await expect.poll(() => Date.now() - sent, { timeout: 5000 }).toBeGreaterThan(1500);
    expect(on.lines.filter(({ type }) => type === 'result')).toEqual([]);
    on.letGo();
    await on.results(2);
    expect(on.said()).toEqual([['Run'], ['At once']]);
  });
});
