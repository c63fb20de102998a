import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsyncQueue } from '../../../src/base/asyncQueue.js';

async function readAll<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const batch of queue) items.push(...batch);
  return items;
}

describe('AsyncQueue', () => {
  it('gives every item once, in order, however pushes and pulls interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 60 }), async (pauses) => {
        const queue = new AsyncQueue<number>();
        const read = readAll(queue);
        for (const [index, pause] of pauses.entries()) {
          queue.push(index);
          for (let turn = 0; turn < pause; turn += 1) await Promise.resolve();
        }
        queue.end();
        expect(await read).toEqual(pauses.map((_, index) => index));
      }),
      { numRuns: 200 },
    );
  });

  it('gives what waits in one batch', async () => {
    const queue = new AsyncQueue<string>();
    for (const item of ['a', 'b', 'c']) queue.push(item);
    queue.end();
    const batches: (readonly string[])[] = [];
    for await (const batch of queue) batches.push(batch);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('gives what waits before the error that ended it', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.fail(new Error('broken'));
    const got: number[] = [];
    const reading = (async () => {
      for await (const batch of queue) got.push(...batch);
    })();
    await expect(reading).rejects.toThrow('broken');
    expect(got).toEqual([1]);
  });

  it('wakes a reader that waits, at the end and at an error', async () => {
    const ending = new AsyncQueue<number>();
    const ended = readAll(ending);
    await Promise.resolve();
    ending.end();
    expect(await ended).toEqual([]);

    const failing = new AsyncQueue<number>();
    const failed = readAll(failing);
    await Promise.resolve();
    failing.fail(new Error('broken'));
    await expect(failed).rejects.toThrow('broken');
  });

  it('the first end counts', async () => {
    const queue = new AsyncQueue<number>();
    queue.end();
    queue.fail(new Error('late'));
    expect(queue.hasEnded).toBe(true);
    expect(await readAll(queue)).toEqual([]);
    expect(() => {
      queue.push(1);
    }).toThrow('push after end');
  });

  it('says once when the source should pause, and once when it may go on', async () => {
    const pressure: boolean[] = [];
    const queue = new AsyncQueue<string>(10, (pressed) => pressure.push(pressed));
    queue.push('a', 10);
    expect(pressure).toEqual([]);
    queue.push('b', 1);
    queue.push('c', 100);
    expect(pressure).toEqual([true]);
    const reader = queue[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(['a', 'b', 'c']);
    expect(pressure).toEqual([true, false]);
    expect(queue.size).toBe(0);
    queue.push('d', 11);
    expect(pressure).toEqual([true, false, true]);
  });

  it('costs the same per item however many wait', async () => {
    const queue = new AsyncQueue<number>();
    const count = 300_000;
    for (let item = 0; item < count; item += 1) queue.push(item);
    queue.end();
    let sum = 0;
    for await (const batch of queue) sum += batch.length;
    expect(sum).toBe(count);
  });
});
