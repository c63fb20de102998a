import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { npmEnvironment } from '../npmEnvironment.mjs';
import { exists } from './cacheFolder.js';
import { run } from './run.js';
import { ToolError } from './toolError.js';

/** How to install with npm. */
export interface NpmInstall {
  /** `name: version` of what to install at the top. */
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Put at the front of PATH, for packages whose tools look for a certain Node. */
  readonly pathFirst?: string;
}

/**
 * Installs packages into a folder, without running any script of theirs and without touching a lockfile elsewhere.
 * With `dependencies` a new `package.json` is written; without, the folder's own is used, with its lockfile.
 * @throws ToolError with npm's last lines and what to do about it
 */
export async function npmInstall(folder: string, options: NpmInstall = {}): Promise<void> {
  if (options.dependencies) {
    const manifest = { private: true, dependencies: options.dependencies };
    await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  }
  const env = npmEnvironment(process.env);
  if (options.pathFirst) {
    env['PATH'] = `${options.pathFirst}${path.delimiter}${env['PATH'] ?? ''}`;
  }
  const flags = [
    ...['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'],
    // By default npm lets a minute pass before it says that there is no network.
    ...['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'],
  ];
  const npm = await npmCommand();
  const result = await run(npm.program, [...npm.args, 'install', ...flags], { cwd: folder, env });
  if (result.code !== 0) {
    throw new ToolError(failure(result.output));
  }
}

/** npm as a script for this very Node, which needs no shell on any system; else the `npm` on the PATH. */
async function npmCommand(): Promise<{ program: string; args: string[] }> {
  const bin = path.dirname(process.execPath);
  const candidates = [
    process.env['npm_execpath'] ?? '',
    path.join(bin, 'node_modules/npm/bin/npm-cli.js'),
    path.join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
  ];
  for (const script of candidates) {
    if (path.basename(script) === 'npm-cli.js' && (await exists(script))) {
      return { program: process.execPath, args: [script] };
    }
  }
  return { program: 'npm', args: [] };
}

const networkCodes = /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENOTCACHED|ENETUNREACH|CERT/;

function failure(output: string): string {
  const last = output.trim().split('\n').slice(-15).join('\n');
  const advice = networkCodes.test(output)
    ? 'The npm registry cannot be reached. Check the network and `npm ping`, then run the command again.'
    : 'Run the command again; `npm install` must work on this machine.';
  return `npm could not install what is needed:\n${last}\n${advice}`;
}
