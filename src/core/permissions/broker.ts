import { CancellationError, CancellationSource, type CancellationToken } from '../../base/cancellation.js';
import type { Clock } from '../../base/clock.js';
import { Deferred } from '../../base/deferred.js';
import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
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
  /** Told as soon as it does not wait for an answer any more. */
  readonly onAnswered: () => void;
  /** Resolves when it is settled, so that the next one is asked for even if the prompt for this one does not end. */
  readonly settled: Deferred<void>;
  /** Cancelled then, so that the prompt for it ends. */
  readonly ended: CancellationSource;
  /** Listens for the program taking it back. */
  takenBack: Disposable | null;
  /** Why it must not be allowed any more, although the user has just allowed it. */
  revoked: { readonly reason: string; readonly by: string } | null;
}

/** What the program was told, and who decided that. */
interface Decided {
  readonly answer: PermissionAnswer;
  readonly by: string;
}

const closedReason = 'The editor window was closed.';

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
  /** Those that are settled, but whose decision is still being recorded. */
  readonly #recording = new Set<Pending>();
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
   * @param onAnswered told once, before that: it does not wait for an answer any more
   */
  take(incoming: IncomingPermission, onSettled: Settle, onAnswered: () => void = () => undefined): void {
    const pending: Pending = {
      incoming,
      onSettled,
      onAnswered,
      settled: new Deferred<void>(),
      ended: new CancellationSource(),
      takenBack: null,
      revoked: null,
    };
    this.#pending.push(pending);
    if (this.#closed) {
      this.#revoke(pending, closedReason, 'closed');
      return;
    }
    pending.takenBack = incoming.token.onCancelled(() => {
      this.#revoke(pending, 'The request was taken back.', 'canceled');
    });
    detach(this.#askNext(), this.#onError);
  }

  /**
   * Answers a pending request from elsewhere than the prompter. A malformed answer is a denial.
   * @throws ArborError `notFound` for a request that is unknown or settled: nothing is changed then
   */
  async answer(sessionId: string, requestId: string, answer: PermissionAnswer, by: string): Promise<void> {
    const pending = this.#pending.find(
      ({ incoming: { request } }) => request.sessionId === sessionId && request.id === requestId,
    );
    if (!pending) throw new ArborError({ code: 'notFound', what: 'This permission request is not open any more.' });
    await this.#settle(pending, checked(answer), by);
  }

  /** Denies what a session still asks, such as when its turn is stopped. */
  denyAll(sessionId: string, reason: string, by: string): void {
    for (const pending of [...this.#recording, ...this.#pending]) {
      if (pending.incoming.request.sessionId === sessionId) this.#revoke(pending, reason, by);
    }
  }

  /** The window closes: everything open and everything that still comes is denied. */
  close(): void {
    this.#closed = true;
    for (const pending of [...this.#recording, ...this.#pending]) this.#revoke(pending, closedReason, 'closed');
  }

  /** Asks for the oldest request if none is being asked for; one at a time, so that prompts queue and never stack. */
  async #askNext(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      // Who hands in a request that is to be denied at once can do so before it is shown.
      await Promise.resolve();
      for (let pending = this.#pending[0]; pending; pending = this.#pending[0]) {
        detach(this.#ask(pending), this.#onError);
        await pending.settled.promise;
      }
    } finally {
      this.#asking = false;
    }
  }

  async #ask(pending: Pending): Promise<void> {
    const { token } = pending.ended;
    try {
      const answer = await this.#prompter.prompt(pending.incoming.request, token);
      await this.#settle(pending, checked(answer), 'user');
    } catch (error) {
      if (token.isCancelled && error instanceof CancellationError) return;
      this.#logger.error('The permission prompt failed', error);
      await this.#settle(pending, deny('The question could not be shown.'), 'error');
    }
  }

  /** Denies a request that waits, or one whose approval is not with the program yet. */
  #revoke(pending: Pending, reason: string, by: string): void {
    pending.revoked ??= { reason, by };
    detach(this.#settle(pending, deny(reason), by), this.#onError);
  }

  readonly #onError = (error: unknown): void => {
    this.#logger.error('A permission request could not be settled', error);
  };

  async #settle(pending: Pending, wanted: PermissionAnswer, by: string): Promise<void> {
    if (pending.ended.token.isCancelled) return;
    this.#pending.splice(this.#pending.indexOf(pending), 1);
    try {
      pending.ended.cancel();
    } catch (error) {
      this.#logger.error('A permission prompt could not be ended', error);
    }
    pending.settled.resolve();
    pending.onAnswered();
    this.#recording.add(pending);
    const decided = await this.#tell(pending, wanted, by);
    this.#recording.delete(pending);
    pending.takenBack?.dispose();
    pending.onSettled(settledEvent(pending.incoming.request, decided.answer, decided.by));
  }

  /** Records the decision and answers the program. @returns what it was told, and who decided that */
  async #tell(pending: Pending, wanted: PermissionAnswer, by: string): Promise<Decided> {
    const { incoming } = pending;
    let decided: Decided = { answer: wanted, by };
    try {
      await this.#record(incoming.request, decided);
    } catch (error) {
      this.#logger.error('A permission decision could not be recorded', error);
      if (wanted.behavior === 'allow') {
        decided = { answer: deny('The decision could not be recorded, so it was not allowed.'), by: 'error' };
      }
    }
    const { revoked } = pending;
    if (revoked && decided.answer.behavior === 'allow') {
      decided = { answer: deny(revoked.reason), by: revoked.by };
      await this.#correct(incoming.request, decided);
    }
    try {
      incoming.answer(decided.answer);
    } catch (error) {
      // The program took it back or is gone: nothing ran, and nothing will.
      this.#logger.info(`Permission ${incoming.request.id} was no longer open: ${String(error)}`);
      if (decided.answer.behavior === 'allow') {
        decided = { answer: deny('The request was taken back before the answer came.'), by: 'canceled' };
        await this.#correct(incoming.request, decided);
      }
    }
    return decided;
  }

  /** The log must agree with what the program was told. */
  async #correct(request: PermissionRequest, decided: Decided): Promise<void> {
    try {
      await this.#record(request, decided);
    } catch (error) {
      this.#logger.error('A permission decision could not be recorded', error);
    }
  }

  #record(request: PermissionRequest, { answer, by }: Decided): Promise<void> {
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

function settledEvent(request: PermissionRequest, answer: PermissionAnswer, by: string): PermissionEvent {
  const settled = {
    kind: 'permission',
    request: request.id,
    toolUseId: request.toolUseId,
    tool: request.tool,
  } as const;
  if (answer.behavior === 'allow') return { ...settled, phase: 'allowed', reason: by };
  return { ...settled, phase: 'denied', reason: answer.message, ...(by === 'canceled' ? { canceled: true } : {}) };
}

/** Prompters show hostile data and may be anything; what they give back is checked before anything is allowed. */
function checked(answer: unknown): PermissionAnswer {
  return isAnswer(answer) ? answer : deny('The answer was malformed.');
}

function isAnswer(answer: unknown): answer is PermissionAnswer {
  if (!isObject(answer)) return false;
  return answer['behavior'] === 'allow'
    ? isObject(answer['input'])
    : answer['behavior'] === 'deny' &&
        typeof answer['message'] === 'string' &&
        typeof answer['interrupt'] === 'boolean';
}
