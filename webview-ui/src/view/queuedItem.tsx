import type { JSX } from 'preact';
import type { QueuedMessage } from '../../../src/protocol/chat/toView.js';
import { Icon } from './icon.js';
import { controlsOf, keyAction, stateWords, type QueueAction, type QueuePlace } from './queueControls.js';
import { QueueEditor } from './queueEditor.js';
import { Visible } from './visible.js';

/** A message that was not delivered yet: its words, what it waits for, and what can be done with it. */
export function QueuedItem({
  message,
  at,
  act,
  save,
  cancel,
}: {
  readonly message: QueuedMessage;
  readonly at: QueuePlace;
  readonly act: (action: QueueAction) => void;
  readonly save: (text: string) => void;
  readonly cancel: () => void;
}): JSX.Element {
  const { id, text, cut, state = 'waiting' } = message;
  if (state === 'edited' && cut !== true) {
    return (
      <li role="listitem" data-id={id} class="queued edited">
        <QueueEditor text={text} save={save} cancel={cancel} />
      </li>
    );
  }
  const { icon, words } = stateWords(message, at.running);
  const controls = controlsOf(message, at);
  return (
    <li role="listitem" data-id={id} class={`queued ${state}`}>
      <p class="queue-text" dir="auto">
        <Visible text={text.slice(0, 300)} />
      </p>
      <div class="queue-bar">
        <span class="queue-state">
          <Icon name={icon} />
          <span>{words}</span>
        </span>
        <div
          role="toolbar"
          aria-label={`Queued message ${at.place + 1}`}
          class="queue-actions"
          onKeyDown={(event) => {
            const action = keyAction(event);
            if (action === null) walk(event);
            else {
              event.preventDefault();
              if (controls.some((control) => control.action === action && control.enabled)) act(action);
            }
          }}
        >
          {controls.map(({ action, name, title, icon: own, enabled }, index) => {
            // One button, whose name and meaning change.
            const control = action === 'release' ? 'hold' : action;
            return (
              <button
                key={control}
                type="button"
                class="icon-button"
                title={title}
                aria-label={name}
                // Not `disabled`, with which the focus would be lost.
                aria-disabled={!enabled}
                data-control={control}
                tabIndex={index === 0 ? 0 : -1}
                onClick={() => {
                  if (enabled) act(action);
                }}
              >
                <Icon name={own} />
              </button>
            );
          })}
        </div>
      </div>
    </li>
  );
}

/** One stop for the Tab key a message; arrows go from button to button, up and down from message to message. */
function walk(event: KeyboardEvent): void {
  const { target, key } = event;
  if (!(target instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return;
  const item = target.closest('li');
  const row = [...(item?.querySelectorAll<HTMLElement>('[data-control]') ?? [])];
  const at = row.indexOf(target);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: row.length - 1 }[key];
  let to: HTMLElement | null | undefined;
  if (next !== undefined) to = row[(next + row.length) % row.length];
  else if (key === 'ArrowDown' || key === 'ArrowUp') {
    const other = key === 'ArrowDown' ? item?.nextElementSibling : item?.previousElementSibling;
    to = other?.querySelector<HTMLElement>(`[data-control="${target.dataset['control'] ?? ''}"]`);
  } else return;
  event.preventDefault();
  to?.focus();
}
