function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Counts the tests in Vitest's JSON report. A file that could not even be loaded counts as one failed test; what was
 * skipped counts as nothing.
 * @param report the parsed report: `{ testResults: [{ status, assertionResults: [{ status }] }] }`
 */
export function countTests(report: unknown): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  for (const file of list(field(report, 'testResults'))) {
    const statuses = list(field(file, 'assertionResults')).map((each) => field(each, 'status'));
    const failedHere = statuses.filter((status) => status === 'failed').length;
    passed += statuses.filter((status) => status === 'passed').length;
    failed += failedHere === 0 && field(file, 'status') === 'failed' ? 1 : failedHere;
  }
  return { passed, failed };
}
