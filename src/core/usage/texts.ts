import { plainLine } from '../export/markdownText.js';
import type { ModelSum } from './sums.js';

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const cost = new Intl.NumberFormat('en-US', { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });

/** The longest name of a session, a folder or a model that is shown whole, in characters. */
const longestName = 80;

/** A count with thousands separators: `12,345`. */
export function countText(value: number): string {
  return count.format(value);
}

/** What something cost, with four significant digits: `$0.01235`; in words where the program told no costs. */
export function costText({ tokens, costUsd }: ModelSum): string {
  if (costUsd > 0) return `$${cost.format(costUsd)}`;
  const { input, output, cacheRead, cacheWrite } = tokens;
  return input + output + cacheRead + cacheWrite > 0 ? 'no costs known' : '$0';
}

/** A time of work: `0.4 s`, `12 s`, `3 min 5 s`, `27 h 2 min`. */
export function timeText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(whole % 60)} s`;
  return `${countText(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

/** A name that somebody else chose, as the text of a table's cell; a colon makes no link of an address. */
export function nameText(name: string): string {
  const characters = Array.from(name.slice(0, longestName * 4).trim());
  const isLong = characters.length > longestName || name.length > longestName * 4;
  const shown = isLong ? `${characters.slice(0, longestName - 1).join('')}…` : characters.join('');
  return plainLine(shown).replaceAll(':', String.raw`\:`);
}

/**
 * A Markdown table whose source is aligned as well; every column but the first is of numbers.
 * @param head the columns' titles
 * @param rows as many cells each, which are Markdown already
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, ...[title, ...rows.map((row) => row[column] ?? '')].map(width)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((wide, column) => pad(cells[column] ?? '', wide, column > 0)).join(' | ')} |`;
  const rule = `| ${widths.map((wide, column) => (column > 0 ? `${'-'.repeat(wide - 1)}:` : '-'.repeat(wide))).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function width(text: string): number {
  return Array.from(text).length;
}

function pad(text: string, wide: number, isNumber: boolean): string {
  const space = ' '.repeat(Math.max(0, wide - width(text)));
  return isNumber ? space + text : text + space;
}
