import type { Browser, FrameLocator, Locator } from 'playwright-core';
import { untilNone, type ProcessInfo } from '../../scripts/editor/processes.js';
import { launchBrowser } from '../support/editor/browser.js';
import { startEditor, type Editor } from '../support/editor/startEditor.js';
import { openWorkbench, type Workbench } from '../support/editor/workbench.js';
import { ChatProbe, type PaintTimes } from './chatProbe.js';
import { installCompanion } from './companion.js';
import type { BenchStage } from './stage.js';

/** How long an extension host may take to end once its window is closed, in milliseconds. */
const hostEndMs = 10_000;

/** The real editor with the packaged extension in a real browser, and the chat open in it. */
export class EditorStage {
  readonly editor: Editor;
  readonly browser: Browser;
  #window: Workbench;
  readonly #program: string;
  #probe: ChatProbe | undefined;

  private constructor(editor: Editor, browser: Browser, window: Workbench, program: string) {
    this.editor = editor;
    this.browser = browser;
    this.#window = window;
    this.#program = program;
  }

  /**
   * Starts the editor on the stage's folder, its program with the stage's environment.
   * @throws ToolError when the editor or the browser is not to be had
   */
  static async open({ program, environment }: BenchStage): Promise<EditorStage> {
    const editor = await startEditor({
      folders: [environment.workspace],
      settings: {
        'arbor.claude.path': program,
        // A request for a title would compete with the turns that are measured.
        'arbor.sessions.generateTitles': false,
        // Looking for ports to forward goes through every process of the machine, again and again; only remote windows do that.
        'remote.autoForwardPorts': false,
        // The list of running extensions would otherwise lie over the whole window until it is closed.
        'workbench.editor.useModal': 'off',
      },
    });
    try {
      await editor.updateSettings({ 'arbor.claude.environment': { ...environment.env, ...editor.marker } });
      await installCompanion(editor.root);
      const browser = await launchBrowser();
      const stage = new EditorStage(editor, browser, await openWorkbench(browser, editor), program);
      await stage.untilExtensions();
      return stage;
    } catch (error) {
      await editor.stop();
      throw error;
    }
  }

  /** The editor's window. */
  get window(): Workbench {
    return this.#window;
  }

  /** Closes the window, does something while no extension host runs, and opens it again. */
  async reopen(between: () => Promise<void>): Promise<void> {
    const context = await this.#window.close();
    await untilNone(() => this.editor.extensionHosts(), hostEndMs);
    await between();
    this.#window = await openWorkbench(this.browser, this.editor, { context });
    await this.untilExtensions();
  }

  /** Waits until a new window knows its extensions; a list of commands that was opened before does not show theirs. */
  async untilExtensions(): Promise<void> {
    await this.window.page
      .locator('.part.activitybar')
      .getByRole('tab', { name: /^Arbor/ })
      .waitFor();
  }

  /** Shows the chat and gets ready to measure in it; again after the window was reloaded. */
  async openChat(): Promise<void> {
    const chat = await this.window.openChat();
    await chat.getByRole('textbox', { name: 'Message' }).waitFor();
    this.#probe = await ChatProbe.install(await this.window.chatContext());
  }

  /**
   * Types a message, rests as long as a reader of it would, clicks on Send with the real mouse, and waits for the end of
   * the turn.
   * @returns when what was painted, counted from the click
   */
  async turn(text: string, watchGaps = false): Promise<PaintTimes> {
    const chat = this.#chat();
    const probe = this.#probe;
    if (!probe) throw new Error('The chat is not open');
    // Not by role: in a conversation of a thousand messages such a search keeps the page busy for a second.
    await chat.locator('textarea[aria-label="Message"]').fill(text);
    await this.aim(chat.locator('button[aria-label="Send"]'));
    await this.rest();
    const times = await probe.turn(() => this.click(), watchGaps);
    await probe.untilIdle();
    return times;
  }

  /**
   * Opens the companion extension's page beside the chat.
   * @returns clicks on its button, and waits for the answer: when the answer was painted, in milliseconds from the click
   */
  async openEcho(): Promise<() => Promise<number>> {
    await this.window.runCommand('Arbor Bench: Open Echo');
    const outer = this.window.page.frameLocator('iframe.webview.ready[src*="extensionId=arbor-bench.bench-companion"]');
    const frame = await (await outer.locator('#active-frame').elementHandle()).contentFrame();
    if (!frame) throw new Error('The companion has no page');
    const probe = await ChatProbe.install(frame);
    return async () => {
      await this.aim(frame.locator('#ask'));
      await this.rest();
      return (await probe.turn(() => this.click())).first;
    };
  }

  /** Begins a new session and waits until the chat shows it. */
  async newSession(): Promise<void> {
    await this.window.runCommand('Arbor: New Session');
    await this.#chat().getByRole('article').first().waitFor({ state: 'detached' });
    await this.rest();
  }

  /** The programs that the editor runs. */
  async programs(): Promise<ProcessInfo[]> {
    const all = await this.editor.processes();
    return all.filter(({ command }) => command.startsWith(this.#program) && command.includes('--input-format'));
  }

  /** Lets what was caused by the last step come to its end: drafts are kept, headers redrawn. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }

  /** Ends the browser and the editor. */
  async close(): Promise<void> {
    await this.browser.close();
    await this.editor.stop();
  }

  /** Moves the mouse to the middle of something. */
  async aim(target: Locator): Promise<void> {
    const box = await target.boundingBox();
    if (!box) throw new Error('There is nothing to click on');
    await this.window.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  }

  /** Clicks with the real mouse, where it is. */
  async click(): Promise<void> {
    const { mouse } = this.window.page;
    await mouse.down();
    await mouse.up();
  }

  #chat(): FrameLocator {
    return this.window.chatFrame();
  }
}
