/**
 * A session's id as a file name.
 * @throws Error when it is no id: a name from outside must never become a path
 */
export function safeName(sessionId: string): string {
  if (!/^[\w-]{1,100}$/.test(sessionId)) throw new Error('not a session id');
  return sessionId;
}
