import type { JSX } from 'preact';
import type { LineageView } from '../../../src/protocol/chat/toView.js';
import { useChat } from './context.js';
import { Icon } from './icon.js';

/** The id of the bar's sentence, which describes the message box too: who lands there hears where they are. */
export const lineageSentence = 'lineage-sentence';

/** Where a fork comes from; and of an aside that nothing stays of it, with what ends it. */
export function LineageBar({
  session,
  lineage,
}: {
  readonly session: string;
  readonly lineage: LineageView;
}): JSX.Element {
  const { post } = useChat();
  const isAside = lineage.kind === 'aside';
  const parent = <Parent parent={lineage.parent} />;
  return (
    <div class={`lineage ${lineage.kind}`} role="group" aria-label={isAside ? 'Aside' : 'Fork'}>
      <div class="lineage-head">
        <Icon name={isAside ? 'comment-discussion' : 'repo-forked'} />
        <p class="lineage-text" id={lineageSentence}>
          {isAside ? <>Aside: nothing here changes {parent}</> : <>Fork of {parent}</>}
        </p>
      </div>
      {isAside && (
        <div class="lineage-actions">
          <button
            type="button"
            class="button secondary"
            title="Keep this conversation as a session of its own"
            onClick={() => {
              post({ type: 'keepAside', session });
            }}
          >
            Keep as Fork
          </button>
          <button
            type="button"
            class="button secondary"
            title="Delete this aside with all that was said in it, and go back"
            onClick={() => {
              post({ type: 'discardAside', session });
            }}
          >
            Discard
          </button>
        </div>
      )}
    </div>
  );
}

function Parent({ parent }: Pick<LineageView, 'parent'>): JSX.Element {
  const { post } = useChat();
  if (parent === null) return <span>a session that is gone</span>;
  const { id, name } = parent;
  return (
    <button
      type="button"
      class="link lineage-parent"
      title={`Open “${nameOf(name)}”`}
      onClick={() => {
        post({ type: 'openSession', id });
      }}
    >
      <bdi>{nameOf(name)}</bdi>
    </button>
  );
}

function nameOf(name: string): string {
  return name === '' ? 'New session' : name;
}
