import type { Circumstances } from './machine.js';
import type { Finding, Series } from './finding.js';
import { median, quantile } from './statistics.js';

/** The number that stands for a series. */
export function valueOf({ samples, statistic }: Series): number {
  return statistic === 'worst' ? quantile(samples, 1) : median(samples);
}

/** Whether a finding is within its limit; null where it has none. */
export function passes({ measured, limit, holds }: Finding): boolean | null {
  if (holds === false) return false;
  return limit === null ? null : valueOf(measured) <= limit.value;
}

/** All findings as a table for the terminal, with what else is to be known below it. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => {
    const { title, measured, reference, limit } = finding;
    const value = valueOf(measured);
    const raw = reference === null ? null : valueOf(reference);
    const verdict = passes(finding);
    return [
      title,
      raw === null ? '' : amount(raw, reference?.unit ?? 'ms'),
      limit === null ? '' : amount(limit.value, measured.unit),
      amount(value, measured.unit),
      raw === null || raw === 0 || measured.unit !== reference?.unit ? '' : `${(value / raw).toFixed(2)} ×`,
      verdict === null ? '' : verdict ? 'pass' : 'MISS',
    ];
  });
  const notes = findings.flatMap(({ title, details = [], notes: facts = [] }) => [
    ...(details.length + facts.length > 0 ? [`\n${title}`] : []),
    ...details.map((series) => `  ${series.name}: ${spread(series)}`),
    ...facts.map((fact) => `  ${fact}`),
  ]);
  return `${columns([['', 'raw', 'limit', 'measured', 'ratio', ''], ...rows])}\n${notes.join('\n')}`;
}

/** Everything as JSON: the circumstances and every single sample. */
export function json(about: Circumstances, findings: readonly Finding[]): string {
  const measures = findings.map((finding) => ({
    ...finding,
    value: valueOf(finding.measured),
    pass: passes(finding),
  }));
  return `${JSON.stringify({ format: 1, ...about, measures }, null, 2)}\n`;
}

function amount(value: number, unit: Series['unit']): string {
  const digits = value >= 100 || unit === 'processes' ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit === 'processes' ? '' : ` ${unit}`}`;
}

function spread(series: Series): string {
  const [least, middle, most] = [0, 0.5, 1].map((share) => amount(quantile(series.samples, share), series.unit));
  return `${middle ?? ''} (${least ?? ''} to ${most ?? ''}, ${series.samples.length} samples)`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...body.map(line)].join('\n');
}
