import path from 'node:path';
import { cached, exists, thisPlatform } from './cacheFolder.js';
import { npmInstall } from './npm.js';
import { claudeVersion } from './pins.js';
import type { Progress } from './progress.js';
import { ToolError } from './toolError.js';

// From this release on npm has the program as one native binary per platform; before it is JavaScript for Node.
const firstNative = [2, 1, 113] as const;

/**
 * Installs a release of the `claude` program from npm when it is missing. It is only ever run with an environment of its own.
 * @param version e.g. `2.1.329`
 * @returns the program's path
 * @throws ToolError when npm has no such release for this machine
 */
export async function claudeProgram(progress: Progress, version: string = claudeVersion): Promise<string> {
  const native = isNative(version);
  const name = native ? `@anthropic-ai/claude-code-${claudePlatform()}` : '@anthropic-ai/claude-code';
  const folder = await cached(
    {
      name: `claude-${version}-${claudePlatform()}`,
      title: `Installing claude ${version}${native ? ' (100 MB to download)' : ''}`,
      build: (temporary) => npmInstall(temporary, { dependencies: { [name]: version } }),
    },
    progress,
  );
  const program = native
    ? path.join(folder, 'node_modules', name, process.platform === 'win32' ? 'claude.exe' : 'claude')
    : path.join(folder, 'node_modules/.bin/claude');
  if (!(await exists(program))) {
    throw new ToolError(`claude ${version} from npm is not laid out as expected: ${program} is missing.`);
  }
  return program;
}

function isNative(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, first] of firstNative.entries()) {
    const part = parts[index] ?? 0;
    if (part !== first) {
      return part > first;
    }
  }
  return true;
}

/** npm's name for this machine, Alpine's C library included. */
function claudePlatform(): string {
  const report: unknown = process.platform === 'linux' ? process.report.getReport() : undefined;
  const musl =
    typeof report === 'object' &&
    report !== null &&
    'header' in report &&
    typeof report.header === 'object' &&
    report.header !== null &&
    !('glibcVersionRuntime' in report.header);
  return `${thisPlatform()}${musl ? '-musl' : ''}`;
}
