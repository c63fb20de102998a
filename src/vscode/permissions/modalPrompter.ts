import * as vscode from 'vscode';
import { CancellationError, type CancellationToken } from '../../base/cancellation.js';
import type { PermissionPrompter } from '../../core/permissions/broker.js';
import { describeRequest, type RequestDescription } from '../../core/permissions/describe.js';
import type { PermissionAnswer, PermissionRequest } from '../../core/permissions/request.js';
import { makeVisible } from '../../base/visibleText.js';
import type { TextDocuments } from '../textDocuments.js';

/** Characters and lines of an input that fit a modal; beyond that it is opened as a document. */
const maxCharacters = 2500;
const maxLines = 24;

const deny = 'Deny';
const allowOnce = 'Allow Once';
const denyWithReason = 'Deny with Reason…';
const showInput = 'Show Whole Input';

/** What Claude reads when the user denies without a reason. */
const plainDenial = 'The user denied this tool use. Do not try it again in another way; ask what to do instead.';

/** Names the session that asks. */
export type NameSession = (sessionId: string) => string;

/**
 * Asks in a modal dialog. `Deny` is the first button, which is the editor's default: Enter and Space deny, and so does
 * closing the dialog.
 */
export class ModalPrompter implements PermissionPrompter {
  readonly #documents: TextDocuments;
  readonly #nameSession: NameSession;

  /**
   * @param documents opens an input that is too long for a dialog
   * @param nameSession names the session that asks
   */
  constructor(documents: TextDocuments, nameSession: NameSession) {
    this.#documents = documents;
    this.#nameSession = nameSession;
  }

  async prompt(request: PermissionRequest, token: CancellationToken): Promise<PermissionAnswer> {
    const description = describeRequest(request);
    const { detail, whole } = layOut(description, [
      `Session: ${makeVisible(this.#nameSession(request.sessionId))}`,
      `Folder: ${makeVisible(request.folder)}`,
    ]);
    const buttons = whole ? [deny, allowOnce, denyWithReason] : [deny, allowOnce, denyWithReason, showInput];
    for (;;) {
      const shown = vscode.window.showWarningMessage(description.title, { modal: true, detail }, ...buttons);
      const chosen = await untilCancelled(shown, token);
      switch (chosen) {
        case allowOnce:
          return { behavior: 'allow', input: request.input };
        case denyWithReason:
          return await this.#denyWithReason(token);
        case showInput:
          await this.#documents.show(`${request.tool.replaceAll(/\W+/g, '-')}-input.txt`, wholeText(description));
          await this.#reopen(description.title, token);
          break;
        default:
          return { behavior: 'deny', message: plainDenial, interrupt: false };
      }
    }
  }

  async #denyWithReason(token: CancellationToken): Promise<PermissionAnswer> {
    const input = vscode.window.showInputBox({
      title: 'Deny with Reason',
      prompt: 'Claude reads this. Leave it empty to deny without a reason.',
      placeHolder: 'Such as: use the test database instead',
      ignoreFocusOut: true,
    });
    const reason = (await untilCancelled(input, token))?.trim() ?? '';
    const message = reason === '' ? plainDenial : `The user denied this tool use, with this reason: ${reason}`;
    return { behavior: 'deny', message, interrupt: false };
  }

  /** A modal covers the document that the user asked for, so it waits here until the user has read it. */
  async #reopen(title: string, token: CancellationToken): Promise<void> {
    const answer = 'Answer';
    await untilCancelled(
      vscode.window.showInformationMessage(`${title} Claude waits while you read the input.`, answer),
      token,
    );
  }
}

/** Waits for the user, or throws when nobody waits for the answer any more. */
function untilCancelled<T>(shown: Thenable<T>, token: CancellationToken): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscription = token.onCancelled(() => {
      reject(new CancellationError());
    });
    shown.then(
      (value) => {
        subscription.dispose();
        resolve(value);
      },
      (error: unknown) => {
        subscription.dispose();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

function wholeText(description: RequestDescription): string {
  return description.parts.map(({ label, text }) => `${label}:\n${text}`).join('\n\n');
}

/** The dialog's text. What does not fit is said, never left out silently. */
function layOut(
  description: RequestDescription,
  origin: readonly string[],
): { readonly detail: string; readonly whole: boolean } {
  const text = wholeText(description);
  const lines = text.split('\n');
  const fits = text.length <= maxCharacters && lines.length <= maxLines;
  const shown = fits ? text : lines.slice(0, maxLines).join('\n').slice(0, maxCharacters);
  const left = text.length - shown.length;
  const more = fits ? [] : [`… ${String(left)} more characters. “${showInput}” opens all of it.`];
  const detail = [[shown, ...more].join('\n'), [...description.remarks, ...origin].join('\n')].join('\n\n');
  return { detail, whole: fits };
}
