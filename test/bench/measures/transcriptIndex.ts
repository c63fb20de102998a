import { listSessions } from '@anthropic-ai/claude-agent-sdk';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { silentLogger } from '../../../src/base/logger.js';
import { openStorage } from '../../../src/node/store/storage.js';
import { systemClock } from '../../../src/node/systemClock.js';
import { daysOf } from '../../../src/core/usage/days.js';
import { newSessionRecord } from '../../../src/protocol/state/workspaceState.js';
import type { BenchContext } from '../context.js';
import type { Finding, Measure, Series } from '../finding.js';
import { activeAt, sessionCount, sessionIdAt, type ManySessions } from '../manySessions.js';
import { bundleScript, runScript, toldNumber, toldNumbers } from '../ownProcess.js';

/** Milliseconds. */
const limits = { withoutIndex: 1500, block: 50, withIndex: 150, change: 20 } as const;
/** It takes so long that few samples do. */
const sdkSamples = 3;
/** Changes of single transcripts in each process. */
const changes = 5;
/** Every so many sessions there is one that Arbor has a record of. */
const recordEvery = 10;

/** What the process told that filled the tree. */
interface Filled {
  readonly first: number;
  readonly usable: number;
  readonly all: number;
  readonly settled: number;
  readonly blocked: number;
  readonly work: readonly number[];
  readonly shown: readonly number[];
}

/** How soon the tree shows thousands of sessions, without and with the index of an earlier start, and what a change costs. */
export function transcriptIndex(context: BenchContext): Measure {
  return {
    name: 'index',
    title: `The tree of ${sessionCount} sessions`,
    async run() {
      const sessions = await context.sessions();
      const script = await bundleScript('treeHost');
      const storage = path.join(context.stage.environment.root, 'tree');
      const { program, environment } = context.stage;
      const { root, home, temporary, workspace, env } = environment;
      const stage = { program, environment: { root, home, temporary, workspace, env } };
      const task = { stage, storage, count: sessionCount, ...pick(sessions) };
      const fill = async (count: number): Promise<Filled> =>
        readFilled(await runScript(script, { ...task, changes: count }));
      const without: Filled[] = [];
      const withIt: Filled[] = [];
      const sdk: number[] = [];
      await writeRecords(storage, sessions.workspace);
      await context.each(async () => {
        await rm(path.join(storage, 'index'), { recursive: true, force: true });
        without.push(await fill(0));
        withIt.push(await fill(changes));
      });
      // Last, because what it leaves in memory would be collected while others are measured.
      await context.each(
        async () => {
          sdk.push(await listWithSdk(sessions));
        },
        Math.min(sdkSamples, context.samples),
      );
      await rm(storage, { recursive: true, force: true });
      return findings(sessions, without, withIt, sdk);
    },
  };
}

function pick({ configFolder, workspace }: ManySessions): Pick<ManySessions, 'configFolder' | 'workspace'> {
  return { configFolder, workspace };
}

function readFilled(told: Awaited<ReturnType<typeof runScript>>): Filled {
  return {
    first: toldNumber(told, 'first'),
    usable: toldNumber(told, 'usable'),
    all: toldNumber(told, 'all'),
    settled: toldNumber(told, 'settled'),
    blocked: toldNumber(told, 'blocked'),
    work: toldNumbers(told, 'work'),
    shown: toldNumbers(told, 'shown'),
  };
}

/** Some of the sessions are Arbor's, and some of those are forks of another. */
async function writeRecords(folder: string, workspace: string): Promise<void> {
  const { dayOf } = daysOf('UTC');
  const storage = openStorage({ folder, clock: systemClock, logger: silentLogger, newUuid: randomUUID, dayOf });
  const records = Array.from({ length: sessionCount / recordEvery }, (_, index) => {
    const number = index * recordEvery;
    const record = newSessionRecord({ id: sessionIdAt(number), folder: workspace, at: activeAt(number) });
    const parent = sessionIdAt((index - 1) * recordEvery);
    const isFork = index % recordEvery === 1;
    const lineage = isFork ? { parent, at: sessionIdAt(index), kind: 'fork' as const } : null;
    return { ...record, name: `Session of Arbor's ${String(index)}`, lineage };
  });
  try {
    await storage.store.update((state) => ({ ...state, sessions: records }));
    await storage.settled();
  } finally {
    storage.dispose();
  }
}

async function listWithSdk({ configFolder, workspace }: ManySessions): Promise<number> {
  const before = process.env['CLAUDE_CONFIG_DIR'];
  process.env['CLAUDE_CONFIG_DIR'] = configFolder;
  try {
    const start = performance.now();
    const listed = await listSessions({ dir: workspace });
    const took = performance.now() - start;
    if (listed.length !== sessionCount) throw new Error(`The Agent SDK lists ${listed.length} sessions`);
    return took;
  } finally {
    if (before === undefined) delete process.env['CLAUDE_CONFIG_DIR'];
    else process.env['CLAUDE_CONFIG_DIR'] = before;
  }
}

function findings(
  { bytes }: ManySessions,
  without: readonly Filled[],
  withIt: readonly Filled[],
  sdkTimes: readonly number[],
): Finding[] {
  const what = `${sessionCount} sessions (${Math.round(bytes / 1e6)} MB)`;
  const sdk: Series = { name: "the Agent SDK's listSessions", unit: 'ms', samples: sdkTimes };
  const blocked = (of: readonly Filled[]): Series => ({
    ...ms('longest delay of the event loop', of, (one) => [one.blocked]),
    statistic: 'worst',
  });
  return [
    {
      title: `${what}, index present: tree usable`,
      measured: ms('start to the first page, as it stays', withIt, ({ usable }) => [usable]),
      reference: sdk,
      limit: limitOf(limits.withIndex),
      details: [
        ms('start until all sessions are in the tree', withIt, ({ all }) => [all]),
        ms('start until every file was compared', withIt, ({ settled }) => [settled]),
        blocked(withIt),
      ],
    },
    {
      title: `${what}, no index: tree usable`,
      measured: ms('start to the first page, with all sessions known', without, ({ all }) => [all]),
      reference: sdk,
      limit: limitOf(limits.withoutIndex),
      details: [ms('start to the first sessions shown', without, ({ first }) => [first])],
      notes: ['The files are in the system’s cache, for the Agent SDK as well.'],
    },
    {
      title: `${what}, no index: longest block of the host`,
      measured: blocked(without),
      reference: null,
      limit: limitOf(limits.block),
    },
    {
      title: `${what}: work for one changed transcript, tree updated`,
      measured: ms('processor time until the tree shows it', withIt, ({ work }) => work),
      reference: null,
      limit: limitOf(limits.change),
      details: [
        ms('the first change of a process', withIt, ({ work }) => work.slice(0, 1)),
        ms('from the change to the tree, most of it spent waiting for more changes', withIt, ({ shown }) => shown),
      ],
    },
  ];
}

function ms(name: string, filled: readonly Filled[], pickOf: (one: Filled) => readonly number[]): Series {
  return { name, unit: 'ms', samples: filled.flatMap((one) => pickOf(one)) };
}

function limitOf(value: number): { readonly value: number; readonly rule: string } {
  return { value, rule: `${value} ms` };
}
