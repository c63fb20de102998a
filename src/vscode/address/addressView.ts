import * as vscode from 'vscode';
import { CancellationSource, type CancellationToken } from '../../base/cancellation.js';
import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import type { Explanation } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { AddressView } from '../../core/address/openAt.js';
import type { Reveals } from '../../core/chat/reveals.js';
import type { Session } from '../../core/session/session.js';
import { chatViewId } from '../contributions.js';
import type { MessageDocuments } from './messageDocuments.js';

/** A search is shown when it takes longer than this, in milliseconds. */
const quietMs = 500;

const showMessage = 'Show the Message';

/** What addresses are shown with. */
export interface EditorAddressParts {
  readonly reveals: Reveals;
  readonly documents: MessageDocuments;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Shows in the editor what an address leads to. */
export class EditorAddressView implements AddressView {
  readonly #parts: EditorAddressParts;

  /** @param parts what is needed for it */
  constructor(parts: EditorAddressParts) {
    this.#parts = parts;
  }

  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${chatViewId}.focus`);
  }

  reveal(session: Session, message: number): void {
    this.#parts.reveals.request(session.id, message);
  }

  tell({ what, kept, next }: Explanation, document: (() => Promise<void>) | null): void {
    const text = [what, kept, next].filter((sentence) => sentence !== undefined).join(' ');
    const buttons = document ? [showMessage] : [];
    const told = vscode.window
      .showInformationMessage(text, ...buttons)
      .then((chosen) => (chosen === showMessage ? document?.() : undefined));
    this.#detach(Promise.resolve(told), 'A message’s document could not be shown');
  }

  showDocument(sessionId: string, messageUuid: string): Promise<void> {
    return this.#parts.documents.show(sessionId, messageUuid);
  }

  async whileSeeking<T>(work: (token: CancellationToken) => Promise<T>): Promise<T> {
    const source = new CancellationSource();
    const sought = work(source.token);
    const timer = this.#parts.clock.after(quietMs, () => {
      this.#detach(showProgress(sought, source), 'The progress of a search could not be shown');
    });
    try {
      return await sought;
    } finally {
      timer.dispose();
    }
  }

  #detach(work: Promise<unknown>, what: string): void {
    detach(work, (error) => {
      this.#parts.logger.error(what, error);
    });
  }
}

async function showProgress(work: Promise<unknown>, source: CancellationSource): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Reading the conversation back to the message…',
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (_progress, token) => {
    const listener = token.onCancellationRequested(() => {
      source.cancel();
    });
    // Whoever asked for it is told how it ended.
    await Promise.allSettled([work]);
    listener.dispose();
  });
}
