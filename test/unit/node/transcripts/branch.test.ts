import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/base/json.js';
import { currentBranch } from '../../../../src/node/transcripts/branch.js';

function says(uuid: string, parentUuid: string | null, message: string, content: unknown = []): JsonObject {
  return { type: 'assistant', uuid, parentUuid, message: { id: message, content } };
}

function user(uuid: string, parentUuid: string | null, content: unknown = 'hello'): JsonObject {
  return { type: 'user', uuid, parentUuid, message: { content } };
}

const use = (id: string): unknown => [{ type: 'tool_use', id, name: 'Bash', input: {} }];
const result = (id: string): unknown => [{ type: 'tool_result', tool_use_id: id, content: 'done' }];

function branch(lines: readonly JsonObject[]): unknown[] {
  return currentBranch(lines).map((line) => line['uuid']);
}

describe('the current branch of a transcript', () => {
  it('S6 is what leads from the last line to the root', () => {
    const lines = [user('a', null), says('b', 'a', 'm1'), user('c', 'b'), says('d', 'c', 'm2'), user('e', 'b')];
    expect(branch(lines)).toEqual(['a', 'b', 'e']);
  });

  it('S6 keeps the results of parallel tools, whichever of them the conversation goes on from', () => {
    const lines = [
      user('a', null),
      says('b1', 'a', 'm1', use('t1')),
      says('b2', 'b1', 'm1', use('t2')),
      user('r2', 'b2', result('t2')),
      user('r1', 'b1', result('t1')),
      says('c', 'r1', 'm2'),
    ];
    expect(branch(lines)).toEqual(['a', 'b1', 'b2', 'r2', 'r1', 'c']);
  });

  it('S6 leaves out the rest of a message that the conversation was rewound into', () => {
    const lines = [
      user('a', null),
      says('b1', 'a', 'm1'),
      says('b2', 'b1', 'm1', use('t1')),
      user('r1', 'b2', result('t1')),
      user('c', 'b1'),
    ];
    expect(branch(lines)).toEqual(['a', 'b1', 'c']);
  });

  it('S6 goes on across a compaction', () => {
    const boundary = { type: 'system', uuid: 'c', parentUuid: null, logicalParentUuid: 'b' };
    expect(branch([user('a', null), says('b', 'a', 'm1'), boundary, user('d', 'c')])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('S6 goes on with the line before where the one it is linked to is missing', () => {
    expect(branch([user('a', null), says('b', 'a', 'm1'), user('d', 'lost'), says('e', 'd', 'm2')])).toEqual([
      'a',
      'b',
      'd',
      'e',
    ]);
  });

  it('S6 ends where links run in a circle', () => {
    expect(branch([user('a', 'b'), says('b', 'a', 'm1')])).toEqual(['a', 'b']);
  });

  it('S6 leaves subagents and lines without a place out', () => {
    const side = { ...user('s', null), isSidechain: true };
    expect(branch([{ type: 'last-prompt' }, user('a', null), side, { type: 'summary', summary: 'x' }])).toEqual(['a']);
    expect(currentBranch([user('a', null), side], true)).toEqual([side]);
  });

  it('S6 of nothing is nothing', () => {
    expect(branch([])).toEqual([]);
  });
});
