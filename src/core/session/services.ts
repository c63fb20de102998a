import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { PermissionBroker } from '../permissions/broker.js';
import type { ClaudeLauncher, ProgramRegistry } from '../ports.js';
import type { Journal, Transcripts } from '../storePorts.js';

/** What all sessions of a window share. */
export interface SessionServices {
  readonly launcher: ClaudeLauncher;
  /** Who else works on a session. */
  readonly registry: ProgramRegistry;
  readonly broker: PermissionBroker;
  readonly journal: Journal;
  readonly transcripts: Transcripts;
  readonly clock: Clock;
  /** Mints UUIDs for sessions, turns and messages. */
  readonly newId: () => string;
  readonly logger: Logger;
  /** Milliseconds a turn may be silent; 0 for no limit. */
  readonly inactivityMs: () => number;
}
