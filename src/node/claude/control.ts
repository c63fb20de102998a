import { CancellationSource } from '../../base/cancellation.js';
import type { Clock } from '../../base/clock.js';
import { Deferred } from '../../base/deferred.js';
import { ArborError } from '../../base/errors.js';
import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import type { IncomingPermission } from '../../core/ports.js';
import type { PermissionAnswer } from '../../core/permissions/request.js';
import type { CliLine } from '../../protocol/cli/lines.js';
import { readPermissionRequest, type PermissionOrigin } from './permissionGuard.js';

/** What a channel needs. */
export interface ControlOptions {
  readonly origin: PermissionOrigin;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes one object as one line; rejects when the program does not take it. */
  readonly write: (line: JsonObject) => Promise<void>;
  /** Receives permission requests, in the order of the output. */
  readonly onPermission: (permission: IncomingPermission) => void;
}

/** Whether a line was the channel's alone, or is for whoever reads the output as well. */
export type ControlOutcome = 'consumed' | 'passOn';

interface OpenRequest {
  readonly subtype: string;
  readonly answer: Deferred<JsonObject>;
}

interface OpenPermission {
  readonly source: CancellationSource;
  settled: boolean;
}

/**
 * The control protocol on one process's lines: `control_request`, `control_response` and `control_cancel_request`, both
 * ways. Answers are matched by request id. An answer nobody waits for is dropped: with `--replay-user-messages` the program
 * echoes our own answers, and an answer may come after its time limit.
 */
export class ControlChannel {
  readonly #options: ControlOptions;
  readonly #requests = new Map<string, OpenRequest>();
  readonly #permissions = new Map<string, OpenPermission>();
  #sent = 0;
  #closed: ArborError | undefined;

  /** @param options what the channel needs */
  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /**
   * Sends a request and waits for its answer.
   * @param request its `subtype` and whatever belongs to it
   * @param limit how long to wait for the answer, in milliseconds
   * @returns the answer's content, empty when it had none
   * @throws ArborError `requestTimeout` when no answer came, `protocolError` when the program refused, or why the channel was closed
   */
  async request(request: JsonObject & { readonly subtype: string }, limit: number): Promise<JsonObject> {
    if (this.#closed) throw this.#closed;
    this.#sent += 1;
    const id = `arbor-${this.#sent}`;
    const answer = new Deferred<JsonObject>();
    this.#requests.set(id, { subtype: request.subtype, answer });
    const timer = this.#options.clock.after(limit, () => answer.reject(requestTimedOut(request.subtype, limit)));
    try {
      this.#options
        .write({ type: 'control_request', request_id: id, request })
        .catch((error: unknown) => answer.reject(error));
      return await answer.promise;
    } finally {
      timer.dispose();
      this.#requests.delete(id);
    }
  }

  /**
   * Takes a line of the program's output.
   * @param line any line
   */
  handle(line: CliLine): ControlOutcome {
    switch (line.type) {
      case 'control_response':
        this.#answered(objectAt(line, 'response') ?? {});
        return 'consumed';
      case 'control_request':
        return this.#asked(line);
      case 'control_cancel_request':
        return this.#takenBack(stringAt(line, 'request_id')) ? 'consumed' : 'passOn';
      default:
        return 'passOn';
    }
  }

  /**
   * Ends the channel: who waits for an answer gets the error, and every open permission request is cancelled.
   * @param error what happened to the process
   */
  close(error: ArborError): void {
    if (this.#closed) return;
    this.#closed = error;
    for (const { answer } of this.#requests.values()) answer.reject(error);
    for (const permission of this.#permissions.values()) cancel(permission);
    this.#permissions.clear();
  }

  #answered(response: JsonObject): void {
    const open = this.#requests.get(stringAt(response, 'request_id') ?? '');
    if (!open) return;
    if (response['subtype'] === 'success') open.answer.resolve(objectAt(response, 'response') ?? {});
    else open.answer.reject(requestRefused(open.subtype, stringAt(response, 'error')));
  }

  #asked(line: CliLine): ControlOutcome {
    const { logger, origin } = this.#options;
    const id = stringAt(line, 'request_id');
    const request = objectAt(line, 'request');
    if (id === undefined || request === undefined) {
      logger.warn('A control request without an id or content cannot be answered');
      return 'passOn';
    }
    if (request['subtype'] !== 'can_use_tool') {
      // Left without an answer the program would wait for ever.
      this.#answer(id, { subtype: 'error', error: 'Arbor does not handle this request' });
      return 'passOn';
    }
    if (this.#permissions.has(id)) return 'consumed';
    const permission = readPermissionRequest(id, request, origin);
    if (typeof permission === 'string') {
      logger.warn(`Permission request ${id} was denied: ${permission}`);
      this.#answerPermission(id, stringAt(request, 'tool_use_id'), {
        behavior: 'deny',
        message: `Denied: the permission request could not be read (${permission}).`,
        interrupt: false,
      });
      return 'passOn';
    }
    const open: OpenPermission = { source: new CancellationSource(), settled: false };
    this.#permissions.set(id, open);
    this.#options.onPermission({
      request: permission,
      token: open.source.token,
      answer: (answer) => {
        if (open.settled) throw alreadySettled();
        open.settled = true;
        this.#permissions.delete(id);
        this.#answerPermission(id, permission.toolUseId, answer);
      },
    });
    return 'consumed';
  }

  #takenBack(id: string | undefined): boolean {
    const permission = id === undefined ? undefined : this.#permissions.get(id);
    if (id === undefined || permission === undefined) return false;
    this.#permissions.delete(id);
    cancel(permission);
    return true;
  }

  #answerPermission(id: string, toolUseId: string | undefined, answer: PermissionAnswer): void {
    const about = toolUseId === undefined ? {} : { toolUseID: toolUseId };
    const response =
      answer.behavior === 'allow'
        ? { behavior: 'allow', updatedInput: answer.input, ...about }
        : { behavior: 'deny', message: answer.message, interrupt: answer.interrupt, ...about };
    this.#answer(id, { subtype: 'success', response });
  }

  #answer(id: string, content: JsonObject): void {
    this.#options
      .write({ type: 'control_response', response: { request_id: id, ...content } })
      // The process's end says the same to everybody; an answer it no longer reads changes nothing.
      .catch((error: unknown) => this.#options.logger.warn(`Answer to ${id} was not taken: ${String(error)}`));
  }
}

function cancel(permission: OpenPermission): void {
  permission.settled = true;
  permission.source.cancel();
}

function alreadySettled(): ArborError {
  return new ArborError({
    code: 'alreadySettled',
    what: 'This permission request was already answered or taken back.',
    kept: 'The first answer counts.',
  });
}

function requestTimedOut(subtype: string, limit: number): ArborError {
  return new ArborError({
    code: 'requestTimeout',
    what: `Claude Code did not answer "${subtype}" within ${Math.round(limit / 1000)} s.`,
    next: 'Try again, or stop the session and send the message once more.',
    actions: ['retry', 'showLog'],
  });
}

function requestRefused(subtype: string, reason: string | undefined): ArborError {
  return new ArborError({
    code: 'protocolError',
    what: `Claude Code refused "${subtype}".`,
    ...(reason === undefined ? {} : { detail: reason }),
    actions: ['showLog'],
  });
}
