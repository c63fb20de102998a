import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import type { Workbench } from '../support/editor/workbench.js';

/** The view `Sessions` as a user and a screen reader know it. */
export class SessionsTree {
  constructor(private readonly window: Workbench) {}

  /** The whole view, with its title. */
  get pane(): Locator {
    return this.window.page.locator('.pane').filter({
      has: this.window.page.locator('.pane-header[aria-label^="Sessions"]'),
    });
  }

  /** All rows. */
  get rows(): Locator {
    return this.pane.getByRole('treeitem');
  }

  /** A row by what it shows first. */
  row(label: string | RegExp): Locator {
    return this.rows.filter({ has: this.window.page.locator('.label-name', { hasText: label }) });
  }

  /** Opens the view where it is closed. */
  async open(): Promise<void> {
    const header = this.pane.locator('.pane-header');
    await header.waitFor();
    if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
    await this.rows.first().waitFor();
  }

  /** Shows what stands under a row. */
  async expand(row: Locator): Promise<void> {
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
  }

  /** Hides what stands under a row. */
  async collapse(row: Locator): Promise<void> {
    if ((await row.getAttribute('aria-expanded')) === 'true') await row.locator('.monaco-tl-twistie').click();
  }

  /** Chooses in a row's context menu. */
  async choose(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    const menu = this.window.page.locator('.monaco-menu');
    const choice = menu.locator('.action-item', { has: this.window.page.getByText(item, { exact: true }) });
    await choice.waitFor();
    // The editor does not take a click that comes too soon after the one that opened the menu.
    await expect
      .poll(async () => {
        if (await choice.isVisible()) await choice.click({ timeout: 1000 }).catch(() => undefined);
        return menu.count();
      })
      .toBe(0);
  }
}
