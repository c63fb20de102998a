// `npm run build [-- --dev] [--watch]`: the extension's two bundles into `dist`. `--dev` is for F5: source maps, not
// minified; `--watch` builds again at every change. Prints "Build finished" when a first build is there.
import { buildHost } from './build/host.js';
import { buildWebview } from './build/webview.js';
import { reportAndExit } from './tools/reportAndExit.js';

async function main(args: readonly string[]): Promise<void> {
  const mode = { dev: args.includes('--dev'), watch: args.includes('--watch') };
  process.stdout.write('Build started\n');
  await buildHost(mode);
  await buildWebview(mode);
  process.stdout.write('Build finished\n');
}

main(process.argv.slice(2)).catch(reportAndExit);
