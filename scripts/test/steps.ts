import path from 'node:path';
import { projectRoot } from '../build/projectRoot.js';

/** A part of `npm test`. */
export interface Step {
  /** What the command line calls it, e.g. `lint`. */
  readonly name: string;
  /** The heading above its output. */
  readonly title: string;
  /** The script to run with Node, then its arguments. */
  readonly command: readonly string[];
  /** A check counts as one test; a suite says itself how many it ran. */
  readonly kind: 'check' | 'suite';
}

function installed(file: string): string {
  return path.join(projectRoot, 'node_modules', file);
}

function suite(name: string, title: string): Step {
  return { name, title, command: [installed('vitest/vitest.mjs'), 'run', '--project', name], kind: 'suite' };
}

/** All parts, in the order in which they are reported. */
export const steps: readonly Step[] = [
  { name: 'types', title: 'Types', command: [installed('typescript/bin/tsc'), '-b'], kind: 'check' },
  { name: 'lint', title: 'Lint', command: [installed('eslint/bin/eslint.js'), '.'], kind: 'check' },
  {
    name: 'format',
    title: 'Format',
    command: [installed('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    kind: 'check',
  },
  { name: 'dead', title: 'Dead code', command: [installed('knip/bin/knip.js')], kind: 'check' },
  suite('unit', 'Unit tests'),
  suite('conformance', 'Conformance with the real program'),
  suite('e2e', 'End to end in the real editor'),
];
