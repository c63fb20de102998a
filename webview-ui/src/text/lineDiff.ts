/** A line of a small diff. */
export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** Above this number of line pairs the middle is shown as removed and added whole. */
const maxPairs = 250_000;

/**
 * The difference of two short texts by lines, for a card. Equal lines at both ends are found first; the rest by the
 * longest common subsequence.
 */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const a = before === '' ? [] : before.split('\n');
  const b = after === '' ? [] : after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const line = (sign: DiffLine['sign']) => (text: string) => ({ sign, text });
  return [
    ...a.slice(0, start).map(line(' ')),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(line(' ')),
  ];
}

function middle(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const removed = a.map((text) => ({ sign: '-' as const, text }));
  const added = b.map((text) => ({ sign: '+' as const, text }));
  if (a.length === 0 || b.length === 0 || a.length * b.length > maxPairs) return [...removed, ...added];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? at(common, (i + 1) * width + j + 1) + 1
          : Math.max(at(common, (i + 1) * width + j), at(common, i * width + j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (at(common, (i + 1) * width + j) >= at(common, i * width + j + 1)) lines.push(...removed.slice(i, ++i));
    else lines.push(...added.slice(j, ++j));
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)];
}

function at(table: Uint32Array, index: number): number {
  return table[index] ?? 0;
}
