import { randomUUID } from 'node:crypto';
import { query, type SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import { AsyncQueue } from '../../src/base/asyncQueue.js';
import type { Driver, Peer, PeerOptions, PeerStart } from './driver.js';
import { SdkReader } from './sdkReader.js';

async function* oneByOne<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

function startOptions(start: PeerStart): object {
  if (start.kind === 'new') return { sessionId: start.sessionId };
  if (start.kind === 'resume') return { resume: start.sessionId };
  const at = start.at === undefined ? {} : { resumeSessionAt: start.at };
  return { sessionId: start.sessionId, resume: start.from, forkSession: true, ...at };
}

/** Drives the program through the Agent SDK. */
export const sdkDriver: Driver = {
  name: 'Agent SDK',
  async start({ program, environment, start, persist, recorder, decide }: PeerOptions): Promise<Peer> {
    const input = new AsyncQueue<SDKUserMessage>();
    const session = query({
      prompt: oneByOne(input),
      options: {
        ...startOptions(start),
        pathToClaudeCodeExecutable: program,
        cwd: environment.workspace,
        env: { ...environment.env },
        includePartialMessages: true,
        forwardSubagentText: true,
        persistSession: persist,
        systemPrompt: { type: 'preset', preset: 'claude_code' },
        extraArgs: { 'replay-user-messages': null },
        canUseTool: (tool, toolInput, { signal }) => {
          recorder.permission(tool, toolInput);
          const decision = decide(tool, toolInput);
          if (decision !== 'hold') {
            return Promise.resolve(
              decision.behavior === 'allow' ? { behavior: 'allow', updatedInput: decision.input } : decision,
            );
          }
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('The request was taken back.')), { once: true });
          });
        },
      },
    });
    const own = new Set<string>();
    const reader = new SdkReader(recorder, own, start.kind === 'new');
    const ended = (async () => {
      try {
        for await (const message of session) reader.read(message);
        recorder.ended('end of output');
      } catch (error) {
        recorder.ended(String(error));
      }
    })();
    if (start.kind !== 'resume') await session.initializationResult();
    return {
      send(text, priority) {
        const uuid = randomUUID();
        // What begins a turn is known from here on; what is sent meanwhile is taken down when the program echoes it.
        if (!recorder.running) {
          own.add(uuid);
          recorder.prompt(text);
        }
        input.push({
          type: 'user',
          uuid,
          message: { role: 'user', content: text },
          parent_tool_use_id: null,
          ...(priority === undefined ? {} : { priority }),
        });
        return Promise.resolve();
      },
      async interrupt() {
        await session.interrupt();
      },
      async close() {
        input.end();
        await ended;
      },
    };
  },
};
