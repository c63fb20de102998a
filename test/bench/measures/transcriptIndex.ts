import { listSessions } from '@anthropic-ai/claude-agent-sdk';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { silentLogger } from '../../../src/base/logger.js';
import { systemClock } from '../../../src/node/systemClock.js';
import { TranscriptIndex } from '../../../src/node/transcriptIndex/transcriptIndex.js';
import type { BenchContext } from '../context.js';
import type { Finding, Measure, Series } from '../finding.js';
import { makeSessions, type ManySessions } from '../manySessions.js';

const count = 5000;
/** Milliseconds. */
const limits = { withoutIndex: 1500, block: 50, withIndex: 150, change: 20 } as const;
/** It takes so long that few samples do. */
const sdkSamples = 3;

interface Samples {
  readonly sdk: number[];
  readonly withoutIndex: number[];
  readonly withIndex: number[];
  readonly verified: number[];
  readonly blockWithout: number[];
  readonly blockWith: number[];
  readonly work: number[];
  readonly told: number[];
}

/** How soon thousands of sessions are listed, without and with the index of an earlier start, and what a change costs. */
export function transcriptIndex(context: BenchContext): Measure {
  return {
    name: 'index',
    title: `Index of ${count} sessions`,
    async run() {
      const sessions = await makeSessions(context.stage, count);
      try {
        return findings(sessions, await sample(context, sessions));
      } finally {
        await sessions.remove();
      }
    },
  };
}

async function sample(context: BenchContext, sessions: ManySessions): Promise<Samples> {
  const samples: Samples = {
    sdk: [],
    withoutIndex: [],
    withIndex: [],
    verified: [],
    blockWithout: [],
    blockWith: [],
    work: [],
    told: [],
  };
  await context.each(async () => {
    const storage = path.join(sessions.root, 'storage');
    await rm(storage, { recursive: true, force: true });
    const first = await startIndex(sessions, storage);
    samples.withoutIndex.push(first.all);
    samples.blockWithout.push(first.block);
    await first.index.save();
    first.index.dispose();
    const second = await startIndex(sessions, storage);
    samples.withIndex.push(second.usable);
    samples.verified.push(second.all);
    samples.blockWith.push(second.block);
    await changeOne(second.index, samples);
    second.index.dispose();
  });
  // Last, because what it leaves in memory would be collected while others are measured.
  await context.each(
    async () => {
      samples.sdk.push(await listWithSdk(sessions));
    },
    Math.min(sdkSamples, context.samples),
  );
  return samples;
}

/** @returns milliseconds from the start to the first entries and until all is compared, and the longest block meanwhile */
async function startIndex(
  { configFolder, workspace }: ManySessions,
  storage: string,
): Promise<{ readonly index: TranscriptIndex; readonly usable: number; readonly all: number; readonly block: number }> {
  const delays = monitorEventLoopDelay({ resolution: 2 });
  const index = new TranscriptIndex({
    configFolder: () => configFolder,
    storage,
    clock: systemClock,
    logger: silentLogger,
    newUuid: randomUUID,
  });
  let usable = NaN;
  const start = performance.now();
  const listening = index.onChange(() => {
    // Without the kept index they come in lots.
    if (index.entries().length !== count) return;
    usable = performance.now() - start;
    listening.dispose();
  });
  delays.enable();
  index.setFolders([workspace]);
  index.start();
  await index.settled();
  const all = performance.now() - start;
  delays.disable();
  if (Number.isNaN(usable)) throw new Error(`Only ${index.entries().length} sessions were found`);
  return { index, usable, all, block: delays.max / 1e6 };
}

/** Adds a line to a transcript, as the program does, and waits until that is told of. */
async function changeOne(index: TranscriptIndex, samples: Samples): Promise<void> {
  const entry = index.entries()[count >> 1];
  if (!entry) throw new Error('There is no session to change');
  const told = new Promise<readonly string[]>((resolve) => {
    const listening = index.onChange(({ changed }) => {
      listening.dispose();
      resolve(changed);
    });
  });
  const before = process.cpuUsage();
  const start = performance.now();
  // What waits for changes keeps no process alive.
  const alive = setInterval(() => undefined, 60_000);
  appendFileSync(entry.path, `{"type":"custom-title","customTitle":"${randomUUID()}","sessionId":"${entry.id}"}\n`);
  const changed = await told;
  clearInterval(alive);
  const { user, system } = process.cpuUsage(before);
  samples.told.push(performance.now() - start);
  samples.work.push((user + system) / 1000);
  if (changed.join() !== entry.id) throw new Error(`One session changed, ${changed.length} were told of`);
}

async function listWithSdk({ configFolder, workspace }: ManySessions): Promise<number> {
  const before = process.env['CLAUDE_CONFIG_DIR'];
  process.env['CLAUDE_CONFIG_DIR'] = configFolder;
  try {
    const start = performance.now();
    const listed = await listSessions({ dir: workspace });
    const took = performance.now() - start;
    if (listed.length !== count) throw new Error(`The Agent SDK lists ${listed.length} sessions`);
    return took;
  } finally {
    if (before === undefined) delete process.env['CLAUDE_CONFIG_DIR'];
    else process.env['CLAUDE_CONFIG_DIR'] = before;
  }
}

function findings({ bytes }: ManySessions, samples: Samples): Finding[] {
  const what = `${count} sessions (${Math.round(bytes / 1e6)} MB)`;
  const sdk = ms("the Agent SDK's listSessions", samples.sdk);
  return [
    {
      title: `${what}, no index: all listed`,
      measured: ms('start to the last session', samples.withoutIndex),
      reference: sdk,
      limit: limitOf(limits.withoutIndex),
      notes: ['The files are in the system’s cache, for the Agent SDK as well.'],
    },
    {
      title: `${what}, no index: longest block of the host`,
      measured: { ...ms('longest delay of the event loop', samples.blockWithout), statistic: 'worst' },
      reference: null,
      limit: limitOf(limits.block),
    },
    {
      title: `${what}, with the index: all listed`,
      measured: ms('start to all sessions', samples.withIndex),
      reference: sdk,
      limit: limitOf(limits.withIndex),
      details: [
        ms('start until every file was compared', samples.verified),
        ms('longest delay of the event loop', samples.blockWith),
      ],
    },
    {
      title: `${what}: work for one changed transcript`,
      measured: ms('processor time until it is told of', samples.work),
      reference: null,
      limit: limitOf(limits.change),
      details: [ms('from the change to the event, most of it spent waiting for more changes', samples.told)],
    },
  ];
}

function ms(name: string, samples: readonly number[]): Series {
  return { name, unit: 'ms', samples };
}

function limitOf(value: number): { readonly value: number; readonly rule: string } {
  return { value, rule: `${value} ms` };
}
