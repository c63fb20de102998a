import type { JSX } from 'preact';

/** The icons that the view uses, of the editor's own set; each has a class in `icons.css`. */
export type IconName =
  | 'add'
  | 'arrow-down'
  | 'check'
  | 'chevron-right'
  | 'circle-slash'
  | 'copy'
  | 'debug-stop'
  | 'edit'
  | 'error'
  | 'file'
  | 'folder'
  | 'git-branch'
  | 'info'
  | 'lightbulb'
  | 'link'
  | 'loading'
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
  | 'comment-discussion';

/** An icon beside a text that says the same; hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return <span class={`icon icon-${name}`} aria-hidden="true" />;
}
