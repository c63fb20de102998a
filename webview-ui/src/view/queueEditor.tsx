import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** A queued message's text while the user changes it. When it goes away without an answer, what was typed is taken. */
export function QueueEditor({
  text,
  save,
  cancel,
}: {
  readonly text: string;
  readonly save: (text: string) => void;
  readonly cancel: () => void;
}): JSX.Element {
  const [typed, setTyped] = useState(text);
  const open = useRef({ typed, save, answered: false });
  open.current = { ...open.current, typed, save };
  const isEmpty = typed.trim() === '';

  useEffect(
    () => () => {
      const last = open.current;
      if (!last.answered && last.typed.trim() !== '') last.save(last.typed);
    },
    [],
  );

  const take = (): void => {
    if (isEmpty) return;
    open.current.answered = true;
    save(typed);
  };
  const giveUp = (): void => {
    open.current.answered = true;
    cancel();
  };
  return (
    <div class="queue-editor">
      <textarea
        aria-label="Text of the queued message"
        data-control="edit"
        dir="auto"
        rows={Math.min(8, Math.max(2, typed.split('\n').length))}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
          if (event.key === 'Enter' && isPlain) {
            event.preventDefault();
            take();
          } else if (event.key === 'Escape') {
            event.preventDefault();
            giveUp();
          }
        }}
      />
      <div class="queue-editor-bar">
        <button type="button" class="button" title="Save (Enter)" data-control="save" disabled={isEmpty} onClick={take}>
          Save
        </button>
        <button type="button" class="button secondary" title="Cancel (Escape)" data-control="cancel" onClick={giveUp}>
          Cancel
        </button>
      </div>
    </div>
  );
}
