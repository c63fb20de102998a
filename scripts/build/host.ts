import type { BuildOptions, Plugin } from 'esbuild';
import { context, stop } from 'esbuild';
import { notePackages, packageListFile } from './notices.js';
import { projectRoot } from './projectRoot.js';
import { forgetStamp, unlessUnchanged } from './stamp.js';

/** How to build. */
export interface BuildMode {
  /** For F5: not minified, with source maps. */
  readonly dev: boolean;
  /** Build again at every change, until the process ends. */
  readonly watch: boolean;
}

function options(mode: BuildMode): BuildOptions {
  return {
    absWorkingDir: projectRoot,
    entryPoints: ['src/extension.ts', 'src/compose.ts'],
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    plugins: [composeApart],
    // The editor gives `vscode` to what is required; what is imported goes other ways in some releases of Node.
    supported: { 'dynamic-import': false },
    platform: 'node',
    // The oldest editor in `engines.vscode` runs its extensions on Node 20.
    target: 'node20',
    external: ['vscode', 'node-pty'],
    minify: !mode.dev,
    sourcemap: mode.dev ? 'linked' : false,
    // Licences go into one file of the package, see notices.ts.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
}

/**
 * Keeps what the first use loads out of what activation loads: the editor compiles the whole file, needed or not, and that is
 * most of the time that activation takes. What both use is in both files.
 */
const composeApart: Plugin = {
  name: 'compose-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\/compose\.js$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './compose.cjs', external: true } : undefined,
    );
  },
};

/** The bundles for the extension host. */
export const hostBundles = ['dist/extension.cjs', 'dist/compose.cjs'] as const;

/**
 * Builds `src/extension.ts` and `src/compose.ts`, each with all it imports, into `dist`, for the editor's extension host.
 * @returns whether there was anything to do
 */
export async function buildHost(mode: BuildMode): Promise<boolean> {
  if (mode.watch) {
    await forgetStamp('host');
    const watching = await context(options(mode));
    await watching.watch();
    return true;
  }
  const step = {
    name: 'host',
    inputs: ['src', 'package-lock.json', 'scripts/build/host.ts'],
    extra: String(mode.dev),
    outputs: [...hostBundles, packageListFile('host')],
  };
  return unlessUnchanged(step, async () => {
    const once = await context(options(mode));
    try {
      const { metafile } = await once.rebuild();
      await notePackages('host', Object.keys(metafile?.inputs ?? {}));
    } finally {
      await once.dispose();
      // Its service would run as long as we do.
      await stop();
    }
  });
}
