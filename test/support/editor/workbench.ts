import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { projectRoot } from '../../../scripts/build/projectRoot.js';
import type { Modal } from './modal.js';
import { openModal } from './modal.js';
import type { Editor } from './startEditor.js';

/** The colour themes that the tests look at, and the class that the workbench gets by each. */
const themes = {
  'Dark Modern': 'vs-dark',
  'Light Modern': 'vs',
  'Default High Contrast': 'hc-black',
} as const;

/** Name of a theme as settings have it. */
export type Theme = keyof typeof themes;

/** How to open a window. */
export interface WorkbenchOptions {
  /** Default `Dark Modern`. */
  readonly theme?: Theme;
  /** The browser's storage to open it in, e.g. that of a window that was closed; default a new one. */
  readonly context?: BrowserContext;
  /** CSS pixels; default 1280 x 800. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

const usableTimeoutMs = 60_000;
const attemptTimeoutMs = 5000;
/** The chat view's outer frame. */
export const chatFrameSelector = 'iframe.webview.ready[src*="extensionId=arbor-for-claude-code.arbor"]';

/**
 * Opens a window of an editor and waits until it can be used.
 * @throws when the workbench does not come up within a minute
 */
export async function openWorkbench(
  browser: Browser,
  editor: Editor,
  options: WorkbenchOptions = {},
): Promise<Workbench> {
  if (options.theme) {
    await editor.updateSettings({ 'workbench.colorTheme': options.theme });
  }
  const context =
    options.context ?? (await browser.newContext({ viewport: options.viewport ?? { width: 1280, height: 800 } }));
  const page = await context.newPage();
  const workbench = new Workbench(page, editor);
  await page.goto(editor.url);
  await workbench.untilUsable();
  return workbench;
}

/** A window of the editor as a user sees it. */
export class Workbench {
  constructor(
    /** Playwright's page, for everything that has no helper here. */
    readonly page: Page,
    private readonly editor: Editor,
  ) {}

  /** Waits for the window's frame and for the commands behind it. */
  async untilUsable(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: usableTimeoutMs });
    await this.page.locator('.part.statusbar .statusbar-item').first().waitFor({ timeout: usableTimeoutMs });
    await this.page.locator('.part.activitybar').waitFor({ timeout: usableTimeoutMs });
  }

  /** Shows the chat view, when it does not show yet, and waits until its page has loaded. */
  async openChat(): Promise<FrameLocator> {
    const button = this.page.locator('.part.activitybar').getByRole('tab', { name: /^Arbor/ });
    await button.waitFor({ timeout: usableTimeoutMs });
    const view = this.page.locator(chatFrameSelector);
    await expectSoon(view, async () => {
      // A window that is being restored may show the view by itself; a click in that moment would hide it again.
      if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
    });
    const frame = this.chatFrame();
    await frame.locator('body > *').first().waitFor({ state: 'attached', timeout: usableTimeoutMs });
    return frame;
  }

  /** The chat view's page, for locators; the view must show. */
  chatFrame(): FrameLocator {
    return this.page.frameLocator(chatFrameSelector).frameLocator('#active-frame');
  }

  /** The chat view's frame, for `evaluate`. */
  async chatContext(): Promise<Frame> {
    const handle = await this.page
      .frameLocator(chatFrameSelector)
      .locator('#active-frame')
      .elementHandle({ timeout: usableTimeoutMs });
    const frame = await handle.contentFrame();
    if (!frame) {
      throw new Error('The chat view has no frame: is it visible?');
    }
    return frame;
  }

  /**
   * Runs a command by its title through the command palette.
   * @param title as the palette shows it, category included: `Arbor: New Session`
   */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const widget = this.page.locator('.quick-input-widget');
    await widget.locator('input').first().fill(`>${title}`);
    const row = widget.locator('.monaco-list-row').filter({ has: this.page.getByText(title, { exact: true }) });
    await row.first().click();
    await widget.waitFor({ state: 'hidden' }).catch(async (error: unknown) => {
      // A command may ask for more in the same widget: then it shows something else than the commands.
      if ((await widget.locator('input').first().inputValue()).startsWith('>')) {
        throw error;
      }
    });
  }

  /** Waits for the modal dialog. */
  async modal(timeoutMs = 30_000): Promise<Modal> {
    return openModal(this.page, timeoutMs);
  }

  /** Whether a modal dialog shows now. */
  async hasModal(): Promise<boolean> {
    return this.page.locator('.monaco-dialog-box').isVisible();
  }

  /** The texts of the notifications that show now, newest first. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Reloads the window, as `Developer: Reload Window` does, and waits until it can be used. */
  async reloadWindow(): Promise<void> {
    await this.page.reload();
    await this.untilUsable();
  }

  /** Switches the colour theme and waits until the window shows it. */
  async setTheme(theme: Theme): Promise<void> {
    await this.editor.updateSettings({ 'workbench.colorTheme': theme });
    await this.page.locator(`.monaco-workbench.${themes[theme]}`).waitFor();
  }

  /**
   * Saves a picture of the window as `out/screenshots/<name>.png`.
   * @returns the file's path
   */
  async screenshot(name: string): Promise<string> {
    const file = path.join(projectRoot, 'out/screenshots', `${name}.png`);
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Closes the window; the browser's storage stays, so that another window can open with it. */
  async close(): Promise<BrowserContext> {
    const context = this.page.context();
    await this.page.close();
    return context;
  }
}

/** Does something until an element is there, again when the element still is not there after a while. */
async function expectSoon(element: Locator, attempt: () => Promise<void>): Promise<void> {
  const end = Date.now() + usableTimeoutMs;
  for (;;) {
    await attempt();
    try {
      await element.waitFor({ timeout: attemptTimeoutMs });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
