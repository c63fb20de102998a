import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { projectFolderName } from '../../../src/node/transcripts/locate.js';
import { transcriptLines, type TranscriptShape } from '../../support/writtenTranscript.js';
import type { BenchContext } from '../context.js';
import { needRoom } from '../diskRoom.js';
import type { Finding, Measure, Series } from '../finding.js';
import { bundleScript, runScript, toldNumber, toldNumbers } from '../ownProcess.js';

/** The page that a chat shows when a conversation is opened. */
const pageMessages = 100;
const sessionId = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
/** Five lines a turn, of which the Agent SDK counts every one as a message. */
const linesPerTurn = 5;
/** Reads in one process; the first is told apart, as a process that has read nothing yet is slower. */
const rounds = 5;
const blockedLimitMs = 50;

interface Case {
  readonly title: string;
  readonly turns: number;
  /** Bytes that the file must have at least. */
  readonly bytes: number;
  readonly limitMs: number;
  readonly limitMb: number | null;
  /** Samples of the Agent SDK, which takes many seconds for the large file. */
  readonly sdkSamples: number;
}

const cases: readonly Case[] = [
  { title: '23 MB, 10,000 messages', turns: 2000, bytes: 23e6, limitMs: 30, limitMb: null, sdkSamples: 3 },
  { title: '500 MB', turns: 43_500, bytes: 500e6, limitMs: 100, limitMb: 30, sdkSamples: 1 },
];

/** What the reading process tells. */
interface Reading {
  readonly times: readonly number[];
  /** Megabytes that its memory grew by, at most. */
  readonly growth: number;
  /** The longest time in milliseconds that nothing else got a turn. */
  readonly blocked: number;
}

/** The last page of long transcripts, each sample in a new process, beside the Agent SDK's reading of the same. */
export function transcriptPages(context: BenchContext): Measure {
  return {
    name: 'pages',
    title: 'The last page of long transcripts',
    async run() {
      const script = await bundleScript('transcriptReader');
      const findings: Finding[] = [];
      for (const each of cases) findings.push(...(await measure(context, script, each)));
      return findings;
    },
  };
}

async function measure(context: BenchContext, script: string, each: Case): Promise<Finding[]> {
  const config = path.join(context.stage.environment.temporary, 'pages');
  const folder = context.stage.environment.workspace;
  await needRoom(context.stage.environment.temporary, each.bytes);
  try {
    await writeTranscript(path.join(config, 'projects', projectFolderName(folder)), each);
    const task = { folder, sessionId, messages: pageMessages, offset: (each.turns - pageMessages / 2) * linesPerTurn };
    const read = (more: object): Promise<Reading> => startReader(script, config, { ...task, ...more });
    const ours: Reading[] = [];
    const sdk: Reading[] = [];
    await context.each(async () => {
      ours.push(await read({ reader: 'arbor', rounds }));
    });
    await context.each(async () => {
      sdk.push(await read({ reader: 'sdk', rounds: 1 }));
    }, each.sdkSamples);
    return findingsOf(each, ours, sdk);
  } finally {
    await rm(config, { recursive: true, force: true });
  }
}

function findingsOf({ title, limitMs, limitMb }: Case, ours: readonly Reading[], sdk: readonly Reading[]): Finding[] {
  const blocked: Series = {
    name: 'longest time without a turn for others',
    unit: 'ms',
    samples: ours.map((one) => one.blocked),
    statistic: 'worst',
  };
  const time: Finding = {
    title: `Last page (${pageMessages} messages) of a transcript of ${title}`,
    measured: { name: 'Arbor', unit: 'ms', samples: ours.flatMap(({ times }) => times.slice(1)) },
    reference: { name: "Agent SDK's getSessionMessages", unit: 'ms', samples: sdk.flatMap(({ times }) => times) },
    limit: { value: limitMs, rule: `${limitMs} ms` },
    details: [
      { name: 'the first read of a process', unit: 'ms', samples: ours.flatMap(({ times }) => times.slice(0, 1)) },
      blocked,
      { name: 'the same of the Agent SDK', unit: 'ms', samples: sdk.map((one) => one.blocked), statistic: 'worst' },
    ],
    holds: Math.max(...blocked.samples) <= blockedLimitMs,
  };
  if (limitMb === null) return [time];
  return [
    time,
    {
      title: `The same: memory`,
      measured: { name: 'Arbor', unit: 'MB', samples: ours.map(({ growth }) => growth), statistic: 'worst' },
      reference: { name: 'Agent SDK', unit: 'MB', samples: sdk.map(({ growth }) => growth) },
      limit: { value: limitMb, rule: `${limitMb} MB` },
    },
  ];
}

async function startReader(script: string, configDir: string, task: object): Promise<Reading> {
  const told = await runScript(script, task, { CLAUDE_CONFIG_DIR: configDir });
  return {
    times: toldNumbers(told, 'times'),
    growth: toldNumber(told, 'growth'),
    blocked: toldNumber(told, 'blocked'),
  };
}

async function writeTranscript(folder: string, { turns, bytes }: Case): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${sessionId}.jsonl`);
  const shape: TranscriptShape = { turns, textLength: 1950, resultLength: 1950, tools: 1 };
  const out = createWriteStream(file);
  const closed = once(out, 'close');
  let text = '';
  for (const line of transcriptLines(shape)) {
    text += line;
    if (text.length < 1_000_000) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await closed;
  const { size } = await stat(file);
  if (size < bytes) throw new Error(`The transcript has only ${size} bytes`);
}
