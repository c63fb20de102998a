/**
 * Lets work go on that nobody waits for. Its failure still has somewhere to go.
 * @param work a promise that the caller does not await
 * @param onError told when it rejects
 */
export function detach(work: PromiseLike<unknown>, onError: (error: unknown) => void): void {
  work.then(undefined, onError);
}
