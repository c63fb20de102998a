import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DiffLine } from '../text/lineDiff.js';
import { Visible } from './visible.js';

/** Lines that are shown of a long text before it is unfolded, and characters, as a line can be long. */
const folded = { lines: 8, characters: 2000 };
/** The same for what the user wrote, which is worth more room. */
const foldedUser = { lines: 24, characters: 6000 };
/** What is shown of it at most, unfolded; more is for an editor. */
const unfoldedCharacters = 100_000;

/** A text in fixed-width letters (or, as `text`, in the usual ones) that is folded when it is long. */
export function Foldable({
  text,
  label,
  kind = 'code',
  diff,
  more,
}: {
  readonly text: string;
  readonly label: string;
  readonly kind?: 'code' | 'command' | 'text' | 'diff' | 'error' | 'user';
  /** The lines, for the kind `diff`; `text` is not used then. */
  readonly diff?: readonly DiffLine[];
  /** Stands beside the button that unfolds. */
  readonly more?: ComponentChildren;
}): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const lines = diff ? diff.length : countLines(text);
  const characters = diff ? diff.reduce((sum, line) => sum + line.text.length, 0) : text.length;
  if (characters === 0 && more === undefined) return null;
  const limit = kind === 'user' ? foldedUser : folded;
  const long = lines > limit.lines + 2 || characters > limit.characters;
  const cut = characters > unfoldedCharacters && open;
  return (
    <div class="foldable">
      {characters > 0 && (
        <pre
          class={kind === 'user' ? 'user-pre' : `tool-code kind-${kind}`}
          dir={kind === 'text' || kind === 'user' ? 'auto' : 'ltr'}
          {...(kind === 'user' ? {} : { tabIndex: 0, role: 'group', 'aria-label': label })}
        >
          {diff ? (
            <DiffLines lines={open || !long ? diff : diff.slice(0, limit.lines)} />
          ) : (
            <Visible text={open || !long ? text.slice(0, unfoldedCharacters) : start(text, limit)} />
          )}
        </pre>
      )}
      {(long || more !== undefined) && (
        <div class="fold-actions">
          {long && (
            <button
              type="button"
              class="link"
              aria-expanded={open}
              onClick={() => {
                setOpen(!open);
              }}
            >
              {open ? 'Show less' : `Show all (${lines > 1 ? `${lines} lines` : `${characters} characters`})`}
            </button>
          )}
          {cut && <span class="tool-note">Only the first part is shown here.</span>}
          {more}
        </div>
      )}
    </div>
  );
}

function DiffLines({ lines }: { readonly lines: readonly DiffLine[] }): JSX.Element {
  return (
    <>
      {lines.map((line, index) => (
        <span key={index} class={line.sign === '+' ? 'added' : line.sign === '-' ? 'removed' : 'kept'}>
          <span class="sign">{line.sign}</span>
          <Visible text={line.text} />
          {'\n'}
        </span>
      ))}
    </>
  );
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return text.endsWith('\n') ? count - 1 : count;
}

function start(text: string, limit: { readonly lines: number; readonly characters: number }): string {
  let end = -1;
  for (let line = 0; line < limit.lines; line++) {
    const next = text.indexOf('\n', end + 1);
    if (next < 0) {
      end = text.length;
      break;
    }
    end = next;
  }
  return text.slice(0, Math.min(end, limit.characters));
}
