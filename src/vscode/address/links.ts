import type * as vscode from 'vscode';
import { ArborError } from '../../base/errors.js';
import { parseAddress } from '../../core/address/messageUri.js';
import type { MessageOpener } from '../../core/search/search.js';

/**
 * Opens what a link to the editor names, `vscode://arbor-for-claude-code.arbor/session/<id>/<message uuid>`. Anybody can
 * make such a link, so it only ever shows something.
 * @param uri the link, as the editor hands it over
 * @param opener shows the message
 * @throws ArborError `badMessage` when it is malformed; what the opener throws
 */
export async function openLink(uri: vscode.Uri, opener: MessageOpener): Promise<void> {
  const address = parseAddress(uri.toString());
  if (!address) {
    throw new ArborError({
      code: 'badMessage',
      what: 'This link names no session of Arbor’s.',
      next: 'Copy the link again: it has the ids of a session and of a message.',
    });
  }
  await opener.openAt(address.sessionId, address.messageUuid);
}
