import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { codeServerVersion, claudeVersion, editorNodeVersion } from '../../scripts/tools/pins.js';
import { run } from '../../scripts/tools/run.js';
import { chromiumProgram } from '../../scripts/tools/chromium.js';
import type { Progress } from '../../scripts/tools/progress.js';

/** What the figures were taken on and with. */
export interface Circumstances {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  /** How many processes wanted a processor in the last minute before the benchmark; well below 1 on a quiet machine. */
  readonly loadBefore: number;
  readonly versions: Readonly<Record<'node' | 'claude' | 'codeServer' | 'editorNode' | 'chromium', string>>;
}

/** Reads the machine. */
export async function circumstances(progress: Progress): Promise<Circumstances> {
  const processors = cpus();
  const chromium = await run(await chromiumProgram(progress), ['--version'], { cwd: '/', env: process.env });
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    loadBefore: loadavg()[0] ?? 0,
    versions: {
      node: process.versions.node,
      claude: claudeVersion,
      codeServer: codeServerVersion,
      editorNode: editorNodeVersion,
      chromium: /[\d.]{5,}/.exec(chromium.output)?.[0] ?? 'unknown',
    },
  };
}
