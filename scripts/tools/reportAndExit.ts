import { ToolError } from './toolError.js';

/** The last stop of a script: shows a {@link ToolError} as its message, anything else with its stack, and exits with 1. */
export function reportAndExit(error: unknown): never {
  const text =
    error instanceof ToolError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exit(1);
}
