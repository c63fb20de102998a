import type { Clock } from '../../base/clock.js';
import { CancellationError, CancellationSource, type CancellationToken } from '../../base/cancellation.js';
import { detach } from '../../base/detach.js';
import { ArborError } from '../../base/errors.js';
import { isObject } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import type { PermissionEvent } from '../../protocol/session/events.js';
import type { IncomingPermission } from '../ports.js';
import type { AuditLog } from '../storePorts.js';
import type { PermissionAnswer, PermissionRequest } from './request.js';

/** Asks the user. One implementation per way of asking. */
export interface PermissionPrompter {
  /**
   * Asks and resolves with the user's answer. Anything that is no clear yes is a denial.
   * @param request what asks
   * @param token cancelled when nobody waits for the answer any more
   * @throws CancellationError soon after the token was cancelled, also where the question cannot be taken off the screen
   */
  prompt(request: PermissionRequest, token: CancellationToken): Promise<PermissionAnswer>;
}

type Settle = (event: PermissionEvent) => void;

interface Pending {
  readonly incoming: IncomingPermission;
  readonly onSettled: Settle;
  /** Cancelled when it is settled, so that the prompt for it ends. */
  readonly ended: CancellationSource;
}

const deny = (message: string, interrupt = false): PermissionAnswer => ({ behavior: 'deny', message, interrupt });

/**
 * Takes the program's permission requests, asks for them one after the other, and sees to it that each is settled exactly
 * once. Whatever goes wrong on the way is a denial with a reason.
 */
export class PermissionBroker {
  readonly #prompter: PermissionPrompter;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pending: Pending[] = [];
  #asking = false;
  #closed = false;

  /**
   * @param prompter asks the user
   * @param audit keeps every decision; what cannot be recorded is not allowed
   * @param clock the time, for the audit log
   * @param logger told of what goes wrong
   */
  constructor(prompter: PermissionPrompter, audit: AuditLog, clock: Clock, logger: Logger) {
    this.#prompter = prompter;
    this.#audit = audit;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The requests that wait for an answer, the oldest first. */
  pending(sessionId?: string): readonly PermissionRequest[] {
    return this.#pending
      .map((pending) => pending.incoming.request)
      .filter((request) => sessionId === undefined || request.sessionId === sessionId);
  }

  /**
   * Takes a request of the program.
   * @param incoming the request and the way to answer it
   * @param onSettled told once, with the event that says how it was settled
   */
  take(incoming: IncomingPermission, onSettled: Settle): void {
    const pending: Pending = { incoming, onSettled, ended: new CancellationSource() };
    this.#pending.push(pending);
    incoming.token.onCancelled(() => {
      this.#settleSoon(pending, deny('The request was taken back.'), 'canceled');
    });
    if (this.#closed) this.#settleSoon(pending, deny('The editor window was closed.'), 'closed');
    else detach(this.#askNext(), this.#onError);
  }

  /**
   * Answers a pending request from elsewhere than the prompter.
   * @throws ArborError `notFound` for a request that is unknown or settled: nothing is changed then
   */
  async answer(sessionId: string, requestId: string, answer: PermissionAnswer, by: string): Promise<void> {
    const pending = this.#pending.find(
      ({ incoming: { request } }) => request.sessionId === sessionId && request.id === requestId,
    );
    if (!pending) throw new ArborError({ code: 'notFound', what: 'This permission request is not open any more.' });
    await this.#settle(pending, answer, by);
  }

  /** Denies what a session still asks, such as when its turn is stopped. */
  denyAll(sessionId: string, reason: string, by: string): void {
    for (const pending of [...this.#pending]) {
      if (pending.incoming.request.sessionId === sessionId) this.#settleSoon(pending, deny(reason), by);
    }
  }

  /** The window closes: everything open and everything that still comes is denied. */
  close(): void {
    this.#closed = true;
    for (const pending of [...this.#pending])
      this.#settleSoon(pending, deny('The editor window was closed.'), 'closed');
  }

  /** Asks for the oldest request if none is being asked for; one at a time, so that prompts queue and never stack. */
  async #askNext(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (let pending = this.#pending[0]; pending; pending = this.#pending[0]) await this.#ask(pending);
    } finally {
      this.#asking = false;
    }
  }

  async #ask(pending: Pending): Promise<void> {
    const { request } = pending.incoming;
    try {
      const answer = await this.#prompter.prompt(request, pending.ended.token);
      await this.#settle(pending, isAnswer(answer) ? answer : deny('The answer was malformed.'), 'user');
    } catch (error) {
      if (!(error instanceof CancellationError)) this.#logger.error('The permission prompt failed', error);
      await this.#settle(pending, deny('The question could not be shown.'), 'error');
    }
  }

  #settleSoon(pending: Pending, answer: PermissionAnswer, by: string): void {
    detach(this.#settle(pending, answer, by), this.#onError);
  }

  readonly #onError = (error: unknown): void => {
    this.#logger.error('A permission request could not be settled', error);
  };

  async #settle(pending: Pending, wanted: PermissionAnswer, by: string): Promise<void> {
    if (pending.ended.token.isCancelled) return;
    this.#pending.splice(this.#pending.indexOf(pending), 1);
    pending.ended.cancel();
    const { incoming } = pending;
    let answer = wanted;
    try {
      await this.#record(incoming.request, answer, by);
    } catch (error) {
      this.#logger.error('A permission decision could not be recorded', error);
      if (answer.behavior === 'allow') answer = deny('The decision could not be recorded, so it was not allowed.');
    }
    try {
      incoming.answer(answer);
    } catch (error) {
      // The program took it back or is gone: nothing ran, and nothing will.
      this.#logger.info(`Permission ${incoming.request.id} was no longer open: ${String(error)}`);
      if (answer.behavior === 'allow') {
        answer = deny('The request was taken back before the answer came.');
        await this.#correct(incoming.request, answer);
      }
    }
    const { id, toolUseId, tool } = incoming.request;
    const settled = { kind: 'permission', request: id, toolUseId, tool } as const;
    if (answer.behavior === 'allow') pending.onSettled({ ...settled, phase: 'allowed', reason: by });
    else pending.onSettled({ ...settled, phase: 'denied', reason: answer.message });
  }

  /** The log must agree with what the program was told. */
  async #correct(request: PermissionRequest, answer: PermissionAnswer): Promise<void> {
    try {
      await this.#record(request, answer, 'canceled');
    } catch (error) {
      this.#logger.error('A permission decision could not be recorded', error);
    }
  }

  #record(request: PermissionRequest, answer: PermissionAnswer, by: string): Promise<void> {
    const { id, sessionId, folder, toolUseId, tool } = request;
    return this.#audit.record({
      at: this.#clock.now(),
      request: { id, sessionId, folder, toolUseId, tool },
      decision: answer.behavior,
      by,
      reason: answer.behavior === 'allow' ? '' : answer.message,
    });
  }
}

/** Prompters show hostile data and may be anything; what they give back is checked before anything is allowed. */
function isAnswer(answer: unknown): answer is PermissionAnswer {
  if (!isObject(answer)) return false;
  return answer['behavior'] === 'allow'
    ? isObject(answer['input'])
    : answer['behavior'] === 'deny' && typeof answer['message'] === 'string';
}
