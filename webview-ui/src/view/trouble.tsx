import type { JSX } from 'preact';
import type { ReadonlySignal } from '@preact/signals';

/** A bar that says that the view had a problem, and loads it again. */
export function TroubleBar({
  shown,
  onReload,
}: {
  readonly shown: ReadonlySignal<boolean>;
  readonly onReload: () => void;
}): JSX.Element | null {
  if (!shown.value) return null;
  return (
    <div class="trouble" role="alert">
      <span>The view had a problem. Your session goes on and nothing is lost.</span>
      <button type="button" class="button" onClick={onReload}>
        Reload View
      </button>
    </div>
  );
}

/**
 * What the log may know of a failure in the view: the kind of error and the places in our code. Its message is left
 * out, as it may hold text of the conversation.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `A ${typeof error} was thrown`;
  const places = [...(error.stack ?? '').matchAll(/([\w.-]+\.js)(?:\?[^:)\s]*)?:(\d+):(\d+)/gu)]
    .slice(0, 8)
    .map(([, file, line, column]) => `${file ?? ''}:${line ?? ''}:${column ?? ''}`);
  return [error.name, ...places].join(' ').slice(0, 2000);
}
