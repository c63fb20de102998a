import type { PermissionBroker } from '../permissions/broker.js';
import type { SessionEvent } from '../../protocol/session/events.js';
import type { IncomingPermission } from '../ports.js';
import type { Emit } from './processReader.js';

/** What a request of a session's program concerns. */
export interface PermissionContext {
  readonly broker: PermissionBroker;
  /** The session's id. */
  readonly session: string;
  /** Told how many requests wait for the user. */
  readonly count: (waiting: number) => void;
  /** Told what became of the request. */
  readonly settled: (event: SessionEvent) => void;
  /** Whether the turn is being stopped, so that nobody is to be asked. */
  readonly isStopping: () => boolean;
}

/** Hands a program's request for permission to the broker. @param emit takes the event that stands for it */
export function askPermission(permission: IncomingPermission, emit: Emit, context: PermissionContext): void {
  const { broker, session } = context;
  const { id, toolUseId, tool } = permission.request;
  emit({ kind: 'permission', request: id, toolUseId, tool, phase: 'asked', reason: null });
  const count = (): void => {
    context.count(broker.pending(session).length);
  };
  broker.take(permission, context.settled, count);
  count();
  if (context.isStopping()) broker.denyAll(session, 'The turn is being stopped.', 'canceled');
}
