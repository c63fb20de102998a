import { describe, expect, it } from 'vitest';
import { decodeState, mergeStates } from '../../../../src/node/store/stateFormat.js';
import type { QueuedPrompt } from '../../../../src/protocol/state/workspaceState.js';
import { names, sessionRecord, stateOf } from './storeParts.js';

describe('older versions', () => {
  const record = sessionRecord('old');

  it('S6 a state of an older version is brought up to date, step by step', () => {
    const steps: number[] = [];
    const decoded = decodeState(
      { version: 0, list: [record] },
      {
        0: (old) => {
          steps.push(0);
          return { records: old['list'] };
        },
        1: (old) => {
          steps.push(1);
          return { sessions: old['records'], open: null };
        },
      },
    );
    expect(decoded).toEqual({ kind: 'good', state: stateOf(record), version: 0 });
    expect(steps).toEqual([0, 1]);
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

  it('S6 what we changed is ours, what they changed is theirs, also within one session', () => {
    const ours = { ...base, sessions: [{ ...a, draft: 'ours', starred: true }, b], open: b.id };
    const theirs = {
      ...base,
      sessions: [{ ...a, name: 'a theirs', draft: 'x', unread: true }, { ...b, draft: 'theirs' }, c],
      open: c.id,
    };
    expect(mergeStates(base, ours, theirs)).toEqual({
      ...base,
      sessions: [{ ...a, name: 'a theirs', draft: 'ours', starred: true, unread: true }, { ...b, draft: 'theirs' }, c],
      open: b.id,
    });
  });

  it('S6 tags and waiting messages that either window added or took out are all as wanted', () => {
    const wait = (id: string, text = id): QueuedPrompt => ({ id, text, priority: 'later', held: false });
    const before = { ...a, tags: ['old', 'gone'], queue: [wait('sent'), wait('kept'), wait('edited')] };
    const own = {
      ...before,
      tags: ['old', 'gone', 'ours'],
      queue: [wait('kept'), wait('edited', 'new'), wait('ours')],
    };
    const their = { ...before, tags: ['theirs', 'old'], queue: [wait('theirs'), ...before.queue.slice(0, 2)] };
    const merged = mergeStates(stateOf(before), stateOf(own), stateOf(their)).sessions[0];
    expect(merged?.tags).toEqual(['old', 'ours', 'theirs']);
    expect(merged?.queue).toEqual([wait('kept'), wait('edited', 'new'), wait('ours'), wait('theirs')]);
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
