import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from '../support/editor/workbench.js';

/** The chat view as a user and a screen reader know it: by its accessible names. */
export class ChatPage {
  constructor(private readonly window: Workbench) {}

  get frame(): FrameLocator {
    return this.window.chatFrame();
  }

  /** Where the user writes. */
  get box(): Locator {
    return this.frame.getByRole('textbox', { name: 'Message' });
  }

  get sendButton(): Locator {
    return this.frame.getByRole('button', { name: 'Send', exact: true });
  }

  get stopButton(): Locator {
    return this.frame.getByRole('button', { name: 'Stop', exact: true });
  }

  get log(): Locator {
    return this.frame.getByRole('log', { name: 'Conversation' });
  }

  /** Every message. */
  get messages(): Locator {
    return this.log.getByRole('article');
  }

  /** Claude's newest message. */
  get answer(): Locator {
    return this.log.getByRole('article', { name: /^Claude/ }).last();
  }

  /** The user's newest message. */
  get prompt(): Locator {
    return this.log.getByRole('article', { name: /^You/ }).last();
  }

  /** The messages that wait. */
  get queue(): Locator {
    return this.frame.getByRole('list', { name: 'Queued messages' }).getByRole('listitem');
  }

  /** The words of the messages that wait. */
  get queueTexts(): Locator {
    return this.queue.locator('.queue-text');
  }

  /** A button of a message that waits. */
  queueButton(text: string, name: string): Locator {
    return this.queue.filter({ hasText: text }).getByRole('button', { name, exact: true });
  }

  /** The newest card of a tool. */
  tool(name: string): Locator {
    return this.log.getByRole('group', { name: `Tool: ${name}`, exact: true }).last();
  }

  /** A named part of a tool's card, such as `Command` or `Result`. */
  part(tool: string, name: string): Locator {
    return this.tool(tool).getByLabel(name, { exact: true });
  }

  /** The menu of permission modes or of models. */
  menu(label: 'Permission mode' | 'Model'): Locator {
    return this.frame.getByRole('combobox', { name: label });
  }

  /** Writes a message and sends it with Enter. */
  async send(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** Writes a message, sends it and waits for its whole answer. */
  async ask(text: string): Promise<string> {
    const before = await this.log.getByRole('article', { name: /^Claude/ }).count();
    await this.send(text);
    await this.log
      .getByRole('article', { name: /^Claude/ })
      .nth(before)
      .waitFor();
    await this.untilDone();
    return this.answer.innerText();
  }

  /** Waits until no turn runs. */
  async untilDone(timeoutMs = 15_000): Promise<void> {
    await this.log.locator('article[aria-busy="true"]').waitFor({ state: 'hidden', timeout: timeoutMs });
    await this.stopButton.waitFor({ state: 'hidden', timeout: timeoutMs });
  }

  /** Waits until a locator's text holds something, and gives the text. */
  async untilText(locator: Locator, text: string | RegExp, timeoutMs = 15_000): Promise<string> {
    const found = locator.filter({ hasText: text });
    await found.waitFor({ timeout: timeoutMs });
    return found.innerText();
  }

  /** Begins a new session where this one has messages. @param folder the name of its folder, where there are several */
  async newSession(folder?: string): Promise<void> {
    if ((await this.messages.count()) === 0) return;
    await this.frame.getByRole('button', { name: 'New Session', exact: true }).click();
    if (folder !== undefined) await this.chooseFolder(folder);
    await this.messages.first().waitFor({ state: 'detached' });
    await this.frame.getByRole('heading', { name: 'What shall we work on?' }).waitFor();
  }

  /** Chooses in the list of folders that a new session asks with. */
  async chooseFolder(name: string): Promise<void> {
    const list = this.window.page.locator('.quick-input-widget');
    await list.locator('.monaco-list-row', { hasText: name }).first().click();
    await list.waitFor({ state: 'hidden' });
  }
}
