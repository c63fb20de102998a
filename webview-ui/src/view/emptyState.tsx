import type { JSX } from 'preact';
import { useChat } from './context.js';

/** Prompts that the demo model understands, with what one sees then. */
const demoPrompts = [
  ['Show me some TypeScript code', 'an answer that streams in'],
  ['Run the tests', 'a command, after you allowed it'],
  ['Edit README.md', 'a change to a file, after you allowed it'],
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
            {demoPrompts.map(([prompt, outcome]) => (
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
                  <span class="example-outcome">{outcome}</span>
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
