import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import { isObject, parseJson, type JsonObject } from '../../src/base/json.js';

const outputBytes = 16 * 1024 * 1024;

/** A script of the benchmark that measures in a process of its own. */
export type OwnScript = 'transcriptReader' | 'treeHost' | 'streamHost';

/**
 * Makes one file of plain JavaScript of a script, as the extension is one: what compiles it on the fly would take time and
 * leave more memory behind than what is measured.
 * @returns the file's path
 */
export async function bundleScript(name: OwnScript): Promise<string> {
  const outfile = path.join(projectRoot, 'out/bench', `${name}.mjs`);
  await build({
    entryPoints: [path.join(import.meta.dirname, `${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@anthropic-ai/claude-agent-sdk', 'node-pty'],
    // Packages that are CommonJS and ask for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

/**
 * Runs such a script to its end.
 * @param script what {@link bundleScript} made
 * @param task what it is to do; it gets that as JSON in its one argument
 * @param env variables beside PATH
 * @returns the JSON object that it printed
 */
export async function runScript(
  script: string,
  task: object,
  env: Readonly<Record<string, string>> = {},
): Promise<JsonObject> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, JSON.stringify(task)], {
    env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...env },
    maxBuffer: outputBytes,
  });
  const told = parseJson(stdout);
  if (!isObject(told)) throw new Error(`${path.basename(script)} told nothing`);
  return told;
}

/** A number of what such a script told. @throws Error when it is not there */
export function toldNumber(told: JsonObject, name: string): number {
  const value = told[name];
  if (typeof value !== 'number') throw new Error(`The script did not tell ${name}`);
  return value;
}

/** A list of numbers of what such a script told. @throws Error when it is not there */
export function toldNumbers(told: JsonObject, name: string): readonly number[] {
  const value: unknown = told[name];
  if (!Array.isArray(value)) throw new Error(`The script did not tell ${name}`);
  return value.map(Number);
}
