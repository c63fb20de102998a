import { randomUUID } from 'node:crypto';
import { CancellationError } from '../../src/base/cancellation.js';
import type { Clock } from '../../src/base/clock.js';
import { silentLogger } from '../../src/base/logger.js';
import type { ConversationStart, IncomingPermission, ProcessItem } from '../../src/core/ports.js';
import { LineTranslator } from '../../src/core/session/translate/translator.js';
import { createLauncher } from '../../src/node/claude/launcher.js';
import type { Prompt } from '../../src/protocol/session/events.js';
import { ClientReader } from './clientReader.js';
import type { Driver, Peer, PeerOptions, PeerStart } from './driver.js';

const clock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return { dispose: () => clearTimeout(timer) };
  },
};

function conversationStart(start: PeerStart): ConversationStart {
  if (start.kind !== 'fork') return { kind: start.kind };
  return start.at === undefined ? { kind: 'fork', from: start.from } : { kind: 'fork', from: start.from, at: start.at };
}

/** Drives the program through our own client, over a pseudo-terminal or over pipes. */
export function clientDriver(transport: 'pty' | 'pipe'): Driver {
  return {
    name: transport,
    async start({ program, environment, start, persist, recorder, decide }: PeerOptions): Promise<Peer> {
      const launcher = createLauncher({
        settings: () => ({ path: program, environment: {}, transport }),
        isTrusted: () => true,
        environment: environment.env,
        home: environment.home,
        temporary: environment.temporary,
        platform: process.platform,
        clock,
        logger: silentLogger,
      });
      const claude = await launcher.launch({
        folder: environment.workspace,
        sessionId: start.sessionId,
        start: conversationStart(start),
        persist,
      });
      if (claude.transport !== transport) throw new Error(`${claude.transport} was used instead of ${transport}`);
      const translator = new LineTranslator();
      // The stage does not ask what the program goes on counting from.
      if (start.kind !== 'new') translator.setCountedBefore({ costUsd: null, models: null });
      const reader = new ClientReader(recorder);
      const waiting: Prompt[] = [];

      const begin = (prompt: Prompt): void => {
        translator.begin(randomUUID(), prompt);
        recorder.prompt(prompt.text);
      };
      const ask = ({ request, token, answer }: IncomingPermission): void => {
        recorder.permission(request.tool, request.input);
        const decision = decide(request.tool, request.input);
        if (decision !== 'hold' && !token.isCancelled) answer(decision);
      };
      const take = (item: ProcessItem): void => {
        if (item.type === 'permission') ask(item.permission);
        if (item.type !== 'line') return;
        translator.translate(item.line, item.number, (event) => {
          if (event.kind === 'steeringDelivered') {
            const index = waiting.findIndex(({ uuid }) => uuid === event.prompt.uuid);
            if (index >= 0) waiting.splice(index, 1);
          }
          reader.read(event);
        });
        const following = recorder.running ? undefined : waiting.shift();
        if (following !== undefined) begin(following);
      };
      const ended = (async () => {
        for await (const items of claude.items) for (const item of items) take(item);
        const { code, signal, stderr } = await claude.exited;
        recorder.ended(`${String(code)} ${String(signal)} ${stderr}`);
      })();
      try {
        await claude.ready;
      } catch (error) {
        // A conversation that does not exist is reported by its result, which is among the lines.
        if (start.kind !== 'resume' || error instanceof CancellationError) throw error;
      }
      return {
        async send(text, priority) {
          const prompt: Prompt = { uuid: randomUUID(), text };
          if (recorder.running) waiting.push(prompt);
          else begin(prompt);
          await claude.send(priority === undefined ? prompt : { ...prompt, priority });
        },
        interrupt: () => claude.interrupt(),
        async close() {
          await claude.stop();
          await ended;
        },
      };
    },
  };
}
