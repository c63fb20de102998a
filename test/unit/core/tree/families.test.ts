import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Families } from '../../../../src/core/tree/families.js';
import { FakeIndex, indexEntry } from './indexEntries.js';

const never = (): boolean => false;

describe('Sessions that the program copied', () => {
  it('F4 stand under the one whose file was made first', () => {
    const index = new FakeIndex([
      indexEntry('copy', { origin: 'm', bornAt: 9 }),
      indexEntry('first', { origin: 'm', bornAt: 5 }),
      indexEntry('alone', { origin: 'other' }),
      indexEntry('empty', { origin: null }),
    ]);
    const families = new Families(index);
    expect(['copy', 'first', 'alone', 'empty', 'unknown'].map((id) => families.parentOf(id, never))).toEqual([
      'first',
      null,
      null,
      null,
      null,
    ]);
  });

  it('F4 a copy that we know to be one is nobody’s first', () => {
    const index = new FakeIndex([
      indexEntry('ours', { origin: 'm', bornAt: 1 }),
      indexEntry('first', { origin: 'm', bornAt: 5 }),
      indexEntry('copy', { origin: 'm', bornAt: 9 }),
    ]);
    const families = new Families(index);
    const isOurs = (id: string): boolean => id === 'ours';
    expect(families.parentOf('copy', isOurs)).toBe('first');
    expect(families.parentOf('first', isOurs)).toBeNull();
  });

  it('F4 a family is told of when one comes, goes or turns out to be of another', () => {
    const index = new FakeIndex([indexEntry('a', { origin: 'm', bornAt: 5 })]);
    const families = new Families(index);
    index.known.set('b', indexEntry('b', { origin: 'm', bornAt: 1 }));
    expect([...families.update({ changed: ['b'], removed: [] })].sort()).toEqual(['a', 'b']);
    expect(families.parentOf('a', never)).toBe('b');
    index.known.set('b', indexEntry('b', { origin: 'n', bornAt: 1 }));
    expect([...families.update({ changed: ['b'], removed: [] })].sort()).toEqual(['a', 'b']);
    expect(families.parentOf('a', never)).toBeNull();
    index.known.delete('b');
    expect([...families.update({ changed: [], removed: ['b'] })]).toEqual(['b']);
  });

  it('F4 following the index is the same as looking at all of it anew', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const entry = fc.record({
      id: fc.constantFrom(...ids),
      origin: fc.constantFrom('m', 'n', null),
      bornAt: fc.nat(3),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (changes) => {
        const index = new FakeIndex();
        const families = new Families(index);
        for (const { id, gone, ...rest } of changes) {
          if (gone) index.known.delete(id);
          else index.known.set(id, indexEntry(id, rest));
          families.update(gone ? { changed: [], removed: [id] } : { changed: [id], removed: [] });
        }
        const anew = new Families(index);
        for (const id of ids) expect(families.parentOf(id, never)).toBe(anew.parentOf(id, never));
      }),
    );
  });
});
