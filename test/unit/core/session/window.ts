import { onTestFinished } from 'vitest';
import type { Explanation } from '../../../../src/base/errors.js';
import type { Session } from '../../../../src/core/session/session.js';
import type { Sessions } from '../../../../src/core/session/sessions.js';
import { noTurnUsage, type SessionEvent } from '../../../../src/protocol/session/events.js';
import { emptyState, type SessionRecord, type WorkspaceState } from '../../../../src/protocol/state/workspaceState.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, tell, uuid, World } from '../../../support/fakes/world.js';
import { leavesNothing } from './stage.js';

/** A window of fakes, with its sessions. */
export interface Window {
  readonly world: World;
  readonly sessions: Sessions;
  readonly problems: Explanation[];
  readonly opened: Session[];
}

/** Opens a window. At the test's end it is closed, and nothing may be left of it. */
export function open(world: World = new World()): Window {
  const made = world.sessions();
  const opened: Session[] = [];
  made.sessions.onOpen((session) => opened.push(session));
  onTestFinished(async () => {
    made.sessions.dispose();
    await settled();
    leavesNothing(world);
  });
  return { world, ...made, opened };
}

/** A state with one session, which is open and was used. */
export function stateWith(record: Partial<SessionRecord> = {}): WorkspaceState {
  const whole = { ...newRecord(), name: 'Before', head: 'line-m1', ...record };
  return { ...emptyState(), sessions: [whole], open: whole.id };
}

/** A short conversation, as a transcript gives it. */
export const before: readonly SessionEvent[] = [
  { kind: 'start', turn: 't1', prompt: { uuid: uuid(500), text: 'Hello' }, at: 5 },
  { kind: 'text', block: { parent: null, message: 'm1', index: 0 }, text: 'Hi.', whole: true },
  { kind: 'message', parent: null, message: 'm1', uuid: 'line-m1', model: 'opus' },
  { kind: 'complete', turn: 't1', usage: noTurnUsage },
];

/** A session's conversation in a few words. */
export function told(session: Session | null): readonly string[] {
  return session ? tell(session.transcript) : [];
}
