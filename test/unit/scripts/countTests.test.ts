import { expect, it } from 'vitest';
import { countTests } from '../../../scripts/test/countTests.js';

it('counts passed and failed tests, and a file that could not be loaded as one failed', () => {
  const report = {
    testResults: [
      { status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'passed' }, { status: 'pending' }] },
      { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }, { status: 'failed' }] },
      { status: 'failed', assertionResults: [] },
    ],
  };
  expect(countTests(report)).toEqual({ passed: 3, failed: 3 });
});

it('counts nothing in what is no report', () => {
  expect(countTests(null)).toEqual({ passed: 0, failed: 0 });
  expect(countTests({ testResults: 'none' })).toEqual({ passed: 0, failed: 0 });
});
