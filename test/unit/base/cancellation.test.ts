import { describe, expect, it } from 'vitest';
import { CancellationSource, neverCancelled } from '../../../src/base/cancellation.js';
import { Deferred } from '../../../src/base/deferred.js';

describe('CancellationSource', () => {
  it('tells every listener once', () => {
    const source = new CancellationSource();
    const told: string[] = [];
    source.token.onCancelled(() => told.push('a'));
    source.token.onCancelled(() => told.push('b'));
    expect(source.token.isCancelled).toBe(false);
    source.cancel();
    source.cancel();
    expect(source.token.isCancelled).toBe(true);
    expect(told).toEqual(['a', 'b']);
  });

  it('tells who comes late at once', () => {
    const source = new CancellationSource();
    source.cancel();
    let told = 0;
    source.token.onCancelled(() => (told += 1)).dispose();
    expect(told).toBe(1);
  });

  it('does not tell who does not listen any more, and keeps two subscriptions of one function apart', () => {
    const source = new CancellationSource();
    let told = 0;
    const listener = (): void => {
      told += 1;
    };
    const first = source.token.onCancelled(listener);
    source.token.onCancelled(listener);
    first.dispose();
    source.cancel();
    expect(told).toBe(1);
  });

  it('A4 tells the rest when a listener throws, and throws then', () => {
    const source = new CancellationSource();
    let told = 0;
    source.token.onCancelled(() => {
      throw new Error('broken');
    });
    source.token.onCancelled(() => (told += 1));
    expect(() => {
      source.cancel();
    }).toThrow(AggregateError);
    expect(told).toBe(1);
    expect(source.token.isCancelled).toBe(true);
  });

  it('a token that is never cancelled never tells', () => {
    expect(neverCancelled.isCancelled).toBe(false);
    neverCancelled.onCancelled(() => expect.unreachable()).dispose();
  });
});

describe('Deferred', () => {
  it('settles once, and says who did it', async () => {
    const deferred = new Deferred<number>();
    expect(deferred.settled).toBe(false);
    expect(deferred.resolve(1)).toBe(true);
    expect(deferred.resolve(2)).toBe(false);
    expect(deferred.reject(new Error('late'))).toBe(false);
    expect(await deferred.promise).toBe(1);
  });

  it('a rejection is for whoever awaits it', async () => {
    const deferred = new Deferred<number>();
    deferred.reject(new Error('broken'));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(deferred.promise).rejects.toThrow('broken');
  });
});
