import type { JSX } from 'preact';
import { useChat } from './context.js';

const demoPrompts = [
  'Show me a table and some code',
  'Run the tests with a command',
  'Change a file and ask me first',
] as const;

/** What a conversation without messages shows: what this is, and what one can do first. */
export function EmptyState(): JSX.Element {
  const { store } = useChat();
  const demo = store.app.value?.demo === true;
  return (
    <div class="empty">
      <h2>What shall we work on?</h2>
      <p>
        Claude can read this folder, run commands and change files. It asks before it does what you have not allowed.
      </p>
      {demo && (
        <>
          <p>Some things to try with the demo model:</p>
          <ul class="examples">
            {demoPrompts.map((prompt) => (
              <li key={prompt}>
                <button
                  type="button"
                  class="example"
                  onClick={() => {
                    store.draft.type(prompt);
                    store.focusRequests.value += 1;
                  }}
                >
                  {prompt}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="keys">
        <kbd>Enter</kbd> sends, <kbd>Shift+Enter</kbd> starts a new line, <kbd>Escape</kbd> stops Claude.
      </p>
    </div>
  );
}
