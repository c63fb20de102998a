// `npm test [-- part… filter…]`: types, lint, format, dead code, unit, conformance, end to end; all of them, or the
// parts named. What is no part's name filters test files: `npm test -- unit framing`. The last line says how it went.
import type { Outcome } from './test/runStep.js';
import { runStep } from './test/runStep.js';
import type { Step } from './test/steps.js';
import { steps } from './test/steps.js';
import { chromiumProgram } from './tools/chromium.js';
import { claudeProgram } from './tools/claude.js';
import { editorProgram } from './tools/editor.js';
import { oldClaudeVersion } from './tools/pins.js';
import { lineProgress } from './tools/progress.js';
import { reportAndExit } from './tools/reportAndExit.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<void> {
  const names = new Set(steps.map((step) => step.name));
  const chosen = steps.filter((step) => args.includes(step.name));
  const filters = args.filter((arg) => !names.has(arg));
  const wanted = chosen.length > 0 ? chosen : steps;
  const outcomes: Outcome[] = [];
  const record = (step: Step, outcome: Outcome): void => {
    outcomes.push(outcome);
    if (outcome.output.trim() !== '') {
      say(outcome.output.trimEnd());
    }
    const { passed, failed, seconds } = outcome;
    say(`${failed === 0 ? '✔' : '✘'} ${step.title}: ${passed} passed, ${failed} failed (${seconds.toFixed(1)} s)`);
  };
  // The checks need no downloaded program, and the downloads hardly any processor: both at once.
  await Promise.all([
    setUp(wanted),
    inLanes(
      wanted.filter((step) => step.kind === 'check'),
      async (step) => {
        const outcome = await runStep(step, false, []);
        say(`\n== ${step.title}`);
        record(step, outcome);
      },
    ),
  ]);
  for (const step of wanted.filter((each) => each.kind === 'suite')) {
    say(`\n== ${step.title}`);
    record(step, await runStep(step, true, filters));
  }
  const sum = (key: 'passed' | 'failed'): number => outcomes.reduce((total, each) => total + each[key], 0);
  say(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

/** Installs what the wanted suites run. */
async function setUp(wanted: readonly Step[]): Promise<void> {
  const progress = lineProgress();
  const needs = (...names: readonly string[]): boolean => wanted.some((step) => names.includes(step.name));
  if (needs('conformance', 'e2e')) {
    await claudeProgram(progress);
  }
  if (needs('conformance')) {
    await claudeProgram(progress, oldClaudeVersion);
  }
  if (needs('e2e')) {
    await editorProgram(progress);
    await chromiumProgram(progress);
  }
}

/** Two at a time: the machines that this runs on have two cores. */
async function inLanes(queue: readonly Step[], work: (step: Step) => Promise<void>): Promise<void> {
  const waiting = [...queue];
  const lane = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      await work(step);
    }
  };
  await Promise.all([lane(), lane()]);
}

main(process.argv.slice(2)).catch(reportAndExit);
