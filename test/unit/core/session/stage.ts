import { expect, onTestFinished } from 'vitest';
import type { Session } from '../../../../src/core/session/session.js';
import type { SessionEvent } from '../../../../src/protocol/session/events.js';
import type { SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import type { FakeBehaviour } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { tell, World } from '../../../support/fakes/world.js';

/** A session in a window of fakes. */
export interface Stage {
  readonly world: World;
  readonly session: Session;
  /** All events that listeners were told, in their order. */
  readonly events: SessionEvent[];
  /** The conversation, in a few words. */
  told(): readonly string[];
}

/**
 * Sets up a session. At the test's end it is closed, and nothing may be left of it: no timer, no process, no open
 * question, and no error in the log that the test did not take out of it.
 */
export function stage(record: Partial<SessionRecord> = {}, behaviour?: FakeBehaviour): Stage {
  const world = new World();
  if (behaviour) world.launcher.otherwise = behaviour;
  const session = world.session(record);
  const events: SessionEvent[] = [];
  session.onEvents((batch) => events.push(...batch.events));
  onTestFinished(async () => {
    session.dispose();
    await settled();
    leavesNothing(world);
  });
  return { world, session, events, told: () => tell(session.transcript) };
}

/** Checks that a window that was closed left nothing behind. */
export function leavesNothing(world: World): void {
  expect(world.clock.pending).toBe(0);
  expect(world.launcher.living).toEqual([]);
  expect(world.services.broker.pending()).toEqual([]);
  expect(world.prompter.open).toEqual([]);
  expect(world.logger.errors).toEqual([]);
}
