/**
 * The median.
 * @param values at least one
 * @throws Error without values
 */
export function median(values: readonly number[]): number {
  const sorted = sort(values);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/**
 * The value below which a share of the values lies (nearest rank).
 * @param values at least one
 * @param share 0 to 1: 0 is the smallest value, 1 the largest
 * @throws Error without values
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = sort(values);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

function sort(values: readonly number[]): number[] {
  if (values.length === 0) throw new Error('There are no samples to sum up');
  return values.toSorted((a, b) => a - b);
}
