/** Says what a long step is doing. Every line goes through `write`, so that a test can read it. */
export interface Progress {
  /** One line, at once. */
  note(text: string): void;
  /**
   * Runs `work` under a heading: prints the heading, a sign of life every few seconds, and the time it took.
   * @param title what is being done, e.g. "Installing code-server 4.139.1"
   * @returns what `work` returns; its error passes through unchanged
   */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
}

const signOfLifeMs = 5000;

/**
 * A {@link Progress} that writes plain lines.
 * @param write takes one line with its newline; standard error by default, so that standard output stays clean
 * @param now milliseconds, for the durations
 */
export function lineProgress(
  write: (line: string) => void = (line) => void process.stderr.write(line),
  now: () => number = Date.now,
): Progress {
  const seconds = (since: number): string => `${((now() - since) / 1000).toFixed(1)} s`;
  return {
    note: (text) => {
      write(`${text}\n`);
    },
    step: async (title, work) => {
      const start = now();
      write(`${title} …\n`);
      const timer = setInterval(() => {
        write(`  … still at it: ${title} (${seconds(start)})\n`);
      }, signOfLifeMs);
      try {
        const result = await work();
        write(`  done in ${seconds(start)}\n`);
        return result;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
