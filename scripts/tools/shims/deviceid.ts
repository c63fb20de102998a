// Stands in for `@vscode/deviceid`. Telemetry is off, so that nothing must be able to recognise this machine.
import { randomUUID } from 'node:crypto';

/** A new id at every start. */
export function getDeviceId(): Promise<string> {
  return Promise.resolve(randomUUID());
}
