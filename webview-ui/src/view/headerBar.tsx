import type { JSX } from 'preact';
import type { SessionHeader } from '../../../src/protocol/chat/toView.js';
import { useChat } from './context.js';
import { Icon } from './icon.js';

/** The session's name, folder, branch and worktree, and the ways to other sessions. */
export function HeaderBar({ header }: { readonly header: SessionHeader }): JSX.Element {
  const { post } = useChat();
  return (
    <div class="header">
      <div class="header-text">
        <h1 title={header.name}>{header.name === '' ? 'New session' : header.name}</h1>
        <p class="header-place">
          <span title={header.folder.path}>
            <Icon name="folder" />
            <span class="for-readers">Folder: </span>
            {header.folder.name}
          </span>
          {header.branch !== null && (
            <span title={`Branch ${header.branch}`}>
              <Icon name="git-branch" />
              <span class="for-readers">Branch: </span>
              {header.branch}
            </span>
          )}
          {header.worktree !== null && (
            <span title={`Git worktree of ${header.worktree.repository}`}>
              <Icon name="worktree" />
              <span class="for-readers">Worktree: </span>
              {header.worktree.name}
            </span>
          )}
        </p>
      </div>
      <div class="header-actions">
        {header.lineage?.kind !== 'aside' && (
          <button
            type="button"
            class="icon-button"
            title="Ask Aside: a question whose answer leaves this session as it is"
            aria-label="Ask Aside"
            onClick={() => {
              post({ type: 'askAside', session: header.id });
            }}
          >
            <Icon name="comment-discussion" />
          </button>
        )}
        <button
          type="button"
          class="icon-button"
          title="Fork from Now: a new session with everything that is here now"
          aria-label="Fork from Now"
          onClick={() => {
            post({ type: 'forkNow', session: header.id });
          }}
        >
          <Icon name="repo-forked" />
        </button>
        <button
          type="button"
          class="icon-button"
          title="New Session"
          aria-label="New Session"
          onClick={() => {
            post({ type: 'newSession' });
          }}
        >
          <Icon name="add" />
        </button>
      </div>
    </div>
  );
}
