import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { editorProgram } from '../../../scripts/tools/editor.js';
import { lineProgress } from '../../../scripts/tools/progress.js';
import { neverCancelled } from '../../../src/base/cancellation.js';
import { mostHits } from '../../../src/core/search/liveSearch.js';
import { locateRipgrep } from '../../../src/node/search/locateRipgrep.js';
import { createSessionSearch } from '../../../src/node/search/sessionSearch.js';
import type { BenchContext } from '../context.js';
import type { Measure, Series } from '../finding.js';
import { prompts } from '../modelScript.js';
import { RawProgram } from '../rawProgram.js';
import { median } from '../statistics.js';

const sessions = 5000;
const sessionBytes = 130_000;
const writtenAtOnce = 16;
const firstLimitMs = 200;
const factor = 2;
const blockProbeMs = 5;

/** In one of a hundred sessions. */
const rareText = 'a needle in the haystack';
/** In every session, once. */
const commonText = 'a bit of everything';
/** In every line, but hardly in a message: the name of the folder that each line holds. */
const metaText = 'arbor-claude';

/** What one search took. */
interface SearchTimes {
  readonly first: number;
  readonly all: number;
  readonly longestBlock: number;
  readonly hits: number;
}

/** Full-text search over 650 MB of transcripts, made of one of the real program's, against ripgrep by itself on the same. */
export function search(context: BenchContext): Measure {
  return {
    name: 'search',
    title: `Full-text search over ${sessions} sessions`,
    async run() {
      const folder = await mkdtemp(path.join(tmpdir(), 'arbor-bench-search-'));
      try {
        await writeSessions(folder, await realTranscript(context));
        return await take(context, folder, await ripgrep());
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function take(context: BenchContext, folder: string, program: string): ReturnType<Measure['run']> {
  const rare: SearchTimes[] = [];
  const common: SearchTimes[] = [];
  const meta: SearchTimes[] = [];
  const alone: Record<string, number[]> = { [rareText]: [], [metaText]: [] };
  const round = async (keep: boolean): Promise<void> => {
    for (const [text, times, limit] of [
      [rareText, rare, Number.MAX_SAFE_INTEGER],
      [commonText, common, mostHits],
      [metaText, meta, Number.MAX_SAFE_INTEGER],
    ] as const) {
      const raw = text in alone ? await ripgrepAlone(program, folder, text) : 0;
      const found = await searchOnce(program, folder, text, limit);
      if (!keep) continue;
      times.push(found);
      alone[text]?.push(raw);
    }
  };
  await round(false);
  await context.each(() => round(true));
  if (rare.some(({ hits }) => hits !== sessions / 100) || common.some(({ hits }) => hits !== mostHits)) {
    throw new Error(`The searches found ${String(rare[0]?.hits)} and ${String(common[0]?.hits)} places`);
  }
  const reference: Series = { name: 'rg --json, output thrown away', unit: 'ms', samples: alone[rareText] ?? [] };
  return [
    {
      title: 'Full-text search over 650 MB, all hits',
      measured: ms('a text in one of a hundred sessions', rare, ({ all }) => all),
      reference,
      limit: { value: median(reference.samples) * factor, rule: `${factor} × rg itself` },
      details: [
        ms('a text that every line has beside its message: all', meta, ({ all }) => all),
        { name: 'the same with rg alone', unit: 'ms', samples: alone[metaText] ?? [] },
        ms('longest block of the event loop in it', meta, ({ longestBlock }) => longestBlock),
      ],
    },
    {
      title: 'Full-text search over 650 MB, first hit',
      measured: { ...ms('a text in every session', common, ({ first }) => first), statistic: 'worst' },
      reference: null,
      limit: { value: firstLimitMs, rule: `${firstLimitMs} ms` },
      details: [
        ms('a text in one of a hundred sessions', rare, ({ first }) => first),
        ms(`the ${mostHits} hits that are shown`, common, ({ all }) => all),
      ],
    },
  ];
}

async function searchOnce(program: string, folder: string, text: string, limit: number): Promise<SearchTimes> {
  const one = createSessionSearch({
    isTrusted: () => true,
    ripgrep: () => Promise.resolve(program),
    folders: () => Promise.resolve([folder]),
  });
  const query = { text, file: null, tool: null, from: null, until: null };
  let longestBlock = 0;
  let last = performance.now();
  const probe = setInterval(() => {
    const now = performance.now();
    longestBlock = Math.max(longestBlock, now - last - blockProbeMs);
    last = now;
  }, blockProbeMs);
  const start = performance.now();
  let first = 0;
  let hits = 0;
  for await (const item of one.search(query, neverCancelled, limit)) {
    if (item.kind === 'end') break;
    if (hits === 0) first = performance.now() - start;
    hits += item.hits.length;
  }
  const all = performance.now() - start;
  clearInterval(probe);
  return { first, all, longestBlock, hits };
}

/** ripgrep with the same text, from start to end. */
async function ripgrepAlone(program: string, folder: string, text: string): Promise<number> {
  const start = performance.now();
  const child = spawn(program, ['--no-config', '--json', '--ignore-case', '--fixed-strings', '-e', text, folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout.resume();
  await once(child, 'close');
  return performance.now() - start;
}

/** A conversation of the real program's, long enough. */
async function realTranscript({ stage }: BenchContext): Promise<{ readonly id: string; readonly text: string }> {
  const raw = await RawProgram.start(stage.program, stage.environment);
  try {
    await raw.turn(prompts.mixed);
    for (let turn = 0; turn < 8; turn++) await raw.turn(prompts.page);
  } finally {
    await raw.stop();
  }
  const projects = path.join(stage.environment.configDir, 'projects');
  const file = (await readdir(projects, { recursive: true })).find((name) => name.endsWith(`${raw.sessionId}.jsonl`));
  if (file === undefined) throw new Error('The program left no transcript');
  return { id: raw.sessionId, text: await readFile(path.join(projects, file), 'utf8') };
}

/** The same conversation again and again, each with an id of its own and cut at the wanted size. */
async function writeSessions(
  folder: string,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<void> {
  // Whole lines, those of the conversation last: the program's own records take most of a real transcript.
  const lines = text.trimEnd().split('\n');
  const isSaid = (line: string): boolean =>
    /"type":"(?:user|assistant)"/u.test(line) && line.startsWith('{"parentUuid"');
  const said = lines.filter(isSaid);
  let room = sessionBytes - said.reduce((sum, line) => sum + line.length + 1, 0);
  const records = lines.filter((line) => !isSaid(line)).filter((line) => (room -= line.length + 1) > 0);
  const body = `${[...records, ...said].join('\n')}\n`;
  for (let number = 0; number < sessions; number += writtenAtOnce) {
    await Promise.all(
      Array.from({ length: Math.min(writtenAtOnce, sessions - number) }, (_, index) => {
        const own = randomUUID();
        const content = body.replaceAll(id, own);
        const isRare = (number + index) % 100 === 0;
        return writeFile(
          path.join(folder, `${own}.jsonl`),
          isRare ? content.replace(`"role":"user","content":"${prompts.mixed}`, `$& ${rareText}`) : content,
        );
      }),
    );
  }
}

async function ripgrep(): Promise<string> {
  const { entry } = await editorProgram(lineProgress());
  const appRoot = path.resolve(entry, '../../../lib/vscode');
  return locateRipgrep({ appRoot, platform: process.platform, arch: process.arch, searchPath: '' });
}

function ms(name: string, times: readonly SearchTimes[], pick: (each: SearchTimes) => number): Series {
  return { name, unit: 'ms', samples: times.map(pick) };
}
