import { CancellationError, type CancellationToken } from '../../../src/base/cancellation.js';
import { Deferred } from '../../../src/base/deferred.js';
import type { PermissionPrompter } from '../../../src/core/permissions/broker.js';
import type { PermissionAnswer, PermissionRequest } from '../../../src/core/permissions/request.js';

/** A prompt on the screen, to be answered by the test. */
export interface Shown {
  readonly request: PermissionRequest;
  readonly token: CancellationToken;
  readonly answer: Deferred<PermissionAnswer>;
}

/** Shows nothing; ends a prompt when its token is cancelled, as the contract says, unless told to be deaf. */
export class FakePrompter implements PermissionPrompter {
  readonly shown: Shown[] = [];
  isDeaf = false;

  prompt(request: PermissionRequest, token: CancellationToken): Promise<PermissionAnswer> {
    const shown = { request, token, answer: new Deferred<PermissionAnswer>() };
    this.shown.push(shown);
    if (!this.isDeaf) token.onCancelled(() => shown.answer.reject(new CancellationError()));
    return shown.answer.promise;
  }

  /** The prompts that a user sees now. */
  get open(): readonly Shown[] {
    return this.shown.filter(({ token }) => !token.isCancelled);
  }
}
