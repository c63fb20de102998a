import { describe, expect, it } from 'vitest';
import type { Disposable } from '../../../src/base/disposable.js';
import { Emitter } from '../../../src/base/event.js';

function emitter(): { source: Emitter<number>; errors: unknown[] } {
  const errors: unknown[] = [];
  return { source: new Emitter<number>((error) => errors.push(error)), errors };
}

describe('Emitter', () => {
  it('calls the listeners in the order of subscription', () => {
    const { source } = emitter();
    const seen: string[] = [];
    source.event((value) => seen.push(`a${String(value)}`));
    source.event((value) => seen.push(`b${String(value)}`));
    source.fire(1);
    expect(seen).toEqual(['a1', 'b1']);
  });

  it('gives every listener the values in the order in which they were fired, also when a listener fires', () => {
    const { source } = emitter();
    const seen: string[] = [];
    source.event((value) => {
      seen.push(`a${String(value)}`);
      if (value === 1) source.fire(2);
    });
    source.event((value) => seen.push(`b${String(value)}`));
    source.fire(1);
    source.fire(3);
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('does not call a listener whose subscription ended while the value was delivered', () => {
    const { source } = emitter();
    const seen: string[] = [];
    const subscriptions: Disposable[] = [];
    source.event(() => {
      subscriptions[0]?.dispose();
    });
    subscriptions.push(source.event(() => seen.push('late')));
    source.fire(1);
    expect(seen).toEqual([]);
  });

  it('does not give a value to who subscribes while it is delivered', () => {
    const { source } = emitter();
    const seen: number[] = [];
    source.event(() => {
      if (seen.length === 0) source.event((value) => seen.push(value));
    });
    source.fire(1);
    expect(seen).toEqual([]);
    source.fire(2);
    expect(seen).toEqual([2]);
  });

  it('keeps the two subscriptions of one function apart', () => {
    const { source } = emitter();
    const seen: number[] = [];
    const listener = (value: number): void => {
      seen.push(value);
    };
    const first = source.event(listener);
    source.event(listener);
    first.dispose();
    first.dispose();
    source.fire(1);
    expect(seen).toEqual([1]);
  });

  it('a listener that throws keeps nobody from being called, and its error is told', () => {
    const { source, errors } = emitter();
    const seen: number[] = [];
    source.event(() => {
      throw new Error('broken');
    });
    source.event((value) => seen.push(value));
    source.fire(1);
    source.fire(2);
    expect(seen).toEqual([1, 2]);
    expect(errors).toHaveLength(2);
  });

  it('is silent after it was disposed, also for who subscribes then', () => {
    const { source } = emitter();
    const seen: number[] = [];
    source.event((value) => seen.push(value));
    source.dispose();
    source.event((value) => seen.push(value));
    source.fire(1);
    expect(seen).toEqual([]);
  });
});
