import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { editorProgram } from '../../../scripts/tools/editor.js';
import { lineProgress } from '../../../scripts/tools/progress.js';
import { neverCancelled } from '../../../src/base/cancellation.js';
import { mostHits } from '../../../src/core/search/liveSearch.js';
import { locateRipgrep } from '../../../src/node/search/locateRipgrep.js';
import { createSessionSearch } from '../../../src/node/search/sessionSearch.js';
import type { BenchContext } from '../context.js';
import type { Measure, Series } from '../finding.js';
import { rareEvery, sessionCount, sought } from '../manySessions.js';
import { median } from '../statistics.js';

const firstLimitMs = 200;
const factor = 2;
const blockProbeMs = 5;

/** What one search took. */
interface SearchTimes {
  readonly first: number;
  readonly all: number;
  readonly longestBlock: number;
  readonly hits: number;
}

/** Full-text search over the transcripts of thousands of sessions, against ripgrep by itself on the same. */
export function search(context: BenchContext): Measure {
  return {
    name: 'search',
    title: `Full-text search over ${sessionCount} sessions`,
    async run() {
      const { project, bytes } = await context.sessions();
      return take(context, project, await ripgrep(), `${Math.round(bytes / 1e6)} MB`);
    },
  };
}

async function take(context: BenchContext, folder: string, program: string, size: string): ReturnType<Measure['run']> {
  const rare: SearchTimes[] = [];
  const common: SearchTimes[] = [];
  const meta: SearchTimes[] = [];
  const alone: Record<string, number[]> = { [sought.rare]: [], [sought.meta]: [] };
  const round = async (keep: boolean): Promise<void> => {
    for (const [text, times, limit] of [
      [sought.rare, rare, Number.MAX_SAFE_INTEGER],
      [sought.common, common, mostHits],
      [sought.meta, meta, Number.MAX_SAFE_INTEGER],
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
  if (rare.some(({ hits }) => hits !== sessionCount / rareEvery) || common.some(({ hits }) => hits !== mostHits)) {
    throw new Error(`The searches found ${String(rare[0]?.hits)} and ${String(common[0]?.hits)} places`);
  }
  const reference: Series = { name: 'rg --json, output thrown away', unit: 'ms', samples: alone[sought.rare] ?? [] };
  return [
    {
      title: `Full-text search over ${size}, all hits`,
      measured: ms('a text in one of a hundred sessions', rare, ({ all }) => all),
      reference,
      limit: { value: median(reference.samples) * factor, rule: `${factor} × rg itself` },
      details: [
        ms('a text that every line has beside its message: all', meta, ({ all }) => all),
        { name: 'the same with rg alone', unit: 'ms', samples: alone[sought.meta] ?? [] },
        ms('longest block of the event loop in it', meta, ({ longestBlock }) => longestBlock),
      ],
    },
    {
      title: `Full-text search over ${size}, first hit`,
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

async function ripgrep(): Promise<string> {
  const { entry } = await editorProgram(lineProgress());
  const appRoot = path.resolve(entry, '../../../lib/vscode');
  return locateRipgrep({ appRoot, platform: process.platform, arch: process.arch, searchPath: '' });
}

function ms(name: string, times: readonly SearchTimes[], pick: (each: SearchTimes) => number): Series {
  return { name, unit: 'ms', samples: times.map(pick) };
}
