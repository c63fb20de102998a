import { parseArgs } from 'node:util';
import { ToolError, errorText } from '../../scripts/tools/toolError.js';

/** What the benchmark is told on its command line. */
export interface BenchOptions {
  /** Names of the measures to take; empty means all. */
  readonly only: readonly string[];
  /** Samples of each series. */
  readonly samples: number;
  /** File for the figures, relative to the project or absolute. */
  readonly json: string;
}

/** How the benchmark is called. */
export const usage = `npm run bench [-- options]
  --only NAME     take this measure only; may be given again
  --samples N     samples of each series (default 10)
  --json FILE     where the figures go (default out/bench.json)
  --help          this text, and the names of the measures`;

/**
 * Reads the command line.
 * @param args without node and the script
 * @returns undefined when help is asked for
 * @throws ToolError when an option is not understood
 */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const samples = Number(values.samples ?? '10');
  if (!Number.isInteger(samples) || samples < 1) {
    throw new ToolError(`--samples takes a whole number from 1 on, not "${values.samples ?? ''}".\n\n${usage}`);
  }
  return { only: values.only ?? [], samples, json: values.json ?? 'out/bench.json' };
}

function parse(args: readonly string[]): { only?: string[]; samples?: string; json?: string; help?: boolean } {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        samples: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new ToolError(`${errorText(error)}\n\n${usage}`);
  }
}
