import { posix, win32 } from 'node:path';
import type { Machine } from './candidates.js';
import type { ProgramCommand } from './program.js';

/** What is read of a file to find out what it is; the files looked at have a few hundred bytes. */
export const headLength = 4096;

/** Programs that a symlink of any name leads to and that go by the name they are called with. */
const multiCallPrograms = new Set(['volta-shim', 'mise', 'asdf', 'proto-shim', 'busybox']);

/**
 * The file to run for one that was found.
 * @param found the path at which it was found
 * @param real the same with its symlinks resolved
 */
export function resolvedFile(found: string, real: string): string {
  return multiCallPrograms.has(posix.basename(real)) ? found : real;
}

/**
 * What a Windows batch file made by a package manager runs. Batch files themselves are never started: that takes a shell,
 * which would read the arguments again.
 * Source: the output of npm's and pnpm's `cmd-shim`: the last quoted path below `%dp0%` or `%~dp0` is what it runs.
 * @param shim absolute path of the `.cmd` file
 * @param text its content
 * @param exists whether a file exists
 * @param machine the machine, for an interpreter on PATH
 * @returns how to run it, or undefined when it is no batch file of that form
 */
export async function resolveCommandShim(
  shim: string,
  text: string,
  exists: (file: string) => Promise<boolean>,
  machine: Pick<Machine, 'environment'>,
): Promise<ProgramCommand | undefined> {
  const folder = win32.dirname(shim);
  const paths = [...text.matchAll(/"(?:%~?dp0%?)\\?([^"%]+\.(?:exe|cjs|mjs|js))"/gi)].map((match) => match[1] ?? '');
  const target = paths.findLast((path) => win32.basename(path).toLowerCase() !== 'node.exe');
  if (target === undefined) return undefined;
  const file = win32.join(folder, target);
  if (!(await exists(file))) return undefined;
  if (file.toLowerCase().endsWith('.exe')) return { file, args: [] };
  const path = Object.entries(machine.environment).find(([name]) => name.toUpperCase() === 'PATH')?.[1] ?? '';
  for (const candidate of [folder, ...path.split(';').filter((entry) => win32.isAbsolute(entry))]) {
    const node = win32.join(candidate, 'node.exe');
    if (await exists(node)) return { file: node, args: [file] };
  }
  return undefined;
}
