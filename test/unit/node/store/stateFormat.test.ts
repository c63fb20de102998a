import { describe, expect, it } from 'vitest';
import { decodeState, mergeStates } from '../../../../src/node/store/stateFormat.js';
import { names, sessionRecord, stateOf } from './storeParts.js';

describe('older versions', () => {
  const record = sessionRecord('old');

  it('S6 a state of an older version is brought up to date, step by step', () => {
    const steps: number[] = [];
    const decoded = decodeState(
      { version: -0, list: [record] },
      {
        0: (old) => {
          steps.push(0);
          return { sessions: old['list'], open: null };
        },
      },
    );
    expect(decoded).toEqual({ kind: 'good', state: stateOf(record) });
    expect(steps).toEqual([0]);
  });

  it('S6 a state that cannot be brought up to date is unreadable, not lost', () => {
    const broken = {
      0: () => {
        throw new Error('made by the test');
      },
    };
    expect(decodeState({ version: 0 }, broken)).toMatchObject({ kind: 'unreadable' });
    expect(decodeState({ version: 0 }, {})).toMatchObject({ kind: 'unreadable' });
  });
});

describe('changes that could not be saved meet changes of another window', () => {
  const [a, b, c] = [sessionRecord('a'), sessionRecord('b'), sessionRecord('c')];
  const base = { ...stateOf(a, b), open: a.id };

  it('S6 what we changed is ours, what they changed is theirs', () => {
    const ours = { ...base, sessions: [{ ...a, draft: 'ours' }, b], open: b.id };
    const theirs = { ...base, sessions: [{ ...a, name: 'a theirs' }, { ...b, draft: 'theirs' }, c], open: c.id };
    expect(mergeStates(base, ours, theirs)).toEqual({
      ...base,
      sessions: [{ ...a, draft: 'ours' }, { ...b, draft: 'theirs' }, c],
      open: b.id,
    });
  });

  it('S6 what we took out stays out, what we added stays in', () => {
    expect(names(mergeStates(base, { ...base, sessions: [b, c] }, base))).toEqual(['b', 'c']);
    expect(names(mergeStates(base, { ...base, sessions: [b] }, stateOf(a, b, c)))).toEqual(['b', 'c']);
  });

  it('S6 what they took out comes back only if we changed it', () => {
    expect(names(mergeStates(base, base, stateOf(b)))).toEqual(['b']);
    expect(names(mergeStates(base, { ...base, sessions: [{ ...a, draft: 'x' }, b] }, stateOf(b)))).toEqual(['b', 'a']);
  });
});
