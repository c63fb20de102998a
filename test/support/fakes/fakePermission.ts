import { CancellationSource } from '../../../src/base/cancellation.js';
import { ArborError } from '../../../src/base/errors.js';
import type { JsonObject } from '../../../src/base/json.js';
import type { PermissionAnswer, PermissionRequest } from '../../../src/core/permissions/request.js';
import type { IncomingPermission } from '../../../src/core/ports.js';
import type { AuditEntry, AuditLog } from '../../../src/core/storePorts.js';

/** A permission request with what a test does not name filled in. */
export function permissionRequest(given: Partial<PermissionRequest> = {}): PermissionRequest {
  const id = given.id ?? 'request-1';
  return {
    id,
    sessionId: 'session-1',
    folder: '/ws',
    toolUseId: `tool-of-${id}`,
    tool: 'Bash',
    input: { command: 'ls' },
    reason: null,
    blockedPath: null,
    agentId: null,
    suggestions: [],
    suppressAlways: false,
    defaultToNo: false,
    ...given,
  };
}

/** A request of a program that behaves as the real client's: it takes one answer, and none after it took the request back. */
export class FakePermission implements IncomingPermission {
  readonly request: PermissionRequest;
  readonly #source = new CancellationSource();
  readonly token = this.#source.token;
  /** What the program was told; never more than one. */
  readonly answers: PermissionAnswer[] = [];
  /** How often somebody tried. */
  attempts = 0;

  constructor(request: PermissionRequest) {
    this.request = request;
  }

  answer(answer: PermissionAnswer): void {
    this.attempts += 1;
    if (this.answers.length > 0 || this.token.isCancelled) {
      throw new ArborError({ code: 'alreadySettled', what: 'Answered or taken back before.' });
    }
    this.answers.push(answer);
  }

  /** The program takes it back, or is gone. */
  takeBack(): void {
    this.#source.cancel();
  }
}

/** An audit log in memory that can be told to fail. */
export class FakeAudit implements AuditLog {
  readonly entries: AuditEntry[] = [];
  /** Called before each entry is written; what it throws is what writing throws. */
  before: (entry: AuditEntry) => void | Promise<void> = () => undefined;

  async record(entry: AuditEntry): Promise<void> {
    await this.before(entry);
    this.entries.push(entry);
  }

  /** The last word on a request. */
  last(requestId: string): AuditEntry | undefined {
    return this.entries.findLast((entry) => entry.request.id === requestId);
  }
}

/** An answer that lets the tool run. */
export function allow(input: JsonObject = { command: 'ls' }): PermissionAnswer {
  return { behavior: 'allow', input };
}

/** An answer that does not. */
export function denial(message = 'No.'): PermissionAnswer {
  return { behavior: 'deny', message, interrupt: false };
}
