import type { UsageEntry } from '../../protocol/usage/usageEntry.js';
import type { UsageHistory } from '../storePorts.js';
import { dayBefore, type DayOf, type LocalDays } from './days.js';
import { compareSums, sumForks, type ForkSum } from './forkSums.js';
import { addSums, dayOfEntry, noSum, sumBy, sumByModel, totalOf, type ModelSum, type UsageSum } from './sums.js';
import { costText, countText, nameText, table, timeText } from './texts.js';

/** What the document is made with. */
export interface UsageDocument {
  readonly history: UsageHistory;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The days that are meant. */
  readonly days: LocalDays;
  /** What is known of a session; undefined when it is gone. Its name is hostile data. */
  readonly session: (id: string) => { readonly name: string; readonly parent: string | null } | undefined;
}

/** Rows of a table that are shown one by one. */
const mostDays = 31;
const mostRows = 200;

const tokenColumns = ['Input', 'Output', 'Cache read', 'Cache written', 'Cost'];
const sumColumns = ['Turns', ...tokenColumns, 'Time'];

/** What was used, as a Markdown document: by time, model, folder, and session with its forks. */
export function usageMarkdown(document: UsageDocument): string {
  const { history, now } = document;
  const { timeZone, dayOf } = document.days;
  const { entries, unreadable } = history;
  const today = dayOf(now);
  const unread =
    unreadable === 0
      ? []
      : [
          `${countText(unreadable)} ${unreadable === 1 ? 'line' : 'lines'} of the record could not be read: what was used is more.`,
        ];
  const intro = [
    '# Usage',
    `What the turns of this workspace used until ${today}, as Claude Code reported it to Arbor. Costs are its own estimate in US dollars, not a bill. What was done in a terminal is not in it. Days are those of ${nameText(timeZone)}.`,
    ...unread,
  ];
  if (entries.length === 0) return [...intro, 'Nothing was used yet.', ''].join('\n\n');
  const total = totalOf(entries);
  return [
    ...intro,
    ...(total.costUsd > 0 ? [] : ['No costs known: Claude Code told none.']),
    periods(entries, total, today, dayOf),
    '## By model',
    table(['Model', ...tokenColumns], modelRows(entries)),
    '## By folder',
    table(['Folder', ...sumColumns], folderRows(entries)),
    '## By session',
    'A session is followed by what was forked from it. The last column is the cost of a session with all of its forks.',
    table(['Session', ...sumColumns, 'With forks'], sessionRows(document)),
    '## By day',
    table(['Day', ...sumColumns], dayRows(entries, dayOf)),
    '',
  ].join('\n\n');
}

function periods(entries: readonly UsageEntry[], total: UsageSum, today: string, dayOf: DayOf): string {
  const first = dayBefore(today, 6);
  const within = (from: string): UsageSum =>
    totalOf(
      entries.filter((entry) => {
        const day = dayOfEntry(entry, dayOf);
        return day >= from && day <= today;
      }),
    );
  return table(
    ['When', ...sumColumns],
    [
      ['Today', ...sumCells(within(today))],
      ['Last 7 days', ...sumCells(within(first))],
      ['All', ...sumCells(total)],
    ],
  );
}

function modelRows(entries: readonly UsageEntry[]): readonly string[][] {
  const sums = [...sumByModel(entries)].sort(([, a], [, b]) => compareSums(a, b));
  return sums.map(([model, sum]) => [model === '' ? '(model not known)' : nameText(model), ...tokenCells(sum)]);
}

function folderRows(entries: readonly UsageEntry[]): readonly string[][] {
  const sums = [...sumBy(entries, ({ folder }) => folder)].sort(([, a], [, b]) => compareSums(a, b));
  return sums.map(([folder, sum]) => [nameText(folder), ...sumCells(sum)]);
}

function dayRows(entries: readonly UsageEntry[], dayOf: DayOf): readonly string[][] {
  const days = [...sumBy(entries, (entry) => dayOfEntry(entry, dayOf))].sort(([a], [b]) => (a < b ? 1 : -1));
  const earlier = days.slice(mostDays);
  return [
    ...days.slice(0, mostDays).map(([day, sum]) => [day, ...sumCells(sum)]),
    ...(earlier.length > 0 ? [['Earlier', ...sumCells(earlier.map(([, sum]) => sum).reduce(addSums, noSum))]] : []),
  ];
}

function sessionRows({ history, session }: UsageDocument): readonly string[][] {
  const sums = sumForks(history.entries, (id) => session(id)?.parent ?? null);
  const rest = sums.slice(mostRows);
  const restSum = rest.map(({ own }) => own).reduce(addSums, noSum);
  return [
    ...sums.slice(0, mostRows).map((sum) => [sessionCell(sum, session), ...sumCells(sum.own), costText(sum.withForks)]),
    ...(rest.length > 0 ? [[`${countText(rest.length)} more sessions`, ...sumCells(restSum), '']] : []),
  ];
}

function sessionCell({ session, depth }: ForkSum, about: UsageDocument['session']): string {
  const known = about(session);
  const short = nameText(session.slice(0, 8));
  const name = known ? nameText(known.name) || `Session ${short}` : `Session ${short} (not there any more)`;
  return `${'↳ '.repeat(Math.min(depth, 8))}${name}`;
}

function sumCells(sum: UsageSum): readonly string[] {
  return [countText(sum.turns), ...tokenCells(sum), timeText(sum.durationMs)];
}

function tokenCells(sum: ModelSum): readonly string[] {
  const { input, output, cacheRead, cacheWrite } = sum.tokens;
  return [...[input, output, cacheRead, cacheWrite].map(countText), costText(sum)];
}
