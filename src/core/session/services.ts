import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { PermissionBroker } from '../permissions/broker.js';
import type { ClaudeLauncher, ProgramRegistry } from '../ports.js';
import type { Streams } from '../streams/streams.js';
import type { SleepLimits } from '../lifecycle/sleeper.js';
import type { Journal, SessionIndex, SessionLeases, StateStore, Transcripts } from '../storePorts.js';
import type { SparePool } from './sparePool.js';
import type { TurnEnds } from '../usage/recorder.js';

/** What all sessions of a window share. */
export interface SessionServices {
  readonly launcher: ClaudeLauncher;
  /** Who else works on a session. */
  readonly registry: ProgramRegistry;
  readonly broker: PermissionBroker;
  readonly journal: Journal;
  readonly transcripts: Transcripts;
  /** Told of every turn's end. */
  readonly usage: TurnEnds;
  readonly clock: Clock;
  /** Mints UUIDs for sessions, turns and messages. */
  readonly newId: () => string;
  readonly logger: Logger;
  /** Milliseconds a turn may be silent; 0 for no limit. @param folder absolute path of the session's */
  readonly inactivityMs: (folder: string) => number;
}

/** What the sessions of a window need beside what each session does. */
export interface SessionsServices extends SessionServices {
  readonly store: StateStore;
  readonly leases: SessionLeases;
  readonly spares: SparePool;
  readonly streams: Streams;
  /** The transcripts that there are, for sessions that were made elsewhere. */
  readonly index: Pick<SessionIndex, 'get' | 'settled'>;
  /** How long processes may be idle, and how many there may be, as it is set now. */
  readonly sleep: () => SleepLimits;
}
