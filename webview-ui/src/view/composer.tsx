import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Choice, SessionHeader } from '../../../src/protocol/chat/toView.js';
import { isRightToLeft } from '../text/direction.js';
import { Card } from './card.js';
import { useChat } from './context.js';
import { Icon } from './icon.js';
import { lineageSentence } from './lineageBar.js';

/** A text of more characters gets all the room there is, without being measured. */
const longText = 6000;

/** Whether a turn runs that can be stopped. */
function isRunning(header: SessionHeader): boolean {
  return header.state === 'running' || header.state === 'waiting' || header.state === 'stopping';
}

/** Where the user writes, with the menus and the buttons that send and stop. */
export function Composer({ header }: { readonly header: SessionHeader }): JSX.Element {
  const { store, post } = useChat();
  const area = useRef<HTMLTextAreaElement>(null);
  const text = store.draft.text.value;
  const blocked = store.app.value?.blocked ?? null;
  const running = isRunning(header);
  const stopping = header.state === 'stopping';
  const long = text.length > longText;
  const refusal = store.refusal.value;
  const wishes = store.focusRequests.value;

  useEffect(() => {
    if (wishes > 0) area.current?.focus();
  }, [wishes]);

  const send = (steers = false): void => {
    if (blocked) return;
    store.send(steers);
    // The button goes away with the text; the focus must not go with it.
    if (steers) area.current?.focus();
  };
  const stop = (): void => {
    if (running && !stopping) post({ type: 'stop', session: header.id });
    // The button goes away when the turn has ended; the focus must not go with it.
    area.current?.focus();
  };
  const keyDown = (event: KeyboardEvent): void => {
    // While an input method composes, its own keys are not ours.
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'Enter' && event.altKey && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      send(running);
    } else if (event.key === 'Escape' && running) {
      event.preventDefault();
      stop();
    }
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {blocked && <Card level="warning" explanation={blocked} session={header.id} />}
      {refusal && (
        <div role="alert">
          <Card level="error" explanation={refusal} session={header.id} />
        </div>
      )}
      <div class="composer-box">
        <div class={`grow ${long ? 'long' : ''}`} data-text={long ? '' : `${text}\n`}>
          <textarea
            ref={area}
            class="composer-text"
            aria-label="Message"
            aria-describedby={header.lineage ? lineageSentence : undefined}
            // Not `auto`: with it, a text of some megabytes keeps the browser busy for minutes.
            dir={isRightToLeft(text.slice(0, 500)) ? 'rtl' : 'ltr'}
            rows={1}
            placeholder={
              blocked
                ? 'Nothing can be sent now'
                : running
                  ? 'Enter queues, Alt+Enter steers'
                  : header.lineage?.kind === 'aside'
                    ? 'Ask aside'
                    : 'Ask Claude'
            }
            value={text}
            disabled={blocked !== null}
            onInput={(event) => {
              store.draft.type(event.currentTarget.value);
            }}
            onKeyDown={keyDown}
            onBlur={() => {
              store.draft.flush();
            }}
          />
        </div>
        <div class="composer-bar">
          <Menu
            label="Permission mode"
            value={header.mode}
            choices={header.modes}
            onChoose={(mode) => {
              post({ type: 'setMode', session: header.id, mode });
            }}
          />
          <Menu
            label="Model"
            value={header.model ?? 'default'}
            choices={header.models}
            onChoose={(model) => {
              post({ type: 'setModel', session: header.id, model });
            }}
          />
          <span class="spacer" />
          {running && (
            <button
              type="button"
              class="icon-button stop"
              title="Stop (Escape)"
              aria-label="Stop"
              disabled={stopping}
              onClick={stop}
            >
              <Icon name="debug-stop" />
            </button>
          )}
          {running && text.trim() !== '' && (
            <button
              type="button"
              class="icon-button"
              title="Steer: deliver at the next step (Alt+Enter)"
              aria-label="Steer"
              disabled={blocked !== null}
              onClick={() => {
                send(true);
              }}
            >
              <Icon name="debug-step-into" />
            </button>
          )}
          <button
            type="submit"
            class="icon-button send"
            title={running ? 'Queue: send when this turn is over (Enter)' : 'Send (Enter)'}
            aria-label="Send"
            disabled={blocked !== null || text.trim() === ''}
          >
            <Icon name="send" />
          </button>
        </div>
      </div>
    </form>
  );
}

function Menu<T extends string>({
  label,
  value,
  choices,
  onChoose,
}: {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice<T>[];
  readonly onChoose: (value: T) => void;
}): JSX.Element | null {
  const select = useRef<HTMLSelectElement>(null);
  const known = choices.some((choice) => choice.value === value);
  // The menu shows what the host says, also when the host did not take a choice.
  useLayoutEffect(() => {
    if (select.current && select.current.value !== value) select.current.value = value;
  });
  return (
    <select
      ref={select}
      class="menu"
      disabled={choices.length === 0}
      aria-label={label}
      title={`${label}: ${choices.find((choice) => choice.value === value)?.description ?? value}`}
      onChange={(event) => {
        const chosen = choices.find((choice) => choice.value === event.currentTarget.value);
        event.currentTarget.value = value;
        if (chosen) onChoose(chosen.value);
      }}
    >
      {!known && (
        <option value={value} disabled>
          {value === 'default' ? `Default ${label.toLowerCase()}` : value}
        </option>
      )}
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value} title={choice.description}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}
