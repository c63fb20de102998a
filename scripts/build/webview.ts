import path from 'node:path';
import { exists } from '../tools/cacheFolder.js';
import type { BuildMode } from './host.js';
import { notePackages, packageListFile } from './notices.js';
import { projectRoot } from './projectRoot.js';
import { forgetStamp, unlessUnchanged } from './stamp.js';

/**
 * Builds the chat view's front end with Vite into `dist/webview`.
 * @returns whether there was anything to do
 */
export async function buildWebview(mode: BuildMode): Promise<boolean> {
  const config = path.join(projectRoot, 'webview-ui/vite.config.ts');
  if (!(await exists(config))) {
    return false;
  }
  const step = {
    name: 'webview',
    inputs: ['webview-ui', 'src/base', 'src/protocol', 'src/core', 'package-lock.json', 'scripts/build/webview.ts'],
    extra: String(mode.dev),
    outputs: ['dist/webview/chat.js', 'dist/webview/chat.css', packageListFile('webview')],
  };
  const work = async (): Promise<void> => {
    // Vite takes half a second to load; a start without changes does not need it.
    const { build } = await import('vite');
    const result = await withNodeEnv(mode.dev ? 'development' : 'production', () =>
      build({
        configFile: config,
        root: path.dirname(config),
        mode: mode.dev ? 'development' : 'production',
        logLevel: 'warn',
        build: {
          watch: mode.watch ? {} : null,
          sourcemap: mode.dev,
          minify: !mode.dev,
          // Kilobytes: a language's grammar may be that large, it is loaded when a text needs it.
          chunkSizeWarningLimit: 1500,
        },
      }),
    );
    if (mode.watch) {
      return;
    }
    const outputs = [result].flat().flatMap((each) => ('output' in each ? each.output : []));
    await notePackages(
      'webview',
      outputs.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : [])),
      // Its icons come in through style sheets, which are no modules.
      ['@vscode/codicons'],
    );
  };
  if (mode.watch) {
    await forgetStamp('webview');
    await work();
    return true;
  }
  return unlessUnchanged(step, work);
}

/** Vite puts the variable's value into the bundle when there is one already, and within a test there is: what ships is the same. */
async function withNodeEnv<T>(value: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = value;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}
