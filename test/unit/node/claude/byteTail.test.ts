import { describe, expect, it } from 'vitest';
import { ByteTail } from '../../../../src/node/claude/byteTail.js';

describe('the tail of the error output', () => {
  it('P6 is all of it while it is short', () => {
    const tail = new ByteTail(100);
    tail.push(Buffer.from('one '));
    tail.push(Buffer.from('two'));
    expect(tail.text()).toBe('one two');
  });

  it('P6 is its last bytes, however it arrived', () => {
    for (const size of [1, 3, 7, 100, 1000]) {
      const all = Buffer.from('0123456789'.repeat(100));
      const tail = new ByteTail(25);
      for (let at = 0; at < all.length; at += size) tail.push(all.subarray(at, at + size));
      expect(tail.text()).toBe('5678901234567890123456789'.slice(0, 25));
    }
  });

  it('P6 does not begin with half a character', () => {
    const tail = new ByteTail(5);
    tail.push(Buffer.from('😀😀'));
    expect(tail.text()).toBe('😀');
  });
});
