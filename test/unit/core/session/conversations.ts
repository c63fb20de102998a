import type { SessionIndexEntry } from '../../../../src/core/sessionIndex.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import type { SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { newRecord, uuid, type World } from '../../../support/fakes/world.js';

/** UUID of a message of `conversation`, from 1 on. */
export function messageId(number: number): string {
  return uuid(5000 + number);
}

/** The first messages of a conversation, the user's and Claude's in turn, as a transcript gives them. */
export function conversation(count: number): readonly SessionEvent[] {
  return Array.from({ length: count }, (_, index): readonly SessionEvent[] => {
    const number = index + 1;
    const turn = `turn-${String(Math.ceil(number / 2))}`;
    const text = `message ${String(number)}`;
    const complete: SessionEvent = { kind: 'complete', turn, usage: noTurnUsage };
    if (number % 2 === 1) {
      const start: SessionEvent = { kind: 'start', turn, prompt: { uuid: messageId(number), text }, at: number };
      return number === count ? [start, complete] : [start];
    }
    const block = { parent: null, message: turn, index: 0 };
    return [
      { kind: 'text', block, text, whole: true },
      { kind: 'message', parent: null, message: turn, uuid: messageId(number), model: 'opus' },
      complete,
    ];
  }).flat();
}

/** The same in a few words. */
export function toldUpTo(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const text = `message ${String(index + 1)}`;
    return index % 2 === 0 ? `you: ${text}` : `claude (complete): ${text}`;
  });
}

/** Puts such a conversation on the disk. @returns the id of its session, which has a record that a state may hold */
export function write(world: World, count: number, id = newRecord().id): string {
  world.transcripts.conversations.set(id, conversation(count));
  for (let number = 1; number <= count; number += 1)
    world.transcripts.upTo.set(messageId(number), conversation(number));
  return id;
}

/** Where a record says that its session leaves its parent, in short. */
export function leaves({ lineage }: Pick<SessionRecord, 'lineage'>): readonly (string | null)[] {
  return lineage ? [lineage.kind, lineage.parent, lineage.at] : [];
}

/** A session that somebody made in a terminal, as the index gives it. */
export function indexEntry(id: string): SessionIndexEntry {
  const folder = '/ws';
  const path = `/home/.claude/projects/-ws/${id}.jsonl`;
  return {
    id,
    folder,
    cwd: folder,
    isWorktree: false,
    path,
    size: 1,
    modifiedAt: 2,
    createdAt: 1,
    bornAt: 1,
    activeAt: 2,
    title: 'From a terminal',
    titleSource: 'prompt',
    firstPrompt: 'From a terminal',
    branch: null,
    forkedFrom: null,
    origin: null,
    also: [],
  };
}
