/**
 * `AbortController` and `AbortSignal`, as far as Node and the browser agree on them, for the projects that have no
 * runtime of their own (`base`, `protocol`, `core`) and for `vscode`. Where there is a runtime its own declarations are used.
 * Source: https://dom.spec.whatwg.org/#aborting-ongoing-activities
 */
interface AbortSignal {
  /** Whether the abort has happened. */
  readonly aborted: boolean;
  /** What was given to `AbortController.abort`; undefined before. */
  readonly reason: unknown;
  /** Throws `reason` if the abort has happened. */
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Makes a signal and fires it, once. */
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare var AbortController: { new (): AbortController; readonly prototype: AbortController };
declare var AbortSignal: {
  readonly prototype: AbortSignal;
  /** A signal that fires as soon as one of the given ones does. */
  any(signals: Iterable<AbortSignal>): AbortSignal;
};
