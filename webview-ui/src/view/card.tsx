import type { JSX } from 'preact';
import type { ErrorAction, Explanation } from '../../../src/base/errors.js';
import { useChat } from './context.js';
import { Icon, type IconName } from './icon.js';

const labels: Readonly<Record<ErrorAction, string>> = {
  retry: 'Try Again',
  openSettings: 'Open Settings',
  showLog: 'Show Log',
  signIn: 'Sign In',
  newSession: 'Start a New Session',
  manageTrust: 'Manage Workspace Trust',
  sendRecap: 'Send a Recap',
  recapInNewSession: 'Recap in a New Session',
  showRawEvents: 'Show Raw Events',
  installProgram: 'How to Install',
  openFolder: 'Open Folder',
};

const icons: Readonly<Record<'error' | 'warning' | 'info', IconName>> = {
  error: 'error',
  warning: 'warning',
  info: 'info',
};

/** What happened, what was kept and what to do, with buttons and the folded detail. */
export function Card({
  level,
  explanation,
  session,
}: {
  readonly level: 'error' | 'warning' | 'info';
  readonly explanation: Explanation;
  readonly session: string | null;
}): JSX.Element {
  const { post } = useChat();
  const { what, kept, next, detail, actions } = explanation;
  return (
    <div class={`card card-${level}`}>
      <Icon name={icons[level]} />
      <div class="card-text">
        <p class="card-what">
          {level !== 'info' && <span class="for-readers">{level === 'error' ? 'Error: ' : 'Warning: '}</span>}
          {what}
        </p>
        {kept !== undefined && <p>{kept}</p>}
        {next !== undefined && <p>{next}</p>}
        {detail !== undefined && detail !== '' && (
          <details>
            <summary>Details</summary>
            <pre class="card-detail" tabIndex={0} role="group" aria-label="Details">
              {detail}
            </pre>
          </details>
        )}
        {actions !== undefined && actions.length > 0 && (
          <div class="card-actions">
            {actions.map((action) => (
              <button
                key={action}
                type="button"
                class="button secondary"
                onClick={() => {
                  post({ type: 'action', session, action });
                }}
              >
                {labels[action]}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
