import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { extensionPackage } from '../../../scripts/build/extension.js';
import { codeServerFolders, startCodeServer } from '../../../scripts/editor/codeServer.js';
import { installExtension } from '../../../scripts/editor/installExtension.js';
import type { ProcessInfo } from '../../../scripts/editor/processes.js';
import { descendantsOf, listProcesses } from '../../../scripts/editor/processes.js';
import type { Settings } from '../../../scripts/editor/settings.js';
import { quietSettings, writeSettings } from '../../../scripts/editor/settings.js';
import { editorProgram } from '../../../scripts/tools/editor.js';
import { lineProgress } from '../../../scripts/tools/progress.js';

/** What an editor is started for. */
export interface EditorOptions {
  /** Folders of the workspace, absolute; several make a multi-root workspace, none an empty window. */
  readonly folders?: readonly string[];
  /** On top of {@link quietSettings}, e.g. `arbor.claude.path` and `arbor.claude.environment`. */
  readonly settings?: Settings;
  /** The package to install; by default this checkout's, built when needed. `false` installs none. */
  readonly vsix?: string | false;
  /** Whether the folders are trusted; default true. */
  readonly trusted?: boolean;
  /** Seconds that an extension host outlives a window that vanished (crashed, was killed); default 300. */
  readonly graceSeconds?: number;
}

/** A real VS Code in a temporary folder of its own. */
export interface Editor {
  /** What to open in a browser, workspace included. */
  readonly url: string;
  /** Holds `home`, `data`, `extensions`; removed by `stop`. */
  readonly root: string;
  /** The editor's user data, logs included (`logs/…/exthost1/`). */
  readonly userDataDir: string;
  /** A variable that all of the editor's processes carry; give it to a program that gets an environment of its own. */
  readonly marker: Readonly<Record<string, string>>;
  /** Changes settings while the editor runs; those not named keep their value. */
  updateSettings(settings: Settings): Promise<void>;
  /** The extension hosts that run, one per window; kill one by its pid to crash it. */
  extensionHosts(): Promise<ProcessInfo[]>;
  /** What an extension host has started, or all extension hosts: language servers, `claude`, its children. */
  startedBy(host?: ProcessInfo): Promise<ProcessInfo[]>;
  /** Every live process of this editor, also one that lost its parent but still carries the marker. */
  processes(): Promise<ProcessInfo[]>;
  /** What the editor printed. */
  output(): string;
  /** Ends all of its processes and removes its folder. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts code-server with the packaged extension.
 * @throws ToolError when it cannot be installed or does not come up
 */
export async function startEditor(options: EditorOptions = {}): Promise<Editor> {
  const progress = lineProgress();
  const program = await editorProgram(progress);
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'arbor-editor-')));
  let settings: Settings = { ...quietSettings, ...options.settings };
  await writeBoth(root, settings);
  if (options.vsix !== false) {
    const vsix = options.vsix ?? (await extensionPackage(progress));
    await installExtension(program, root, vsix, progress);
  }
  const trusted = options.trusted ?? true;
  const server = await startCodeServer({ program, root, port: 0, trusted, graceSeconds: options.graceSeconds ?? 300 });
  const extensionHosts = async (): Promise<ProcessInfo[]> =>
    (await server.processes()).filter((each) => each.command.includes('--type=extensionHost'));
  return {
    url: `${server.url}/?${await workspaceQuery(root, options.folders ?? [])}`,
    root,
    userDataDir: codeServerFolders(root).data,
    marker: server.marker,
    updateSettings: async (changes) => {
      settings = { ...settings, ...changes };
      await writeBoth(root, settings);
    },
    extensionHosts,
    startedBy: async (host) => {
      const all = await listProcesses();
      return (host ? [host] : await extensionHosts()).flatMap((each) => descendantsOf(each.pid, all));
    },
    processes: server.processes,
    output: server.output,
    stop: async () => {
      await server.stop();
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** In both files: the machine's is watched, the user's has what applies to the whole application. */
async function writeBoth(root: string, settings: Settings): Promise<void> {
  await writeSettings(root, 'user', settings);
  await writeSettings(root, 'machine', settings);
}

async function workspaceQuery(root: string, folders: readonly string[]): Promise<string> {
  const [only] = folders;
  if (only === undefined) {
    return 'ew=true';
  }
  if (folders.length === 1) {
    return new URLSearchParams({ folder: only }).toString();
  }
  const file = path.join(root, 'several.code-workspace');
  await writeFile(file, JSON.stringify({ folders: folders.map((each) => ({ path: each })) }, null, 2));
  return new URLSearchParams({ workspace: file }).toString();
}
