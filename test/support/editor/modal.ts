import type { Locator, Page } from 'playwright-core';

/** A modal dialog of the workbench. */
export interface Modal {
  /** The message, e.g. `Allow Bash?`. */
  readonly title: string;
  /** The smaller text below; empty when there is none. */
  readonly detail: string;
  /** Names of the buttons from left to right; on Linux the default one is the last. */
  readonly buttons: readonly string[];
  /** The name of the button that has the focus: the one that Enter presses. */
  focused(): Promise<string>;
  /** Presses a button and waits until the dialog is gone. */
  press(button: string): Promise<void>;
  /** For everything else. */
  readonly locator: Locator;
}

/**
 * Waits for a modal dialog and reads it.
 * @throws when none shows in time
 */
export async function openModal(page: Page, timeoutMs: number): Promise<Modal> {
  const locator = page.locator('.monaco-dialog-box');
  await locator.waitFor({ timeout: timeoutMs });
  const detail = locator.locator('.dialog-message-detail');
  const buttons = locator.locator('.dialog-buttons .monaco-button');
  await buttons.first().waitFor();
  return {
    title: (await locator.locator('.dialog-message-text').innerText()).trim(),
    detail: (await detail.count()) > 0 ? await detail.innerText() : '',
    buttons: (await buttons.allInnerTexts()).map((each) => each.trim()).filter((each) => each !== ''),
    focused: async () => (await locator.locator(':focus').innerText()).trim(),
    press: async (button) => {
      await buttons.filter({ hasText: new RegExp(`^\\s*${escaped(button)}\\s*$`) }).click();
      await locator.waitFor({ state: 'hidden' });
    },
    locator,
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
