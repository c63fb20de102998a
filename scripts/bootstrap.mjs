// `node scripts/bootstrap.mjs start|test|bench|build|package [arguments]`: what the npm scripts of these names run.
// Plain Node and nothing else, because at the first time nothing else is there: checks the version of Node, installs the
// packages when they are missing or not those of package-lock.json, then loads the TypeScript program in this process.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmEnvironment } from './npmEnvironment.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
/** @type {Record<string, string>} */
const programs = {
  start: 'scripts/start.ts',
  test: 'scripts/test.ts',
  bench: 'test/bench/main.ts',
  build: 'scripts/build.ts',
  package: 'scripts/package.ts',
};

/**
 * Ends this process with a message for the person at the terminal.
 * @param {string} message what happened and what to do
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Arbor needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`,
    );
  }
}

/**
 * The packages that a lockfile lists.
 * @param {string} file path below the project
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
}

/** Whether node_modules holds what package-lock.json says; packages for other platforms may be missing. */
function isInstalled() {
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) {
    return false;
  }
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([name, { version, optional, devOptional }]) => {
    const there = present[name];
    return name === '' || (there ? there.version === version : optional === true || devOptional === true);
  });
}

function install() {
  process.stderr.write('Installing the packages of package-lock.json (npm ci) …\n');
  const script = process.env['npm_execpath'];
  const viaNode = script !== undefined && path.basename(script) === 'npm-cli.js';
  if (!viaNode && process.platform === 'win32') {
    fail('Run this through npm, e.g. npm start or npm test.');
  }
  const env = npmEnvironment(process.env);
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const result = viaNode
    ? spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit', env })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', env });
  if (result.error) {
    fail(`npm cannot be started: ${result.error.message}`);
  }
  if (result.status !== 0) {
    fail(
      'npm ci failed; its own message is above. Without a network nothing can be installed: connect and run the command again.',
    );
  }
}

const [name = '', ...args] = process.argv.slice(2);
const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
if (program === undefined) {
  fail(`Usage: node scripts/bootstrap.mjs ${Object.keys(programs).join('|')} [arguments]`);
}
checkNode();
if (!isInstalled()) {
  install();
}
const { register } = await import('tsx/esm/api');
register();
// The program reads its arguments as if it had been started itself. Being the same process, it gets every signal first hand.
process.argv = [process.argv[0] ?? process.execPath, path.join(root, program), ...args];
await import(new URL(`../${program}`, import.meta.url).href);
