// `npm run bench`: how fast Arbor is, against the program by itself, on the same scripted model in the same run. See
// docs/benchmark.md for what is measured and how. It takes a few minutes and wants a machine that does nothing else.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import { lineProgress } from '../../scripts/tools/progress.js';
import { reportAndExit } from '../../scripts/tools/reportAndExit.js';
import { ToolError } from '../../scripts/tools/toolError.js';
import { BenchContext } from './context.js';
import type { Finding, Measure } from './finding.js';
import { circumstances } from './machine.js';
import { activation } from './measures/activation.js';
import { clientAlone } from './measures/clientAlone.js';
import { journal } from './measures/journal.js';
import { longConversation } from './measures/longConversation.js';
import { openSession } from './measures/openSession.js';
import { search } from './measures/search.js';
import { sleep } from './measures/sleep.js';
import { streams } from './measures/streams.js';
import { transcriptIndex } from './measures/transcriptIndex.js';
import { transcriptPages } from './measures/transcriptPages.js';
import { transports } from './measures/transports.js';
import { flood, newSession, warmTurn } from './measures/turns.js';
import { readOptions, usage } from './options.js';
import { json, passes, table } from './report.js';
import { openStage } from './stage.js';

const progress = lineProgress();
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (!options) {
    say(usage);
    return;
  }
  const about = await circumstances(progress);
  if (about.loadBefore > 0.5) {
    progress.note(`The machine is busy (load ${about.loadBefore.toFixed(1)}): the figures will say more about that.`);
  }
  const stage = await openStage(progress);
  const context = new BenchContext(stage, options.samples, progress);
  const findings: Finding[] = [];
  const takeAll = async (): Promise<void> => {
    for (const measure of chosen(options.only, allMeasures(context))) {
      findings.push(...(await progress.step(measure.title, () => measure.run())));
    }
  };
  try {
    await Promise.race([takeAll(), untilInterrupted()]);
  } finally {
    await context.close();
    await stage.close();
  }
  const file = path.resolve(projectRoot, options.json);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, json(about, findings));
  say(`\n${table(findings)}\n\nAll samples are in ${file}`);
  process.exitCode = findings.some((finding) => passes(finding) === false) ? 1 : 0;
}

/** Never resolves. @throws ToolError when somebody wants us to end, so that everything that was started is ended first */
function untilInterrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new ToolError('The benchmark was interrupted.')));
    }
  });
}

/** In the order in which they are taken: what needs no editor first, so that none runs beside it. */
function allMeasures(context: BenchContext): Measure[] {
  return [
    clientAlone(context),
    journal(context),
    transports(context),
    sleep(context),
    streams(context),
    transcriptIndex(context),
    search(context),
    transcriptPages(context),
    activation(context),
    warmTurn(context),
    flood(context),
    newSession(context),
    openSession(context),
    longConversation(context),
  ];
}

function chosen(names: readonly string[], all: readonly Measure[]): readonly Measure[] {
  const unknown = names.find((name) => !all.some((measure) => measure.name === name));
  if (unknown !== undefined) {
    const known = all.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n');
    throw new ToolError(`There is no measure "${unknown}". There are:\n${known}`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

main(process.argv.slice(2)).catch(reportAndExit);
