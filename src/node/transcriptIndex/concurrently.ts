/**
 * Does the same with each of many things, some at a time. The event loop turns between any two, because what is done
 * with them waits for the disk.
 * @param limit how many are under way at once
 * @param work what is done; the first error ends everything, after those under way
 */
export async function concurrently<T>(
  things: Iterable<T>,
  limit: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const rest = things[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

/** Lets everything else that waits for the event loop go first. */
export function yieldToLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
