import { describe, expect, it } from 'vitest';
import { DisposableStore, toDisposable } from '../../../src/base/disposable.js';

describe('DisposableStore', () => {
  it('releases what it owns once, the last acquired first', () => {
    const released: string[] = [];
    const store = new DisposableStore();
    for (const name of ['a', 'b', 'c']) store.add(toDisposable(() => released.push(name)));
    store.dispose();
    store.dispose();
    expect(released).toEqual(['c', 'b', 'a']);
  });

  it('releases at once what is acquired too late', () => {
    const store = new DisposableStore();
    store.dispose();
    let released = 0;
    store.add(toDisposable(() => (released += 1)));
    expect(released).toBe(1);
  });

  it('releases early, and only what it owns', () => {
    const released: string[] = [];
    const store = new DisposableStore();
    const owned = store.add(toDisposable(() => released.push('owned')));
    const stranger = toDisposable(() => released.push('stranger'));
    store.release(owned);
    store.release(owned);
    store.release(stranger);
    store.dispose();
    expect(released).toEqual(['owned']);
  });

  it('releases the rest when some fail, and tells all failures', () => {
    const released: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => released.push('a')));
    store.add({
      dispose: () => {
        throw new Error('stuck');
      },
    });
    store.add(toDisposable(() => released.push('c')));
    expect(() => {
      store.dispose();
    }).toThrow(AggregateError);
    expect(released).toEqual(['c', 'a']);
  });
});
