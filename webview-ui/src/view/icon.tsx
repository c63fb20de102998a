import type { JSX } from 'preact';

/** The icons that the view uses, of the editor's own set; each has a class in `icons.css`. */
export type IconName =
  | 'add'
  | 'arrow-down'
  | 'arrow-up'
  | 'check'
  | 'chevron-right'
  | 'circle-slash'
  | 'copy'
  | 'debug-pause'
  | 'debug-step-into'
  | 'debug-stop'
  | 'edit'
  | 'error'
  | 'file'
  | 'folder'
  | 'git-branch'
  | 'info'
  | 'history'
  | 'lightbulb'
  | 'link'
  | 'loading'
  | 'play'
  | 'question'
  | 'refresh'
  | 'send'
  | 'shield'
  | 'terminal'
  | 'tools'
  | 'trash'
  | 'warning'
  | 'worktree'
  | 'search'
  | 'globe'
  | 'organization'
  | 'checklist'
  | 'sparkle'
  | 'repo-forked'
  | 'comment-discussion'
  | 'stop-circle';

/** An icon beside a text that says the same; hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return <span class={`icon icon-${name}`} aria-hidden="true" />;
}
