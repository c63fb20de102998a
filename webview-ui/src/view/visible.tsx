import type { JSX } from 'preact';
import { visibleParts } from '../text/visible.js';

/** Text in which characters that cannot be seen, or that turn the order of others, are shown as marks. */
export function Visible({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {visibleParts(text).map((part, index) =>
        typeof part === 'string' ? (
          part
        ) : (
          <span key={index} class="hidden-mark" title={part.name}>
            {part.mark}
          </span>
        ),
      )}
    </>
  );
}
