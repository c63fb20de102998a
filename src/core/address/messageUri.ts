/** The scheme of a message's address, `arbor-session:/<session id>/<message uuid>`. */
export const addressScheme = 'arbor-session';

/** What the editor calls this extension in links to it: publisher and name from the manifest. */
export const extensionId = 'arbor-for-claude-code.arbor';

/** A place in the sessions: a message, or a session as such. Ids are in small letters. */
export interface MessageAddress {
  readonly sessionId: string;
  /** UUID of a line of the session's transcript; null for the session. */
  readonly messageUuid: string | null;
}

const uuid = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
const addressPath = new RegExp(`^/?(${uuid})(?:/(${uuid})(?:\\.md)?)?/?$`, 'i');

/**
 * The durable address of a message: it holds as long as the program keeps the transcript, wherever that is.
 * @param sessionId the session's UUID
 * @param messageUuid UUID of any of the message's transcript lines
 */
export function messageUri(sessionId: string, messageUuid: string): string {
  return `${addressScheme}:/${sessionId.toLowerCase()}/${messageUuid.toLowerCase()}`;
}

/**
 * A link that opens the editor at a message, for use outside of it.
 * @param editorScheme how the editor is called by links (`vscode.env.uriScheme`), such as `vscode`
 * @param address the message or session
 */
export function editorLink(editorScheme: string, { sessionId, messageUuid }: MessageAddress): string {
  const message = messageUuid === null ? '' : `/${messageUuid.toLowerCase()}`;
  return `${editorScheme}://${extensionId}/session/${sessionId.toLowerCase()}${message}`;
}

/**
 * Reads an address: a message's URI (also as the name of its document, which ends with `.md`) or a link to the editor.
 * @param text the whole URI
 * @returns null when it is malformed
 */
export function parseAddress(text: string): MessageAddress | null {
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):([^?#]*)$/i.exec(text.trim()) ?? [];
  if (scheme.toLowerCase() === addressScheme) return parsePath(rest);
  const prefix = `//${extensionId}/session/`;
  return rest.toLowerCase().startsWith(prefix) ? parsePath(rest.slice(prefix.length)) : null;
}

function parsePath(path: string): MessageAddress | null {
  const [, sessionId, messageUuid] = addressPath.exec(path) ?? [];
  if (sessionId === undefined) return null;
  return { sessionId: sessionId.toLowerCase(), messageUuid: messageUuid?.toLowerCase() ?? null };
}
