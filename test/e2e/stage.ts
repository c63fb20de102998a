import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { projectRoot } from '../../scripts/build/projectRoot.js';
import type { ProcessInfo } from '../../scripts/editor/processes.js';
import type { Settings } from '../../scripts/editor/settings.js';
import { claudeProgram } from '../../scripts/tools/claude.js';
import { lineProgress } from '../../scripts/tools/progress.js';
import { createClaudeEnvironment, type ClaudeEnvironment } from '../support/claudeEnvironment.js';
import { launchBrowser } from '../support/editor/browser.js';
import { startEditor, type Editor } from '../support/editor/startEditor.js';
import { openWorkbench, type Workbench, type WorkbenchOptions } from '../support/editor/workbench.js';
import type { Script } from '../support/model/script.js';
import { startModelServer, type ModelServer } from '../support/model/server.js';
import { ChatPage } from './chatPage.js';

/** How long one step in the window may take. */
const stepTimeoutMs = 15_000;

/** The name of the folder in which the editor keeps what is Arbor's. */
const extensionId = 'arbor-for-claude-code.arbor';

/** How to set a stage. */
export interface StageOptions {
  /** Names of the workspace's folders; default one, `project`. */
  readonly folders?: readonly string[];
  /** Settings on top of the program and its environment. */
  readonly settings?: Settings;
  /** Whether the folders are trusted; default true. */
  readonly trusted?: boolean;
  /** What the model answers at first; default the demo. */
  readonly script?: Script;
  /** Variables of the program on top of those that it gets anyway. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Called with the folders before the editor opens them. */
  readonly prepare?: (folders: readonly string[]) => Promise<void>;
  readonly window?: WorkbenchOptions;
}

/**
 * Everything a test of the product needs: the scripted model, the real program with an environment of its own, the real
 * editor with the packaged extension, and a window of it with the chat open. One per file.
 */
export class Stage {
  private constructor(
    readonly model: ModelServer,
    readonly claude: ClaudeEnvironment,
    readonly editor: Editor,
    readonly browser: Browser,
    readonly window: Workbench,
    readonly chat: ChatPage,
    /** Absolute paths of the workspace's folders. */
    readonly folders: readonly string[],
    /** The path of the real program. */
    readonly program: string,
    private readonly root: string,
  ) {}

  /** Sets the stage. @throws when a part of it does not come up; what did is ended then */
  static async open(options: StageOptions = {}): Promise<Stage> {
    const undo: (() => Promise<void>)[] = [];
    try {
      const program = await claudeProgram(lineProgress());
      const model = await startModelServer(options.script === undefined ? {} : { script: options.script });
      undo.push(() => model.dispose());
      const root = await realpath(await mkdtemp(path.join(tmpdir(), 'arbor-e2e-')));
      undo.push(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
      const claude = createClaudeEnvironment({ baseUrl: model.url, variables: { ...options.variables } });
      undo.push(() => {
        claude.dispose();
        return Promise.resolve();
      });
      const folders = (options.folders ?? ['project']).map((name) => path.join(root, name));
      for (const folder of folders) await mkdir(folder, { recursive: true });
      await options.prepare?.(folders);
      const editor = await startEditor({
        folders,
        trusted: options.trusted ?? true,
        // A request for a title would stand among those that tests look for.
        settings: { 'arbor.claude.path': program, 'arbor.sessions.generateTitles': false, ...options.settings },
      });
      undo.push(() => editor.stop());
      await editor.updateSettings({ 'arbor.claude.environment': { ...claude.env, ...editor.marker } });
      const browser = await launchBrowser();
      undo.push(() => browser.close());
      const window = await openWorkbench(browser, editor, options.window ?? {});
      window.page.setDefaultTimeout(stepTimeoutMs);
      await window.openChat();
      return new Stage(model, claude, editor, browser, window, new ChatPage(window), folders, program, root);
    } catch (error) {
      for (const end of undo.reverse()) await end();
      throw error;
    }
  }

  /** The first folder of the workspace. */
  get folder(): string {
    return this.folders[0] ?? this.root;
  }

  /** A path in the first folder. */
  file(...names: readonly string[]): string {
    return path.join(this.folder, ...names);
  }

  /** The `claude` processes that live, whoever their parent is now. */
  async programs(): Promise<ProcessInfo[]> {
    const all = await this.editor.processes();
    return all.filter((each) => each.command.startsWith(this.program) && each.command.includes('--input-format'));
  }

  /** The program of a session, by the session id on its command line; the newest where there were several. */
  async programOf(sessionId: string): Promise<ProcessInfo> {
    const found = (await this.programs()).filter((each) => each.command.includes(sessionId)).at(-1);
    if (!found) throw new Error(`No claude runs for the session ${sessionId}`);
    return found;
  }

  /** Keeps what the windows show, as `out/screenshots/failed-….png`, for whoever looks into a failed test. */
  async picture(name: string): Promise<void> {
    const file = `failed-${name.replaceAll(/\W+/g, '-').slice(0, 60)}`;
    const pages = this.browser.contexts().flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      await page.screenshot({ path: path.join(projectRoot, 'out/screenshots', `${file}-${String(index)}.png`) });
    }
  }

  /** The text of a file that Arbor keeps for this workspace, empty while there is none, such as `state.json`. */
  async stored(name: string): Promise<string> {
    const found = await this.storageFolder();
    return readFile(path.join(found, name), 'utf8').catch(() => '');
  }

  /** The folder in which Arbor keeps what belongs to this workspace. */
  async storageFolder(): Promise<string> {
    const all = path.join(this.editor.userDataDir, 'User/workspaceStorage');
    const names = await readdir(all);
    const [name] = names.filter((each) => existsSync(path.join(all, each, extensionId)));
    return path.join(all, name ?? names[0] ?? '', extensionId);
  }

  /** Ends everything and removes its folders. */
  async close(): Promise<void> {
    await this.browser.close();
    await this.editor.stop();
    await this.model.dispose();
    this.claude.dispose();
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}
