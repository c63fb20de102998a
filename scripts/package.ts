// `npm run package [-- --target linux-x64]`: builds the extension and writes `out/arbor-<target>.vsix`.
import { parseArgs } from 'node:util';
import { extensionPackage } from './build/extension.js';
import { thisPlatform } from './tools/cacheFolder.js';
import { lineProgress } from './tools/progress.js';
import { reportAndExit } from './tools/reportAndExit.js';

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { target: { type: 'string', default: thisPlatform() } } });
  process.stdout.write(`${await extensionPackage(lineProgress(), values.target)}\n`);
}

main(process.argv.slice(2)).catch(reportAndExit);
