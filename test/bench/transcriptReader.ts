// Reads the last page of a transcript in a process of its own and prints what that took, as JSON. Bundled and started by the
// benchmark with `--expose-gc`, and with what to read as JSON in its one argument.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { isObject, parseJson, type JsonObject } from '../../src/base/json.js';
import { createTranscripts } from '../../src/node/transcripts/transcripts.js';

function readTask(text: string | undefined): JsonObject {
  const task = parseJson(text ?? '');
  if (!isObject(task)) throw new Error('No task');
  return task;
}

type Read = () => Promise<{ readonly length: number }>;

async function reader(task: JsonObject): Promise<Read> {
  const folder = String(task['folder']);
  const sessionId = String(task['sessionId']);
  if (task['reader'] === 'sdk') {
    const { getSessionMessages } = await import('@anthropic-ai/claude-agent-sdk');
    // It counts from the beginning; the benchmark knows how many there are.
    return () => getSessionMessages(sessionId, { dir: folder, offset: Number(task['offset']) });
  }
  const transcripts = createTranscripts({ environment: () => process.env, home: '' });
  return async () => (await transcripts.readLast(folder, sessionId, Number(task['messages']))).events;
}

const task = readTask(process.argv[2]);
const read = await reader(task);
globalThis.gc?.();
await setImmediate();
const before = process.memoryUsage().rss;
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
const times: number[] = [];
let growth = 0;
for (let round = 0; round < Number(task['rounds']); round++) {
  const start = performance.now();
  const { length } = await read();
  times.push(performance.now() - start);
  if (length === 0) throw new Error('Nothing was read');
  growth = Math.max(growth, process.memoryUsage().rss - before);
  await setImmediate();
}
delays.disable();
const blocked = Math.max(0, delays.max / 1e6 - 1);
process.stdout.write(`${JSON.stringify({ times, growth: growth / 1e6, blocked })}\n`);
